"""The comment of a pull request: every project of its newest commit, in Markdown. Pure."""

from collections.abc import Sequence
from itertools import accumulate

from sluiceway.github.comment_text_project import LONGEST, headline, project_section
from sluiceway.github.report import ProjectReport

MARKER = "<!-- sluiceway:report {nonce} -->"
"""First line of the comment: how it is found again when the answer to its creation was lost."""

COMMANDS = """\
<details><summary>Commands</summary>

With write permission, as a comment of one line:

| command | what it does |
|---|---|
| `/sluice run [PROJECT]` | try this commit again; with `--dataset NAME@VERSION`, `--param K=V`, `--force` |
| `/sluice approve RUN` | deploy what a run made, where the gate waits for a person |
| `/sluice deploy PROJECT VERSION` | deploy a registered version |
| `/sluice rollback PROJECT` | bring back what was live before |

</details>"""

NOTHING = "This pull request changes no project (any more)."


def comment_text(sha: str, reports: Sequence[ProjectReport]) -> str:
    """What follows the marker, never longer than GitHub takes: what does not fit is told by its headline."""
    first = ["### Sluiceway", f"Commit {sha}"]
    if not reports:
        return "\n\n".join([*first, NOTHING])
    room = LONGEST - sum(len(part) + 2 for part in (*first, COMMANDS))
    return "\n\n".join([*first, *_fitting(reports, room), COMMANDS])


def _fitting(reports: Sequence[ProjectReport], room: int) -> list[str]:
    """As many whole sections as fit, then headlines, then how many more there are."""
    short = [headline(report) for report in reports]
    spare = room - sum(len(line) + 2 for line in short) - 200
    if spare < 0:
        return _first_lines(short, room)
    sections = [project_section(report) for report in reports]
    used = accumulate(len(whole) - len(line) for whole, line in zip(sections, short, strict=True))
    fits = [total <= spare for total in used]
    return [whole if ok else line for whole, line, ok in zip(sections, short, fits, strict=True)]


def _first_lines(lines: Sequence[str], room: int) -> list[str]:
    used = accumulate(len(line) + 2 for line in lines)
    kept = [line for line, total in zip(lines, used, strict=True) if total <= room - 200]
    return [*kept, f"… and {len(lines) - len(kept)} more projects: see their checks."]
