"""A run's identity: a hash of everything that goes in, so that the same run is never made twice."""

import hashlib
import json
from typing import Any

from pydantic import Field

from sluiceway.contract import Contract
from sluiceway.names import Name, Version

_LATER = ("steps", "preview", "occasion")
RUN_ID_DIGITS = 12
"""Of the hash, in a run's id: 48 bits, within one project."""


class RunInputs(Contract):
    """Everything that decides what a run does."""

    project: Name
    code_version: Version
    dataset_versions: dict[str, Version]
    parameters: dict[str, str] = Field(default_factory=dict)
    steps: tuple[Name, ...] = ()
    preview: bool = False
    config: dict[str, Any]
    """`sluice.yaml`, as JSON."""
    occasion: str | None = None
    """The event that wants a run of its own, whatever has run before (`--force`, `always: true`)."""


def run_key(inputs: RunInputs, *, rerun: int = 0) -> str:
    """sha256 of the inputs as canonical JSON; `rerun` counts new tries of inputs whose runs all failed.

    What came later to the inputs is left out while it says nothing: ids outlive releases.
    """
    given = inputs.model_dump(mode="json")
    everything = {name: value for name, value in given.items() if value or name not in _LATER}
    everything["rerun"] = rerun
    canonical = json.dumps(everything, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def run_id(inputs: RunInputs, *, rerun: int = 0) -> str:
    """`<project>-<first digits of the run key>`: a valid name of an execution and of a job."""
    return f"{inputs.project}-{run_key(inputs, rerun=rerun)[:RUN_ID_DIGITS]}"


def refused_run_id(project: str, event_id: str) -> str:
    """Id of the run that an event would have started, had what it brought been usable."""
    digest = hashlib.sha256(f"{event_id}/{project}".encode()).hexdigest()
    return f"{project}-{digest[:RUN_ID_DIGITS]}"
