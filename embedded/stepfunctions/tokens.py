"""Task tokens: each names one attempt of one Task state, and is answered once."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from embedded.stepfunctions.tasks import Report

if TYPE_CHECKING:
    from embedded.stepfunctions.engine import Engine


class InvalidToken(Exception):
    """The text is no token."""


class TaskDoesNotExist(Exception):
    """The token's execution is not there."""


class TaskTimedOut(Exception):
    """Nobody waits for that task any more: it ended, timed out, or its execution did."""


@dataclass(frozen=True)
class TaskToken:
    """One attempt of a Task state."""

    execution_arn: str
    strand: int
    number: int
    """The id of its TaskScheduled event."""

    def __str__(self) -> str:
        identity = json.dumps([self.execution_arn, self.strand, self.number])
        return base64.urlsafe_b64encode(identity.encode()).decode()


def parse_token(text: str) -> TaskToken:
    """Read a token; raises InvalidToken."""
    try:
        arn, strand, number = json.loads(base64.b64decode(text, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, TypeError) as error:
        raise InvalidToken(f"Invalid Token: '{text}'") from error
    if not (isinstance(arn, str) and isinstance(strand, int) and isinstance(number, int)):
        raise InvalidToken(f"Invalid Token: '{text}'")
    return TaskToken(arn, strand, number)


def answer(engine: "Engine", text: str, report: Report) -> None:
    """End a task by its token; raises InvalidToken, TaskDoesNotExist or TaskTimedOut."""
    token = parse_token(text)
    taken = engine.report(token.execution_arn, token.strand, token.number, report)
    _check(engine, token, taken=taken)


def beat(engine: "Engine", text: str) -> None:
    """Take a sign of life of a task; raises as `answer` does."""
    token = parse_token(text)
    taken = engine.heartbeat(token.execution_arn, token.strand, token.number)
    _check(engine, token, taken=taken)


def _check(engine: "Engine", token: TaskToken, *, taken: bool) -> None:
    if taken:
        return
    if not engine.knows(token.execution_arn):
        raise TaskDoesNotExist(f"Task does not exist: execution {token.execution_arn} is not there")
    raise TaskTimedOut("Task Timed Out: 'Provided task does not exist anymore'")
