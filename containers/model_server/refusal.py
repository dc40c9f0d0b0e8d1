"""Why a request is not answered: a status and a JSON body that says what was wrong, where, and what to do."""

from dataclasses import dataclass

import orjson


@dataclass(frozen=True)
class Refused(Exception):
    """A request that ends in `status` with `{"error_code", "message"}`."""

    status: int
    error_code: str
    message: str

    def body(self) -> bytes:
        """The JSON body."""
        return orjson.dumps({"error_code": self.error_code, "message": self.message})


def bad_request(message: str) -> Refused:
    """400: the request does not match the model's signature, or cannot be read."""
    return Refused(400, "BAD_REQUEST", message)


def too_large(message: str) -> Refused:
    """413: more than the server is willing to hold."""
    return Refused(413, "REQUEST_TOO_LARGE", message)


def unsupported(message: str) -> Refused:
    """415: a content type or an encoding that the server does not read."""
    return Refused(415, "UNSUPPORTED_MEDIA_TYPE", message)


def busy(message: str) -> Refused:
    """429: the queue is full; told at once, so that the caller can go elsewhere."""
    return Refused(429, "REQUEST_LIMIT_EXCEEDED", message)


def not_ready(message: str) -> Refused:
    """503: not loaded yet, or about to stop."""
    return Refused(503, "TEMPORARILY_UNAVAILABLE", message)


def failed(error: BaseException) -> Refused:
    """500: the model itself raised."""
    return Refused(500, "PREDICTION_FAILED", f"the model raised {type(error).__name__}: {error}")
