"""A denial says on which resource: MiniStack leaves it out for most services.

AWS: "User: … is not authorized to perform: lambda:InvokeFunction on resource: arn:… because no identity-based
policy allows the lambda:InvokeFunction action".
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from typing import Any

# These word their denials in another way.
_OTHERS = frozenset({"iot", "iot-data"})


def install() -> None:
    """Name the resource where MiniStack words a denial itself."""
    from ministack.core import iam_actions

    respond = iam_actions.access_denied_response

    def respond_with_resource(
        service: str,
        action: str,
        principal_arn: str,
        request_id: str,
        *,
        error_code: str = "",
        message: str = "",
        resource_arn: str = "*",
        explicit_deny: bool = False,
        resource_policy_arn: str = "",
        **more: Any,
    ) -> Any:
        if not message and not error_code and not resource_policy_arn and service not in _OTHERS:
            message = iam_actions.identity_denial_message(action, principal_arn, resource_arn, explicit_deny)
        return respond(
            service,
            action,
            principal_arn,
            request_id,
            error_code=error_code,
            message=message,
            resource_arn=resource_arn,
            explicit_deny=explicit_deny,
            resource_policy_arn=resource_policy_arn,
            **more,
        )

    iam_actions.access_denied_response = respond_with_resource
