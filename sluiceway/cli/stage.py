"""The deployed stage that a command talks to: its names, from one SSM parameter, and its clients."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sluiceway.errors import NotFound, PermanentError

if TYPE_CHECKING:
    from sluiceway.gateways.ledger import Ledger

StageOption = Annotated[
    str, typer.Option("--stage", envvar="SLUICEWAY_STAGE", help="deployed copy of the stacks to talk to")
]
JsonOption = Annotated[bool, typer.Option("--json", help="print JSON, for programs")]
DEFAULT_STAGE = "dev"


class DeadLetterSettings(BaseModel):
    """One queue of dead letters."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    arn: str
    moves: bool
    """Whether SQS itself moves its letters back to the queue from which they came."""


class StageSettings(BaseModel):
    """The parameter `/sluiceway/<stage>/settings`, written by the deployment. A newer one may hold more."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    stage: str
    uploads_bucket: str
    artifacts_bucket: str
    ledger_table: str
    event_bus: str
    run_pipeline_arn: str
    deploy_model_arn: str
    build_image_arn: str
    export_metrics_arn: str
    step_log_group: str
    job_queue: str
    build_project: str
    tracking_uri: str
    endpoint_prefix: str
    metrics_prefix: str
    schedule_group: str = ""
    fail_run_arn: str = ""
    webhook_url: str = ""
    dead_letters: dict[str, DeadLetterSettings] = Field(default_factory=dict)


@dataclass(frozen=True)
class Stage:
    """One deployed stage: its settings, and a client for each service, made once."""

    settings: StageSettings
    ledger: "Ledger"
    new_client: Callable[[str], Any]
    _clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        """The boto3 client of a service, under the caller's own credentials."""
        if service not in self._clients:
            self._clients[service] = self.new_client(service)
        return self._clients[service]


@cache
def open_stage(name: str) -> Stage:
    """Read the stage's settings with the credentials and region of the environment, once for each process."""
    import boto3

    session: Any = boto3.Session()
    return stage_of(name, session.client)


def stage_of(name: str, new_client: Callable[[str], Any]) -> Stage:
    """Open a stage with clients of the caller's making, for instance of an assumed role."""
    from sluiceway.gateways.dynamodb import DynamoTable
    from sluiceway.gateways.ledger import Ledger

    ssm = new_client("ssm")
    try:
        answer = ssm.get_parameter(Name=f"/sluiceway/{name}/settings")
    except ssm.exceptions.ParameterNotFound:
        raise NotFound(
            f"stage {name!r} is not deployed in this account's {ssm.meta.region_name}: deploy it with "
            f"`cdk deploy --all -c stage={name}`, or choose another with --stage or SLUICEWAY_STAGE"
        ) from None
    settings = _settings(name, answer["Parameter"]["Value"])
    return Stage(settings, Ledger(DynamoTable(new_client("dynamodb"), settings.ledger_table)), new_client)


def _settings(name: str, text: str) -> StageSettings:
    try:
        return StageSettings.model_validate(json.loads(text))
    except (ValidationError, ValueError) as error:
        raise PermanentError(
            f"the settings of stage {name!r} do not fit this version of sluice; deploy it again: {error}"
        ) from None
