"""What must hold in every history, by the names under which violations are reported."""

from collections.abc import Mapping

INVARIANTS: Mapping[str, str] = {
    "recorded": "every accepted event has an outcome on record in the end",
    "outcome": "an outcome on record never changes",
    "forward": "a pointer never moves back, nor to something else of the same order",
    "newest": "in the end the latest code and data are the newest that was uploaded",
    "announced": "an event tells of what stands in the ledger already",
    "same-event": "an event id says the same whenever it is published",
    "pinned": "what a run was claimed with never changes",
    "ended": "an end state never becomes another",
    "one-run": "an event starts at most one run of a project",
    "tried-again": "the same inputs run again only after a failure, or when that is asked for",
    "one-at-a-time": "at most one run of a schedule goes on, and whoever waits for its end has a turn",
    "executions": "executions are the runs that were claimed, one for each, under its name",
    "refused": "nothing that was refused starts anything",
    "decided": "each event on the bus has one decision on record for every project that it concerns",
    "told": "every run is told as requested, and every end as finished",
    "wanted": "the newest code with the newest data was run",
    "settled": "data become a version only once nothing has come since, or when that is asked for",
    "same-bytes": "the same bytes are the same version",
    "ends": "a piece of work comes to an end, well or badly",
    "head": "the latest code of a followed branch is that of its head",
    "retired": "what a followed branch does not hold any more starts nothing by itself",
    "previews": "each head of a pull request is tried once",
    "foreign": "what is foreign, or not true, starts nothing",
    "alias": "the alias in the registry and the endpoint agree in the end",
    "reconciled": "what was missed is found by the next look",
    "clean": "the end state and the effects are those of the undisturbed history",
}
"""By the name under which a violation is reported."""


class Violation(AssertionError):
    """An invariant does not hold."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"{name} ({INVARIANTS[name]}): {what}")
        self.name = name
