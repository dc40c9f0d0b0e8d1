"""Dead letters in memory."""

from collections.abc import Iterator, Sequence

from sluiceway.errors import ServiceUnavailable
from sluiceway.gateways.dead_letters import Letter
from sluiceway.gateways.targets import UnknownTarget


class MemoryDeadLetters:
    """`DeadLetters` in memory. What was read is out of sight until it is put back."""

    def __init__(self, *letters: Letter) -> None:
        self.letters = {letter.message_id: letter for letter in letters}
        self.hidden: set[str] = set()
        self.moved: list[str] = []

    def read(self) -> Iterator[Letter]:
        for letter in [each for each in self.letters.values() if each.message_id not in self.hidden]:
            self.hidden.add(letter.message_id)
            yield letter

    def put_back(self, letters: Sequence[Letter]) -> None:
        self.hidden -= {letter.message_id for letter in letters}

    def remove(self, letter: Letter) -> None:
        self.letters.pop(letter.message_id, None)

    def move_all(self) -> None:
        self.moved += [each for each in self.letters if each not in self.hidden]
        self.letters = {each: letter for each, letter in self.letters.items() if each in self.hidden}


class MemoryTargets:
    """`Targets` in memory: what was delivered, by the name of the delivery. `lose_answers` counts down."""

    def __init__(self) -> None:
        self.delivered: list[tuple[str, str, str]] = []
        self.lose_answers = 0

    def deliver(self, arn: str, payload: str, *, name: str) -> None:
        if not arn:
            raise UnknownTarget("a target without a name is nothing that a letter is sent to")
        self.delivered.append((arn, payload, name))
        if self.lose_answers:
            self.lose_answers -= 1
            raise ServiceUnavailable("the answer was lost")


def letter(message_id: str = "m1", body: str = "{}", **attributes: str) -> Letter:
    """A letter, small and valid."""
    return Letter(
        message_id=message_id,
        handle=f"handle-{message_id}",
        body=body,
        attributes=attributes,
        sent_at="2026-11-21T12:00:00.000Z",
        receives=5,
    )
