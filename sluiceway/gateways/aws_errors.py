"""Which answers of AWS mean "try again later"."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from sluiceway.errors import ServiceUnavailable

THROTTLED = frozenset(
    {
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "RequestTimeoutException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
"""What botocore's standard retry mode calls throttling or transient, after its own retries are used up."""


@contextmanager
def asking(service: str, what: str) -> Iterator[None]:
    """Turn throttling, 5xx answers and lost connections into `ServiceUnavailable`; let others through."""
    try:
        yield
    except HTTPClientError as error:
        raise ServiceUnavailable(f"{service} did not answer ({what}): {error}") from error
    except ClientError as error:
        if is_transient(error):
            raise ServiceUnavailable(f"{service} asked to try later ({what}): {error}") from error
        raise


def is_transient(error: ClientError) -> bool:
    """Whether the same call may succeed later."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return error_code(error) in THROTTLED or status >= 500


def error_code(error: ClientError | BotoCoreError) -> str:
    """AWS's code of the error, e.g. `NoSuchKey`."""
    response = getattr(error, "response", {})
    return str(response.get("Error", {}).get("Code", ""))
