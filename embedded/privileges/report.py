"""The mutation run as a table for people: one line for each action of each role."""

from collections.abc import Callable, Iterator, Sequence

from embedded.privileges.mutation import Outcome

_HEAD = ("kind", "role", "action", "resource", "killed by")
_LONGEST = 60


def table(outcomes: Sequence[Outcome], test_at: Callable[[float], str]) -> str:
    """Lines with aligned columns; `test_at` names the test that was under way at a moment."""
    rows = [_HEAD, *(_row(each, test_at) for each in sorted(outcomes, key=_order))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD) - 1)]
    return "\n".join(_line(row, widths) for row in rows)


def summary(outcomes: Sequence[Outcome]) -> str:
    """How many mutants there are, and what became of them."""
    killed = sum(each.killer is not None for each in outcomes)
    excused = sum(each.excuse is not None for each in outcomes)
    survived = sum(each.survived for each in outcomes)
    return f"{len(outcomes)} mutants: {killed} killed, {excused} excused, {survived} survived"


def _order(each: Outcome) -> tuple[str, str, int, str]:
    return each.kind, each.mutant.role, each.mutant.statement, each.mutant.action


def _row(each: Outcome, test_at: Callable[[float], str]) -> tuple[str, ...]:
    resources = ", ".join(each.mutant.resources)
    return each.kind, each.mutant.role, each.mutant.action, _short(resources), _end(each, test_at)


def _end(each: Outcome, test_at: Callable[[float], str]) -> str:
    if each.killer:
        test = test_at(each.killer.at)
        return f"{each.killer.action} on {_short(each.killer.resource)}" + (f" in {test}" if test else "")
    return f"excused: {each.excuse.reason}" if each.excuse else "NOBODY"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"…{text[1 - _LONGEST :]}"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(_cells(row, widths)).rstrip()


def _cells(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    for text, width in zip(row, [*widths, 0], strict=True):
        yield text.ljust(width)
