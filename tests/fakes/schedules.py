"""A schedule group in memory."""

from collections.abc import Callable

from sluiceway.errors import LostRace, ServiceUnavailable
from sluiceway.gateways.schedules import StoredSchedule


class MemorySchedules:
    """`Schedules` in memory. `lose_answers` is how many of the next writes work and say that they failed.

    `before_write` is called before each write: what others do meanwhile.
    """

    def __init__(self) -> None:
        self.stored: dict[str, StoredSchedule] = {}
        self.foreign: set[str] = set()
        """Names of schedules that somebody else has made."""
        self.written: list[tuple[str, str]] = []
        self.tokens: list[str] = []
        self.lose_answers = 0
        self.before_write: Callable[[], None] = lambda: None

    def keys(self, project: str) -> list[str]:
        return [key for key in {*self.stored, *self.foreign} if key.startswith(f"{project}.")]

    def get(self, key: str) -> StoredSchedule | None:
        return self.stored.get(key)

    def put(self, schedule: StoredSchedule, *, there: bool, token: str) -> None:
        self._write("put", schedule.name, token)
        if there != (schedule.key in self.stored) or schedule.key in self.foreign:
            raise LostRace("another writer was faster")
        self.stored[schedule.key] = schedule
        self._answer()

    def remove(self, key: str, *, token: str) -> None:
        self._write("remove", self.stored[key].name if key in self.stored else key, token)
        self.stored.pop(key, None)
        self._answer()

    def _write(self, what: str, name: str, token: str) -> None:
        act, self.before_write = self.before_write, lambda: None
        act()
        self.written.append((what, name))
        self.tokens.append(token)

    def _answer(self) -> None:
        if self.lose_answers:
            self.lose_answers -= 1
            raise ServiceUnavailable("the answer was lost")
