"""What the ledger said at the moment of a decision: all that the rules look at, kept with the decision."""

from typing import Any

from pydantic import Field

from sluiceway.contract import Contract
from sluiceway.names import Name, Version
from sluiceway.triggers.contracts import Commit


class CodeFound(Contract):
    """The code that a decision is about."""

    code_version: Version
    datasets: tuple[Name, ...]
    config: dict[str, Any]
    """`sluice.yaml` as JSON, without what it leaves at its default."""
    parameters: tuple[str, ...] | None = None
    """Names of the parameters that a run may be given; None: not known before its plan."""
    commit: Commit | None = None
    retired: str | None = None
    """Of the latest code: why nothing starts runs of the project by itself any more."""


class Situation(Contract):
    """Of one project."""

    project: Name
    code: CodeFound | None
    """The latest code, or the version that was asked for; None: there is none."""
    datasets: dict[Name, Version] = Field(default_factory=dict)
    """Of those that the code uses: the latest version, where there is one."""
    known_versions: dict[Name, bool] = Field(default_factory=dict)
    """Of dataset versions that were asked for: whether the ledger knows them."""
    going: str | None = None
    """Of a schedule: its run that has not ended."""
    going_since: str | None = None
    """The moment that this run is of."""


class Concerned(Contract):
    """The projects that a new version of a dataset concerns: who had named it when that was first asked."""

    projects: tuple[Name, ...]
