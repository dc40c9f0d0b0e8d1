"""The error that an operation of a service of ours raises."""

from typing import Any


class ApiError(Exception):
    """An error of a service's API: its code as AWS names it, a message, and the error's further members."""

    def __init__(self, code: str, message: str, status: int | None = None, **members: Any) -> None:
        """Without `status` the service's model decides, and 400 where it says nothing."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.members = members
