"""Exceptions to "granted, so used": actions that only AWS uses, each with its reason.

- role: EndpointRole
  action: logs:DescribeLogStreams
  reason: SageMaker asks for streams before it writes; the embedded one knows its own
"""

from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from ruamel.yaml import YAML


class Finding(Protocol):
    """What an exception may cover."""

    @property
    def role(self) -> str:
        """Logical name of the role."""

    @property
    def action(self) -> str:
        """The action, as the policy spells it."""


class Allowance(BaseModel):
    """One exception: a role by its logical name, an action, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: str
    action: str
    reason: str

    def covers(self, finding: Finding) -> bool:
        """Whether it is about this role and action."""
        return (self.role, self.action.lower()) == (finding.role, finding.action.lower())


def read_allowances(path: Path) -> list[Allowance]:
    """The exceptions in a YAML file; a ValueError names the file and what is wrong in it."""
    entries = YAML(typ="safe").load(path.read_text()) or []
    try:
        return TypeAdapter(list[Allowance]).validate_python(entries)
    except ValidationError as error:
        raise ValueError(f"{path}: {error}") from error
