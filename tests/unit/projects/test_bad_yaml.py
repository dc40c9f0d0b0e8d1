"""YAML of strangers: refused with a reason, in bounded time and memory."""

import pytest

from sluiceway.errors import InvalidProject
from sluiceway.projects.read_project import read_project
from sluiceway.projects.sluice_yaml import validate
from tests.corpus.bounds import bounded
from tests.corpus.yaml_texts import BAD_YAML
from tests.fakes.samples import MemoryTree, project_files

SECONDS, MEBIBYTES = 10.0, 96
"""Several times what the worst takes, counted as it is. A function has 120 s and 1,024 MiB."""


@pytest.mark.parametrize("kind", BAD_YAML)
def test_it_is_refused_as_sluice_yaml(kind: str) -> None:
    """With the file, the line where there is one, and what is wrong."""
    make, reason = BAD_YAML[kind]
    text = make()
    with bounded(seconds=SECONDS, mebibytes=MEBIBYTES), pytest.raises(InvalidProject, match=reason) as caught:
        validate(text)
    assert str(caught.value).startswith("sluice.yaml")
    assert len(str(caught.value)) < 20_000


@pytest.mark.parametrize("kind", [kind for kind in BAD_YAML if kind != "an MLproject"])
@pytest.mark.parametrize("file", ["MLproject", "python_env.yaml"])
def test_it_is_refused_as_a_file_of_the_project(kind: str, file: str) -> None:
    """Whichever file of the project holds it: refused, or of no meaning there, and never another error."""
    text = BAD_YAML[kind][0]()
    files = project_files() | {file: text.encode() if isinstance(text, str) else text}
    with bounded(seconds=SECONDS, mebibytes=MEBIBYTES):
        try:
            read_project(MemoryTree(files))
        except InvalidProject as error:
            assert len(str(error)) < 20_000  # noqa: PT017
