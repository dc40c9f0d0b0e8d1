"""What the repository of the proofs holds: a few commits, between which branches go to and fro."""

import hashlib
from collections.abc import Mapping

from sluiceway.github.found_project import FoundProject, find_projects
from sluiceway.github.repository_files import RepositoryFiles
from tests.fakes.github_repository import FakeRepository
from tests.fakes.samples import SLUICE_YAML, project_files
from tests.proofs.projects import PROJECTS

REPOSITORY, UNCONNECTED = "octo-org/models", "somebody/else"
FORK, FRIEND = "mallory/models", "friend/models"
"""A fork, and one that the owner has named."""
WRITER, STRANGER = "alice", "mallory"


def _project(name: str, variant: str) -> Mapping[str, bytes]:
    """In a folder of its name; the variant `bad` cannot be used."""
    datasets = ", ".join(PROJECTS[name])
    config = SLUICE_YAML.replace("flight-delay", name).replace("data: [flights]", f"data: [{datasets}]")
    wrong = f"project: {name}\n" if variant == "bad" else config
    files = project_files(sluice_yaml=wrong, train_py=f"print({variant!r})")
    return {f"{name}/{path}": content for path, content in files.items()}


def _files(one: str, two: str) -> Mapping[str, bytes]:
    held = [_project(name, each) for name, each in (("one", one), ("two", two)) if each]
    return {path: content for files in held for path, content in files.items()} | {"README.md": b"models"}


ON_MAIN = (("a", "a"), ("b", "a"), ("b", "b"), ("a", "b"), ("bad", "a"), ("", "c"), ("a", "a"), ("", ""))
"""Variants of both projects; one commit has the files of another, in one a project is gone, in one both."""
PROPOSED = (("p", "a"), ("a", "p"), ("q", "q"), ("bad", "q"), ("b", "b"))
FOREIGN = (("x", "x"), ("y", "a"))
"""Of forks, and of branches that nobody has connected."""


def _sha(name: str) -> str:
    return hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()


COMMITS: Mapping[str, Mapping[str, bytes]] = {
    _sha(f"{kind} {number}"): _files(*variants)
    for kind, all_variants in (("main", ON_MAIN), ("pull", PROPOSED), ("foreign", FOREIGN))
    for number, variants in enumerate(all_variants)
}
MAIN, PULLS, STRANGE = (
    tuple(_sha(f"{kind} {number}") for number in range(len(variants)))
    for kind, variants in (("main", ON_MAIN), ("pull", PROPOSED), ("foreign", FOREIGN))
)


def changed_paths(sha: str) -> list[str]:
    """Against the first commit of the branch."""
    base, files = COMMITS[MAIN[0]], COMMITS[sha]
    return [path for path in files.keys() | base.keys() if files.get(path) != base.get(path)]


def _found(sha: str) -> list[FoundProject]:
    packed = FakeRepository(REPOSITORY, commits=dict(COMMITS)).archive(sha)
    return find_projects(RepositoryFiles(packed), repository=REPOSITORY)


VERSIONS: Mapping[str, Mapping[str, str]] = {
    sha: {each.name: each.version for each in _found(sha) if each.project} for sha in COMMITS
}
"""Of each commit: the code version of each project that can be used."""
HELD: Mapping[str, frozenset[str]] = {
    sha: frozenset(path.partition("/")[0] for path in files if "/" in path) for sha, files in COMMITS.items()
}
"""Of each commit: the projects that it holds, usable or not."""
STRANGERS = frozenset(version for sha in STRANGE for version in VERSIONS[sha].values()) - frozenset(
    version for sha in (*MAIN, *PULLS) for version in VERSIONS[sha].values()
)
"""Code that must never be kept, and never run."""
