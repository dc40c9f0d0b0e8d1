"""`query:` of a dataset: one query that reads, in the file or beside it."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import ValidationError

from sluiceway.errors import InvalidProject
from sluiceway.projects.pack import FolderTree
from sluiceway.projects.query_settings import LONGEST_SQL, Query, sql_complaint
from sluiceway.projects.read_project import read_project
from tests.fakes.samples import SLUICE_YAML, MemoryTree, project_files
from tests.unit.datasets.queries import sluice_yaml


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        "select 1",
        "-- why\n/* * */ WITH a AS (SELECT 1) SELECT * FROM a",
        "((SELECT 1))",
        "\n\tSelect\n1",
    ],
)
def test_what_reads_is_a_query(sql: str) -> None:
    """After comments and parentheses."""
    assert Query(sql=sql).sql == sql


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("DROP TABLE flights", "must begin with SELECT"),
        ("UNLOAD (SELECT 1) TO 's3://b/k'", "must begin with SELECT"),
        ("selected", "must begin with SELECT"),
        ("-- SELECT 1", "must begin with SELECT"),
        ("", "must begin with SELECT"),
        ("SELECT '\x00'", "NUL"),
        ("SELECT '" + "é" * LONGEST_SQL, "the limit is 16384"),
    ],
)
def test_what_does_not_read_is_refused(sql: str, words: str) -> None:
    """When it is pushed, not when its schedule fires."""
    with pytest.raises(ValidationError, match=words):
        Query(sql=sql)


@pytest.mark.timeout(2)
@pytest.mark.parametrize("piece", ["/* */", "/*", "--\n", "(", "/**/ -- /*\n", "* /"])
def test_hostile_comments_take_no_time(piece: str) -> None:
    """The pattern never goes back over what it has skipped."""
    assert sql_complaint(piece * (LONGEST_SQL // len(piece))) is not None


def test_a_query_has_one_source() -> None:
    """Neither none nor two."""
    for given in ({}, {"sql": "SELECT 1", "sql_file": "a.sql"}):
        with pytest.raises(ValidationError, match="exactly one"):
            Query.model_validate(given)


@pytest.mark.parametrize(
    "given", [{"database": "a; b"}, {"workgroup": "a b"}, {"sql_file": "../a", "sql": None}]
)
def test_names_are_checked(given: dict[str, str]) -> None:
    """They reach AWS as parameters, and never the text of a query or of a command."""
    with pytest.raises(ValidationError):
        Query.model_validate({"sql": "SELECT 1"} | given)


def _read(tmp_path: Path, **files: str) -> None:
    for path, text in project_files(sluice_yaml=sluice_yaml("{sql_file: q/daily.sql}"), **files).items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text)
    read_project(FolderTree(tmp_path))


def test_the_file_of_a_query_is_checked_like_one(tmp_path: Path) -> None:
    """It is there, and it reads; the problem stands at its line of sluice.yaml."""
    with pytest.raises(InvalidProject, match=r"sluice.yaml:2.*no file 'q/daily.sql'"):
        _read(tmp_path)
    with pytest.raises(InvalidProject, match=r"q/daily.sql must begin with SELECT"):
        _read(tmp_path, **{"q/daily.sql": "DELETE FROM a"})
    _read(tmp_path, **{"q/daily.sql": "SELECT 1"})


class Counting(MemoryTree):
    """Files in memory that know how often each was read."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__(files)
        self.reads: Counter[str] = Counter()

    def read(self, path: str) -> bytes:
        self.reads[path] += 1
        return super().read(path)


def test_a_file_that_many_datasets_name_is_read_once() -> None:
    """Unpacking 250 MiB takes a second, and sluice.yaml has room for a thousand datasets."""
    data = "".join(f"  d{number}: {{query: {{sql_file: large.sql}}}}\n" for number in range(200))
    text = SLUICE_YAML.replace("data: [flights]\n", f"data:\n  flights:\n{data}")
    tree = Counting(project_files(sluice_yaml=text) | {"large.sql": b"SELECT 1 -- " + b"x" * 20_000})
    with pytest.raises(InvalidProject, match=r"large.sql has 20012 bytes; the limit is 16384"):
        read_project(tree)
    assert tree.reads["large.sql"] == 1
