"""Exceptions to "granted, so used", and to "tried, so granted", each with its reason.

    - role: EndpointsRole
      action: [logs:DescribeLogStreams, cloudwatch:PutMetricData]
      reason: SageMaker's own log and metric agents use them; the embedded one has none

    - role: QueryDatasetRole
      action: glue:GetTable
      resource: "*:table/other_database/*"
      denied: true
      reason: a test asks for a table that it may not see

Roles, actions and, where it is given, `resource` may hold `*` and `?`, as in policies.
"""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Protocol

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter, ValidationError


class Finding(Protocol):
    """What an exception may cover."""

    @property
    def role(self) -> str:
        """Logical name of the role."""

    @property
    def action(self) -> str:
        """The action, as the policy spells it."""

    @property
    def resources(self) -> tuple[str, ...]:
        """The resource patterns on which it is granted."""


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Patterns = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class Allowance(BaseModel):
    """One exception: roles by their logical names, actions, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: Patterns
    action: Patterns
    reason: str
    resource: str = "*"
    denied: bool = False
    """True where the role tries what it is not granted, because a test wants to see it refused."""

    def covers(self, finding: Finding) -> bool:
        """Whether it is about this role, this action and all of these resources."""
        from ministack.core.iam_evaluator import fnmatch_iam, fnmatch_iam_cs

        return (
            any(fnmatch_iam_cs(finding.role, pattern) for pattern in self.role)
            and any(fnmatch_iam(finding.action, pattern) for pattern in self.action)
            and all(fnmatch_iam_cs(each, self.resource) for each in finding.resources)
        )

    def parts(self) -> "Iterator[Allowance]":
        """One exception for each role and action that this one names."""
        for role, action in product(self.role, self.action):
            yield self.model_copy(update={"role": (role,), "action": (action,)})


def read_allowances(path: Path) -> list[Allowance]:
    """The exceptions in a YAML file; a ValueError names the file and what is wrong in it."""
    try:
        entries = yaml.safe_load(path.read_text()) or []
        return TypeAdapter(list[Allowance]).validate_python(entries)
    except (yaml.YAMLError, ValidationError) as error:
        raise ValueError(f"{path}: {error}") from error
