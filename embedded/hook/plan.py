"""A fault plan: which calls go wrong, and how. YAML in, frozen models out.

faults:
  - name: the ledger's third answer is lost
    service: dynamodb
    operation: PutItem
    caller: "*RecordRun*"
    nth: 3
    action: lost_answer
"""

from collections.abc import Sequence
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from botocore.model import ServiceModel
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from embedded import shapes
from embedded.hook import operations
from sluiceway.errors import SluicewayError

_GLOB = set("*?[")


class PlanError(SluicewayError):
    """A fault plan cannot be understood; the message says where and why."""


class Action(StrEnum):
    """What a fault does to a call."""

    FAIL_BEFORE = "fail_before"
    """An error is answered, and nothing is done."""
    FAIL_AFTER = "fail_after"
    """It is done, and an error is answered."""
    LOST_ANSWER = "lost_answer"
    """It is done, and the connection is closed without an answer: the client tries again."""
    THROTTLE = "throttle"
    """The service's own throttling error is answered, and nothing is done."""
    DELAY = "delay"
    """It is done `seconds` later. What a service delivers in here holds its thread up as long, too."""
    KILL = "kill"
    """The server is killed (`SIGKILL`) `moment` it is done, as in a power cut."""


_FIELDS_OF: dict[str, frozenset[Action]] = {
    "code": frozenset({Action.FAIL_BEFORE, Action.FAIL_AFTER}),
    "status": frozenset({Action.FAIL_BEFORE, Action.FAIL_AFTER}),
    "message": frozenset({Action.FAIL_BEFORE, Action.FAIL_AFTER}),
    "seconds": frozenset({Action.DELAY}),
    "moment": frozenset({Action.KILL}),
}
_WHICH = ("nth", "every", "first", "probability")


class Fault(BaseModel):
    """One entry of a plan. What is not given matches every call; texts may be globs, cases count."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1)]
    """What the record and `sluice local faults show` call it."""
    service: str = "*"
    """As policies name it (`states`) or as boto3 does (`stepfunctions`)."""
    operation: str = "*"
    """Botocore's name: `PutItem`, `Invoke`."""
    caller: str = "*"
    """Name or ARN of a role or a user, `root`, or the service that calls: `states.amazonaws.com`."""
    resource: str = "*"
    """ARN."""
    parameters: dict[str, str] = Field(default_factory=dict)
    """Globs of top-level parameters, by their names on the wire."""
    nth: Annotated[int, Field(ge=1)] | None = None
    every: Annotated[int, Field(ge=1)] | None = None
    first: Annotated[int, Field(ge=1)] | None = None
    probability: Annotated[float, Field(gt=0, le=1)] | None = None
    seed: int | None = None
    """Of `probability`: the same seed picks the same of the matching calls."""
    action: Action
    code: str | None = None
    status: Annotated[int, Field(ge=400, le=599)] | None = None
    message: str | None = None
    seconds: Annotated[float, Field(gt=0, le=900)] | None = None
    moment: Literal["before", "after"] | None = None

    @field_validator("service")
    @classmethod
    def _as_policies_name_it(cls, name: str) -> str:
        return name if _is_glob(name) else prefix_of(name)

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        for field, actions in _FIELDS_OF.items():
            if getattr(self, field) is not None and self.action not in actions:
                raise ValueError(
                    f"{field}: not with {self.action}; it belongs to {', '.join(sorted(actions))}"
                )
        chosen = [field for field in _WHICH if getattr(self, field) is not None]
        if len(chosen) > 1:
            raise ValueError(f"{' and '.join(chosen)}: only one of {', '.join(_WHICH)} can be given")
        if (self.probability is None) != (self.seed is None):
            raise ValueError("probability and seed: only together, so that a run can be repeated")
        if self.action is Action.DELAY and self.seconds is None:
            raise ValueError("seconds: needed for delay")
        _check_operation(self.service, self.operation)
        return self


class FaultPlan(BaseModel):
    """All that goes wrong. Of several entries that match a call, the first that is due acts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    faults: tuple[Fault, ...]

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [each.name for each in self.faults]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"faults: these names are given twice: {', '.join(twice)}")
        return self


def load(path: Path) -> FaultPlan:
    """A plan from a YAML file."""
    try:
        return parse(yaml.safe_load(path.read_text()), where=str(path))
    except OSError as error:
        raise PlanError(f"{path} cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise PlanError(f"{path} is not YAML: {error}") from error


def parse(value: Any, *, where: str = "the plan") -> FaultPlan:
    """A plan from what YAML or JSON holds."""
    try:
        return FaultPlan.model_validate(value)
    except ValidationError as error:
        lines = [
            _place(each["loc"], value) + each["msg"].removeprefix("Value error, ") for each in error.errors()
        ]
        raise PlanError(
            "\n".join([f"{where} is not a fault plan:", *(f"  {line}" for line in lines)])
        ) from error


def _place(path: Sequence[int | str], value: Any) -> str:
    if not path:
        return ""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
    name = _name_of(path, value)
    return f"{text}{f' ({name})' if name else ''}: "


def _name_of(path: Sequence[int | str], value: Any) -> str:
    try:
        return str(value["faults"][path[1]]["name"])
    except (KeyError, IndexError, TypeError):
        return ""


def _is_glob(text: str) -> bool:
    return bool(_GLOB & set(text))


def prefix_of(name: str) -> str:
    """A service as policies name it, from that name or from boto3's; ValueError where there is none."""
    if name in operations.known_services():
        model = shapes.service_model(name)
        return _PREFIXES.get(model.endpoint_prefix, model.signing_name)
    if not _models_of(name):
        close = get_close_matches(name, operations.known_services(), n=3)
        raise ValueError(f"there is no {name!r}; close: {', '.join(close) or 'none'}")
    return name


_PREFIXES = {"monitoring": "cloudwatch"}
_MODELS = {
    "states": ("stepfunctions",),
    "cloudwatch": ("cloudwatch",),
    "sagemaker": ("sagemaker", "sagemaker-runtime"),
}


def _models_of(prefix: str) -> Sequence[ServiceModel]:
    names = _MODELS.get(prefix, (prefix,) if prefix in operations.known_services() else ())
    return [shapes.service_model(name) for name in names]


def _check_operation(service: str, operation: str) -> None:
    if _is_glob(service) or _is_glob(operation):
        return
    known = [name for model in _models_of(service) for name in model.operation_names]
    if known and operation not in known:
        close = get_close_matches(operation, known, n=3)
        raise ValueError(f"operation: {service} has no {operation!r}; close: {', '.join(close) or 'none'}")
