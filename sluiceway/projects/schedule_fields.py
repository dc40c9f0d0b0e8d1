"""The fields of a cron expression: lists, ranges and steps of numbers and names; weeks in two numberings."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, field

from sluiceway.projects.schedule_days import WEEK, compact

FIRST_YEAR, LAST_YEAR = 1970, 2199
"""of EventBridge Scheduler"""


def number_of(text: str) -> int | None:
    """A number of plain digits; other alphabets have digits, too."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


@dataclass(frozen=True)
class Field:
    """What a field may hold."""

    name: str
    low: int
    high: int
    names: Mapping[str, int] = field(default_factory=dict)

    def numbers(self, text: str) -> frozenset[int]:
        """All numbers that the text stands for; ValueError says what is wrong with which part."""
        return frozenset(number for part in text.split(",") for number in self._part(part))

    def number(self, text: str) -> int:
        """The number that a value or a name stands for."""
        found = self.names.get(text.upper())
        found = number_of(text) if found is None else found
        if found is None or not self.low <= found <= self.high:
            raise ValueError(f"{text!r} is no {self.name}: {self._allowed()}")
        return found

    def text(self, numbers: frozenset[int]) -> str:
        """The numbers as AWS writes them: `*`, `0/15`, or values and ranges."""
        if numbers == frozenset(range(self.low, self.high + 1)):
            return "*"
        return self._steps(sorted(numbers)) or compact(numbers)

    def _part(self, part: str) -> range:
        base, slash, step = part.partition("/")
        low, high = self._ends(base, open_ended=bool(slash))
        return range(low, high + 1, self._step(part, step) if slash else 1)

    def _ends(self, base: str, *, open_ended: bool) -> tuple[int, int]:
        if base == "*":
            return self.low, self.high
        first, dash, last = base.partition("-")
        low = self.number(first)
        high = self.number(last) if dash else self.high if open_ended else low
        if high < low:
            raise ValueError(f"the range {base!r} of the {self.name} runs backwards: split it in two")
        return low, high

    def _step(self, part: str, text: str) -> int:
        step = number_of(text)
        if step is None or not 1 <= step <= self.high - self.low:
            raise ValueError(
                f"the step of {part!r} is not a number from 1 to {self.high - self.low} ({self.name}); "
                "for longer beats use interval:"
            )
        return step

    def _steps(self, numbers: list[int]) -> str | None:
        """`2/5` for what starts at 2 and goes on in fives to the end of the field."""
        if len(numbers) < 3:
            return None
        step = numbers[1] - numbers[0]
        regular = numbers == list(range(numbers[0], self.high + 1, step))
        return f"{numbers[0]}/{step}" if regular and step > 1 else None

    def _allowed(self) -> str:
        names = f", or {next(iter(self.names))} to {list(self.names)[-1]}" if self.names else ""
        return f"{self.low} to {self.high}{names}"


_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}

MINUTE = Field("minute", 0, 59)
HOUR = Field("hour", 0, 23)
MONTH_DAY = Field("day of the month", 1, 31)
MONTH = Field("month", 1, 12, _MONTHS)
YEAR = Field("year", FIRST_YEAR, LAST_YEAR)
AWS_WEEK_DAY = Field("day of the week", 1, 7, {name: number for number, name in enumerate(WEEK, 1)})
"""1 is a Sunday."""
UNIX_WEEK_DAY = Field("day of the week", 0, 7, {name: number for number, name in enumerate(WEEK)})
"""0 and 7 are Sundays."""
