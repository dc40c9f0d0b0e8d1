"""What the service remembers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from embedded.record_book import RecordBook
from embedded.scaling.records import Activity, Policy, Target

_ACTIVITIES = 200


class Books:
    """Targets, policies and activities of a state folder."""

    def __init__(self, folder: Path) -> None:
        self.targets = RecordBook(folder / "targets", Target, key=_id, on_change=_nothing)
        self.policies = RecordBook(folder / "policies", Policy, key=_id, on_change=_nothing)
        self.activities = RecordBook(folder / "activities", Activity, key=_id, on_change=_nothing)

    def target(self, params: Mapping[str, Any]) -> Target | None:
        """The target that a request names."""
        wanted = tuple(params.get(name) for name in ("ServiceNamespace", "ResourceId", "ScalableDimension"))
        found = (
            each
            for each in self.targets.records()
            if (each.namespace, each.resource, each.dimension) == wanted
        )
        return next(found, None)

    def policies_of(self, target: Target) -> list[Policy]:
        """The policies of a target."""
        return [each for each in self.policies.records() if each.target == target.id]

    def policy(self, target: Target, name: str) -> Policy | None:
        """A policy by its name."""
        return next((each for each in self.policies_of(target) if each.name == name), None)

    def note(self, activity: Activity) -> None:
        """Keep an activity; the oldest are forgotten."""
        self.activities.put(activity)
        kept = sorted(self.activities.records(), key=lambda each: each.started)
        for old in kept[:-_ACTIVITIES]:
            self.activities.forget(old.id)


def _id(record: Any) -> str:
    return str(record.id)


def _nothing(_before: Any, _after: Any) -> None:
    """Nobody is told."""
