"""A denial says on which resource: MiniStack leaves it out for most services.

AWS: "User: … is not authorized to perform: lambda:InvokeFunction on resource: arn:… because no identity-based
policy allows the lambda:InvokeFunction action".
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from typing import Any

# These word their denials in another way.
_OTHERS = frozenset({"iot", "iot-data"})
# With one of these it is not a denial by an identity's policies, or is worded already.
_WORDED = ("message", "error_code", "resource_policy_arn")


def install() -> None:
    """Name the resource where MiniStack words a denial itself."""
    from ministack.core import iam_actions

    respond = iam_actions.access_denied_response

    def respond_with_resource(
        service: str, action: str, principal_arn: str, request_id: str, **named: Any
    ) -> Any:
        if service not in _OTHERS and not any(named.get(name) for name in _WORDED):
            resource, explicit = named.get("resource_arn", "*"), named.get("explicit_deny", False)
            named["message"] = iam_actions.identity_denial_message(action, principal_arn, resource, explicit)
        return respond(service, action, principal_arn, request_id, **named)

    iam_actions.access_denied_response = respond_with_resource
