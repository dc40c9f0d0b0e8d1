"""Why something happened: the recorded facts from the first event to the end, as `sluice why` tells them."""

from typing import Literal

from sluiceway.contract import Contract
from sluiceway.gateways.records import (
    CodePointer,
    DatasetPointer,
    DeploymentRecord,
    EventRecord,
    ImageRecord,
    RunRecord,
)

Progress = Literal["done", "failed", "running", "left out", "not reached", "unknown"]


class Difference(Contract):
    """One thing in which a run's inputs differ from those of the run before."""

    what: str
    """For example `code`, `data flights`, `parameter trees`, `config gate.minimum`."""
    before: str | None
    """None: it was not there."""
    now: str | None


class StateVerdict(Contract):
    """What became of one state of `run_pipeline`, and why."""

    state: str
    progress: Progress
    text: str
    within: str | None = None
    """Of a step: the state that runs it."""
    seconds: float | None = None
    """How long it took; known while Step Functions remembers the execution, which is 90 days."""


class Inputs(Contract):
    """What a run was made of, and where each part came from."""

    code: CodePointer | None = None
    datasets: tuple[DatasetPointer, ...] = ()
    run_key: str | None = None


class Explanation(Contract):
    """Of a run, or of an event that led to none."""

    events: tuple[EventRecord, ...] = ()
    """From the first cause to the decision, then what followed from it."""
    run: RunRecord | None = None
    inputs: Inputs = Inputs()
    before: RunRecord | None = None
    """The project's run before this one that got as far as having inputs."""
    differences: tuple[Difference, ...] = ()
    image: ImageRecord | None = None
    states: tuple[StateVerdict, ...] = ()
    deployment: DeploymentRecord | None = None
    retry_of: str | None = None
    """The failed run that this one tries again (`sluice redrive`)."""
    retried_as: str | None = None
    """The run that tries this one again."""
