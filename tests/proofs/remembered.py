"""Pure functions whose answers are remembered: a proof opens the same ten archives a million times."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any
from unittest.mock import patch

from sluiceway.clock import utc_now
from sluiceway.github import handling
from sluiceway.github.found_project import find_projects
from sluiceway.github.repository_files import RepositoryFiles
from sluiceway.projects.archive import open_archive
from sluiceway.projects.code_version import canonical_archive, code_version
from sluiceway.projects.read_project import read_project
from tests.fakes.samples import AT


@contextmanager
def remembered() -> Iterator[None]:
    """Wherever the product has imported them, as long as this lasts."""
    with _ExitAll() as patches:
        cheap = {f: _once(f) for f in (open_archive, canonical_archive, code_version, read_project)}
        # Who asks the clock by itself gets the same time in every history.
        for function, once in {**cheap, utc_now: lambda: AT}.items():
            for module in list(sys.modules.values()):
                if getattr(module, "__name__", "").startswith("sluiceway."):
                    for name, value in list(vars(module).items()):
                        if value is function:
                            patches.append(patch.object(module, name, once))
        patches.append(patch.object(handling, "RepositoryFiles", _once(RepositoryFiles)))
        patches.append(patch.object(handling, "find_projects", _find_projects_once()))
        patches.start()
        yield


class _ExitAll(list[Any]):
    def __enter__(self) -> "_ExitAll":
        return self

    def start(self) -> None:
        for each in self:
            each.start()

    def __exit__(self, *_: object) -> None:
        for each in self:
            each.stop()


def _find_projects_once() -> Callable[..., Any]:
    """Of each archive; nothing in the proofs' can never happen any more."""
    found: dict[int, Any] = {}

    def find(files: RepositoryFiles, *, repository: str, now: Any = None) -> Any:
        if id(files) not in found:
            found[id(files)] = files, find_projects(files, repository=repository)
        return list(found[id(files)][1])

    return find


def _once(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    answers: dict[Any, tuple[Any, Any, Any]] = {}

    @wraps(function)
    def once(given: Any) -> Any:
        key = given if isinstance(given, bytes) else id(given)
        if key not in answers:
            try:
                answers[key] = (given, function(given), None)
            except Exception as error:
                answers[key] = (given, None, error)
        _, answer, error = answers[key]
        if error is not None:
            raise error.with_traceback(None)
        return answer

    return once
