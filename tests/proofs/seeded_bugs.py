"""Mistakes that designs like this one are made with, each a small patch: the machine must find every one.

A bug is a context in which the product has it. To add one: a function in one of the modules, whose docstring
names it.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from inspect import isfunction
from typing import Any

from tests.proofs import (
    bugs_of_deployments,
    bugs_of_github,
    bugs_of_retiring,
    bugs_of_runs,
    bugs_of_uploads,
)
from tests.proofs.deployments import DEPLOYMENTS
from tests.proofs.driver import UPLOADS, Story
from tests.proofs.github_causes import DELIVERIES

STORIES: Mapping[Any, Story] = {
    bugs_of_uploads: UPLOADS,
    bugs_of_runs: UPLOADS,
    bugs_of_github: DELIVERIES,
    bugs_of_retiring: DELIVERIES,
    bugs_of_deployments: DEPLOYMENTS,
}
"""Which histories show the mistakes of a module."""
BUGS: Mapping[str, Callable[[], list[Any]]] = {
    name: bug
    for module in STORIES
    for name, bug in vars(module).items()
    if isfunction(bug) and bug.__module__ == module.__name__ and not name.startswith("_")
}
"""By name."""

RARE = frozenset(
    {
        "data_pointer_moves_back",
        "retired_before_the_branch_says_so",
        "retired_without_a_condition",
        "timer_ends_all_the_same",
    }
)
"""What shows only when three workers cross, or much else meets, at one point: looked for in the long form."""


def story_of(name: str) -> Story:
    """The histories that show a mistake."""
    return next(story for module, story in STORIES.items() if BUGS[name].__module__ == module.__name__)


def seeded(name: str) -> AbstractContextManager[ExitStack]:
    """A context in which the product has the bug."""
    stack = ExitStack()
    for each in BUGS[name]():
        stack.enter_context(each)
    return stack
