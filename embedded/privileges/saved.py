"""Roles and tests of a recorded run, in files beside the record of calls, so that it can be judged later."""

import json
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from embedded.privileges.roles import Role

_ROLES, _TESTS = "roles.json", "tests.jsonl"


def save_roles(state_dir: Path, roles: Sequence[Role]) -> None:
    """Write the roles down as they are deployed."""
    (state_dir / _ROLES).write_text(json.dumps([asdict(role) for role in roles], indent=1))


def load_roles(state_dir: Path) -> list[Role]:
    """The roles that were written down; a ValueError where none were."""
    path = state_dir / _ROLES
    if not path.exists():
        raise ValueError(f"{path} does not exist: run the tests of tests/embedded first, or start the cloud")
    return [Role(**each | {"policies": tuple(each["policies"])}) for each in json.loads(path.read_text())]


def note_test(state_dir: Path, at: float, name: str) -> None:
    """Write down that a test began."""
    with (state_dir / _TESTS).open("a") as file:
        file.write(json.dumps({"at": at, "test": name}) + "\n")


class Tests:
    """Which test was under way at a moment."""

    def __init__(self, state_dir: Path) -> None:
        path = state_dir / _TESTS
        lines = path.read_text().splitlines() if path.exists() else []
        self._begun = [json.loads(line) for line in lines]

    def at(self, moment: float) -> str:
        """The test that had begun last; empty before the first."""
        index = bisect_right([each["at"] for each in self._begun], moment)
        return str(self._begun[index - 1]["test"]) if index else ""
