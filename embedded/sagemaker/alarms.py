"""The CloudWatch alarms of an automatic rollback, asked for under the execution role.

Source: "Auto-Rollback Configuration and Monitoring": the role needs `cloudwatch:DescribeAlarms` on them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from botocore.exceptions import ClientError

from embedded.authority import AccessDenied

Client = Callable[[str], Any]
"""A client of CloudWatch under a role."""


class AlarmsUnknownError(Exception):
    """Alarms that are not there, or that the execution role may not see; says which and why."""


class Alarms(Protocol):
    """Who knows the states of alarms."""

    def states(self, role_arn: str, names: Sequence[str]) -> Mapping[str, str]:
        """OK, ALARM or INSUFFICIENT_DATA by name. Raises AlarmsUnknownError."""


class CloudWatchAlarms:
    """The alarms in CloudWatch."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def states(self, role_arn: str, names: Sequence[str]) -> Mapping[str, str]:
        """OK, ALARM or INSUFFICIENT_DATA by name. Raises AlarmsUnknownError."""
        if not names:
            return {}
        try:
            found = self._client(role_arn).describe_alarms(
                AlarmNames=list(names), AlarmTypes=["MetricAlarm", "CompositeAlarm"]
            )
        except (ClientError, AccessDenied) as error:
            raise AlarmsUnknownError(
                f"Could not describe the auto-rollback alarms {', '.join(names)}: {error}"
            ) from error
        alarms = [*found.get("MetricAlarms", []), *found.get("CompositeAlarms", [])]
        states = {each["AlarmName"]: each["StateValue"] for each in alarms}
        missing = sorted(set(names) - states.keys())
        if missing:
            raise AlarmsUnknownError(f"There is no alarm of the name {', '.join(missing)}.")
        return states
