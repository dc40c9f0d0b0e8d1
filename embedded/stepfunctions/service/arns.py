"""ARNs of Step Functions: made, and taken apart.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html
"""

import re
from dataclasses import dataclass
from typing import Protocol

from embedded.stepfunctions.service import errors

_ARN = re.compile(r"arn:[a-z-]+:states:([a-z0-9-]+):(\d{12}):([A-Za-z]+):(.+)", re.DOTALL)


class Place(Protocol):
    """Account and region of the cloud."""

    @property
    def account_id(self) -> str:
        """The account."""

    @property
    def region(self) -> str:
        """The region."""


@dataclass(frozen=True)
class Reference:
    """A state machine, or one of its versions or aliases."""

    arn: str
    machine_arn: str
    name: str
    qualifier: str | None = None
    """A version's number or an alias's name."""

    @property
    def version(self) -> int | None:
        """The version's number."""
        return int(self.qualifier) if self.qualifier and self.qualifier.isdecimal() else None

    @property
    def alias(self) -> str | None:
        """The alias's name."""
        return self.qualifier if self.qualifier and not self.qualifier.isdecimal() else None


def make(place: Place, kind: str, name: str) -> str:
    """An ARN, e.g. of the kind `stateMachine`."""
    return f"arn:aws:states:{place.region}:{place.account_id}:{kind}:{name}"


def execution_arn(machine_arn: str, name: str) -> str:
    """The ARN of an execution of a state machine (without version or alias)."""
    return f"{machine_arn.replace(':stateMachine:', ':execution:', 1)}:{name}"


def check(arn: str, *kinds: str) -> str:
    """The name in an ARN of one of these kinds; InvalidArn for any other text."""
    if not arn.startswith("arn:"):
        raise errors.invalid_arn(f"Invalid ARN prefix: {arn}")
    match = _ARN.fullmatch(arn)
    if match is None:
        raise errors.invalid_arn(arn)
    if match[3] not in kinds:
        raise errors.invalid_arn(f"Resource type not valid in this context: {match[3]}")
    return match[4]


def machine(arn: str) -> Reference:
    """A state machine's ARN, with or without a version or an alias."""
    name, _, qualifier = check(arn, "stateMachine").partition(":")
    if ":" in qualifier:
        raise errors.invalid_arn(arn)
    return Reference(arn, arn.removesuffix(f":{qualifier}") if qualifier else arn, name, qualifier or None)


def unqualified(arn: str) -> Reference:
    """The ARN of a state machine itself."""
    found = machine(arn)
    if found.qualifier:
        raise errors.no_machine(arn)
    return found


def role(arn: str) -> str:
    """A role's ARN, checked for its form alone."""
    if not re.fullmatch(r"arn:[a-z-]+:iam::\d{12}:role/.+", arn):
        raise errors.invalid_arn(f"Invalid ARN prefix: {arn}" if not arn.startswith("arn:") else arn)
    return arn
