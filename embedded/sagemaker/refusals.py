"""What SageMaker refuses, in its own words, and what this form of it does not do yet, by name."""

from collections.abc import Iterable, Mapping
from typing import Any

from embedded.wire import ApiError, Caller, Operation


def invalid(message: str) -> ApiError:
    """A ValidationException."""
    return ApiError("ValidationException", message)


def already_exists(kind: str, arn: str) -> ApiError:
    """A name is taken; `kind` in words, such as "endpoint configuration"."""
    return invalid(f'Cannot create already existing {kind} "{arn}".')


def not_found(kind: str, arn: str) -> ApiError:
    """There is no such resource."""
    return invalid(f'Could not find {kind} "{arn}".')


def in_progress(arn: str) -> ApiError:
    """An endpoint that is being changed takes no other change."""
    return invalid(f'Cannot update in-progress endpoint "{arn}".')


def refuse_others(where: str, params: Mapping[str, Any], known: Iterable[str]) -> None:
    """Refuse, by name, members that would be silently without effect."""
    others = sorted(key for key, value in params.items() if value and key not in frozenset(known))
    if others:
        raise invalid(f"{where}: {', '.join(others)} not implemented by the embedded SageMaker")


_NEVER = (
    "CreateTrainingJob",
    "CreateProcessingJob",
    "CreateHyperParameterTuningJob",
    "CreateAutoMLJobV2",
    "CreateInferenceComponent",
    "UpdateInferenceComponent",
    "CreatePipeline",
    "CreateModelPackage",
    "CreateMonitoringSchedule",
    "CreateMlflowTrackingServer",
    "CreateNotebookInstance",
    "CreateDomain",
    "CreateCluster",
)


def never_here() -> Mapping[str, Operation]:
    """Operations that are refused with a sentence that names them."""
    return {name: _refuse(name) for name in _NEVER}


def _refuse(name: str) -> Operation:
    def refuse(_params: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        raise invalid(f"{name} is not implemented by the embedded SageMaker")

    return refuse
