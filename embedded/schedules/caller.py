"""The calls that schedules make, over the wire, under their own roles."""

from collections.abc import Mapping
from typing import Any

from botocore import xform_name

from embedded.authority import AccessDenied
from embedded.cloud import Cloud
from embedded.schedules.attempts import NotDelivered
from embedded.schedules.targets import Request

_PRINCIPAL = "scheduler.amazonaws.com"
_SESSION = "EventBridgeScheduler"


class Caller:
    """Makes calls; each call is allowed or refused as any client's under that role."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def call(self, request: Request, role_arn: str) -> None:
        """Make a call; raises when it was refused or failed."""
        try:
            client = self._cloud.client(
                request.service,
                role_arn=role_arn,
                session_name=_SESSION,
                on_behalf_of=_PRINCIPAL,
                source_arn=request.source_arn,
            )
        except AccessDenied as denied:
            raise NotDelivered("AccessDeniedException", str(denied), may_retry=False) from denied
        answer: Mapping[str, Any] = getattr(client, xform_name(request.operation))(**request.parameters)
        failed = [
            entry for entry in answer.get("Entries", []) if isinstance(entry, dict) and "ErrorCode" in entry
        ]
        if answer.get("FailedEntryCount") and failed:
            raise NotDelivered(failed[0]["ErrorCode"], failed[0].get("ErrorMessage", ""), may_retry=False)
