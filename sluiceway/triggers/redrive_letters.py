"""Sends dead letters on to where they were to go.

Delivered first and removed after: whoever is interrupted in between delivers again, which takes effect once,
because whatever takes an event in has recorded it under its own id.
"""

from dataclasses import dataclass

from sluiceway.errors import PermanentError
from sluiceway.gateways.dead_letters import DeadLetters, Letter
from sluiceway.gateways.targets import Targets
from sluiceway.triggers.dead_letters import DeadLetter, read_letter


@dataclass(frozen=True)
class LetterQueue:
    """A queue of dead letters."""

    name: str
    letters: DeadLetters
    moves: bool
    """Whether it takes messages of another queue, to which SQS itself moves them back."""


@dataclass(frozen=True)
class Sent:
    """A letter, and what became of it."""

    letter: DeadLetter
    kept: str | None = None
    """Why it was not sent on; None: it was."""


def list_letters(queue: LetterQueue) -> list[DeadLetter]:
    """What is in the queue, which stays as it is."""
    found = list(queue.letters.read())
    queue.letters.put_back(found)
    return [read_letter(letter, queue.name) for letter in found]


def redrive_letters(queue: LetterQueue, targets: Targets) -> list[Sent]:
    """Send each letter on that is there now; raises `ServiceUnavailable` to be tried again."""
    if queue.moves:
        found = list_letters(queue)
        if found:
            queue.letters.move_all()
        return [Sent(letter) for letter in found]
    return [_send(letter, queue, targets) for letter in list(queue.letters.read())]


def _send(letter: Letter, queue: LetterQueue, targets: Targets) -> Sent:
    told = read_letter(letter, queue.name)
    try:
        targets.deliver(told.target or "", told.payload, name=f"redrive-{letter.message_id}")
    except PermanentError as error:
        queue.letters.put_back([letter])
        return Sent(told, str(error))
    queue.letters.remove(letter)
    return Sent(told)
