"""What every function shares: logger, tracer and metrics, its checked environment, and clients made once.

A handler of a state machine's task:

    class Environment(FunctionEnvironment):
        ledger_table: str                       # read from LEDGER_TABLE

    @task(PlanRunInput)
    def handler(given: PlanRunInput) -> PlanRunOutput:
        settings = environment(Environment)
        return plan_run(given, ledger=ledger(settings.ledger_table))
"""

import os
import warnings
from collections.abc import Callable
from functools import cache, wraps
from typing import Any, TypeVar

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.utilities.parser import parse
from botocore.config import Config
from pydantic import BaseModel, ConfigDict, ValidationError

from sluiceway.contract import Contract
from sluiceway.errors import PermanentError

# Most invocations count nothing but their cold start; Powertools would write a warning into each log.
warnings.filterwarnings("ignore", message="No application metrics to publish")

logger = Logger()
tracer = Tracer(patch_modules=("botocore",))
metrics = Metrics(namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "Sluiceway"))
# Most invocations add no metric of their own, and Powertools would warn of each of them.
warnings.filterwarnings("ignore", message="No application metrics to publish")

Event = dict[str, Any]
Handler = Callable[[Event, Any], Any]
Given = TypeVar("Given", bound=Contract)
Settings = TypeVar("Settings", bound="FunctionEnvironment")

CLIENT_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 4},
    connect_timeout=3,
    read_timeout=20,
    tcp_keepalive=True,
    user_agent_extra="sluiceway",
)
"""Three retries with jitter, no wait that outlives a function: what still fails is retried from outside."""


class InvalidEnvironment(PermanentError):
    """Environment variables of the function are missing or wrong: mend the stack that deployed it."""


class FunctionEnvironment(BaseModel):
    """Environment variables of a function: each field is read from the variable of its name in capitals."""

    model_config = ConfigDict(frozen=True)

    stage: str


@cache
def environment(model: type[Settings]) -> Settings:
    """The environment, checked once; raises `InvalidEnvironment` that names every wrong variable."""
    present = {name: os.environ[name.upper()] for name in model.model_fields if name.upper() in os.environ}
    try:
        return model.model_validate(present)
    except ValidationError as error:
        wrong = [f"{str(found['loc'][0]).upper()}: {found['msg']}" for found in error.errors()]
        raise InvalidEnvironment(f"environment variables of this function: {'; '.join(wrong)}") from error


@cache
def client(service: str) -> Any:
    """The boto3 client of a service, made once for all invocations of this process."""
    return boto3.client(service, config=CLIENT_CONFIG)  # type: ignore[call-overload]


def instrumented(handler: Handler) -> Handler:
    """Log, trace and count each invocation of a handler."""
    counted = metrics.log_metrics(handler, capture_cold_start_metric=True)
    traced = tracer.capture_lambda_handler(counted, capture_response=False)
    return logger.inject_lambda_context(traced, clear_state=True)


def task(model: type[Given]) -> Callable[[Callable[[Given], Contract]], Handler]:
    """A state machine's task: what it is given is parsed into `model`, what it returns becomes JSON."""

    def decorate(work: Callable[[Given], Contract]) -> Handler:
        @wraps(work)
        def handler(event: Event, _context: Any) -> Event:
            return work(parse(event=event, model=model)).model_dump(mode="json")

        return instrumented(handler)

    return decorate
