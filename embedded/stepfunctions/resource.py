"""A Task's `Resource`, taken apart.

https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html
"""

from dataclasses import dataclass
from functools import lru_cache

_INTEGRATION = "arn:aws:states:::"
_PATTERNS = (".sync:2", ".sync", ".waitForTaskToken")


@dataclass(frozen=True)
class Resource:
    """What a Task calls, and how it waits for the end."""

    arn: str
    kind: str
    """`integration`, `function` (a Lambda function by its ARN) or `activity`."""
    service: str = ""
    """`lambda`, `batch`, …; for calls through the SDK its name there, e.g. `dynamodb`."""
    operation: str = ""
    """In camel case, without the pattern: `submitJob`."""
    pattern: str = ""
    """`` (request and response), `.sync`, `.sync:2` or `.waitForTaskToken`."""
    sdk: bool = False
    """Whether it is an `aws-sdk:` integration."""

    @property
    def history_type(self) -> str:
        """`resourceType` in the history, e.g. `aws-sdk:dynamodb`."""
        return f"aws-sdk:{self.service}" if self.sdk else self.service

    @property
    def history_name(self) -> str:
        """`resource` in the history, e.g. `submitJob.sync`."""
        return self.operation + self.pattern

    @property
    def is_submitted(self) -> bool:
        """Whether the answer of the call is not yet the end of the task."""
        return bool(self.pattern)


@lru_cache(maxsize=1024)
def parse_resource(arn: str) -> Resource:
    """Take an ARN apart; ValueError where it names nothing that a Task can call."""
    if ":activity:" in arn:
        return Resource(arn, "activity")
    if ":function:" in arn:
        return Resource(arn, "function", "lambda", "invoke")
    if not arn.startswith(_INTEGRATION):
        raise ValueError(f"{arn} is no ARN of a Lambda function, an activity or a service integration")
    name = arn.removeprefix(_INTEGRATION)
    pattern = next((found for found in _PATTERNS if name.endswith(found)), "")
    sdk = name.startswith("aws-sdk:")
    service, _, operation = name.removesuffix(pattern).removeprefix("aws-sdk:").partition(":")
    if not service or not operation or ":" in operation:
        raise ValueError(f"{arn} does not have the form {_INTEGRATION}SERVICE:OPERATION")
    return Resource(arn, "integration", service, operation, pattern, sdk)
