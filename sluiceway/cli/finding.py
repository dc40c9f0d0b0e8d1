"""Which run, project or endpoint a word on the command line means; the nearest ones where it means none."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING

from sluiceway.errors import NotFound
from sluiceway.names import check_name

if TYPE_CHECKING:
    from sluiceway.gateways.ledger import Ledger
    from sluiceway.gateways.records import EndpointRecord, RunRecord


def find_run(ledger: "Ledger", word: str | None) -> "RunRecord":
    """Find a run by its id or the beginning of it, or the latest of a project; without a word, of all.

    An empty word is a variable of a shell that nobody has set: it means no run.
    """
    if word == "":
        raise NotFound("the run has no name: `sluice runs` lists them")
    exact = ledger.find_run(word) if word else None
    if exact is not None:
        return exact
    recent = ledger.runs(limit=200)
    if not recent:
        raise NotFound("there are no runs yet: `sluice push code` and `sluice push data` start one")
    matching = [run for run in recent if not word or run.project == word]
    started = [run for run in recent if word and run.run_id.startswith(word)]
    if matching:
        return matching[0]
    if len(started) == 1:
        return started[0]
    names = [*(run.run_id for run in started or recent), *sorted({run.project for run in recent})]
    raise NotFound(f"there is no run {word!r}{nearest(word, names)}; `sluice runs` lists them")


def find_project(ledger: "Ledger", project: str) -> str:
    """The project, when code of it was ever pushed: a wish for another one could only be refused."""
    if ledger.code_pointer(check_name(project, what="project")) is not None:
        return project
    known = [each.project for each in ledger.projects()]
    raise NotFound(f"there is no project {project!r}{nearest(project, known)}; `sluice push code` makes one")


def find_endpoint(ledger: "Ledger", project: str) -> "EndpointRecord":
    """Find the endpoint of a project."""
    found = ledger.endpoint(project)
    if found is not None:
        return found
    known = [each.project for each in ledger.endpoints()]
    raise NotFound(
        f"project {project!r} has no endpoint{nearest(project, known)}; `sluice endpoints` lists them, and "
        f"`sluice runs --project {project}` says how its runs ended"
    )


def nearest(word: str | None, names: Iterable[str]) -> str:
    """`: did you mean …?` for the names that are most like the word."""
    close = get_close_matches(word or "", list(dict.fromkeys(names)), n=3, cutoff=0.5)
    return f": did you mean {' or '.join(close)}?" if close else ""
