"""What a call that failed is called in a state machine: by the names and the words of the SDK that AWS uses.

Optimised integrations are made with the Java SDK 1 (`DynamoDB.ResourceNotFoundException`), the others with
the Java SDK 2 (`DynamoDb.ResourceNotFoundException`).
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from collections.abc import Callable
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from embedded.authority import AccessDenied
from embedded.integrations import TaskFailure
from embedded.stepfunctions.integrations.sdk_names import error_shape, exception_name, service_prefix

Namer = Callable[[Exception], TaskFailure]
_STATUS = 400
_DENIED_STATUS = 403
_DENIED, _INVALID = "AccessDeniedException", "ValidationException"


@dataclass(frozen=True)
class _Refusal:
    """What a service said."""

    code: str
    shape: str
    """The code by the service's model, where the wire has an older one."""
    message: str
    status: int
    request_id: str
    extended_request_id: str | None = None
    """S3 has a second one."""


@dataclass(frozen=True)
class OptimisedNames:
    """Names and words of an optimised integration."""

    service: str
    """botocore's name."""
    prefix: str
    """How error names begin: `Lambda`."""
    label: str
    """How the SDK calls the service in its messages: `AWSLambda`."""
    base: str
    """The error for what has no class of its own: `AWSLambdaException`."""

    def __call__(self, error: Exception) -> TaskFailure:
        """The failure for an exception of boto3's or a role's."""
        refusal = _refusal(error)
        if refusal is None:
            return _unanswered(self.prefix, error)
        shape = error_shape(self.service, refusal.shape)
        name = exception_name(shape.name) if shape else self.base
        return TaskFailure(
            f"{self.prefix}.{name}",
            f"{refusal.message} (Service: {self.label}; Status Code: {refusal.status}; "
            f"Error Code: {refusal.code}; Request ID: {refusal.request_id}; Proxy: null)",
        )


@dataclass(frozen=True)
class SdkNames:
    """Names and words of an `aws-sdk:` integration."""

    service: str
    """botocore's name."""

    def __call__(self, error: Exception) -> TaskFailure:
        """The failure for an exception of boto3's or a role's."""
        prefix, refusal = service_prefix(self.service), _refusal(error)
        if refusal is None:
            return _unanswered(prefix, error)
        shape = error_shape(self.service, refusal.shape)
        name = exception_name(shape.name) if shape else f"{prefix}Exception"
        extended = refusal.extended_request_id
        more = "" if extended is None else f", Extended Request ID: {extended}"
        return TaskFailure(
            f"{prefix}.{name}",
            f"{refusal.message} (Service: {prefix}, Status Code: {refusal.status}, "
            f"Request ID: {refusal.request_id}{more})",
        )


def lost(prefix: str) -> TaskFailure:
    """The failure of a call whose answer was lost with the server that waited for it."""
    return TaskFailure(
        f"{prefix}.SdkClientException",
        "The worker that made the call was lost; it is not known whether the call was carried out.",
    )


def _unanswered(prefix: str, error: Exception) -> TaskFailure:
    return TaskFailure(f"{prefix}.SdkClientException", f"Unable to execute HTTP request: {error}")


def _refusal(error: Exception) -> _Refusal | None:
    """What the service said, or would have said; None where it did not answer."""
    if isinstance(error, TaskFailure):
        raise error
    if isinstance(error, ClientError):
        said, about = error.response["Error"], error.response.get("ResponseMetadata", {})
        return _Refusal(
            said.get("Code", "Unknown"),
            str(said.get("QueryErrorCode", said.get("Code", "Unknown"))),
            said.get("Message", str(error)),
            about.get("HTTPStatusCode", _STATUS),
            about.get("RequestId", "null"),
            about.get("HostId"),
        )
    if isinstance(error, AccessDenied):
        return _Refusal(_DENIED, _DENIED, str(error), _DENIED_STATUS, "null")
    if isinstance(error, ParamValidationError):
        return _Refusal(_INVALID, _INVALID, str(error), _STATUS, "null")
    if isinstance(error, BotoCoreError | OSError):
        return None
    raise error
