"""Queries that stand in files of the project: each must be there, and be a query."""

from collections.abc import Iterator

from sluiceway.errors import InvalidProject
from sluiceway.projects.contracts import SluiceConfig
from sluiceway.projects.problems import Problem
from sluiceway.projects.query_settings import LONGEST_SQL, Query, sql_complaint
from sluiceway.projects.source_tree import SourceTree
from sluiceway.projects.yaml_document import YamlDocument


def check_queries(config: SluiceConfig, tree: SourceTree, document: YamlDocument) -> Iterator[Problem]:
    """Every `sql_file` that is no query, at its line of `sluice.yaml`."""
    named = {name: settings.query.sql_file for name, settings in config.data.items() if settings.query}
    # Each file once, however many datasets name it: unpacking a large one takes a second.
    complaints = {file: _complaint(file, tree) for file in set(named.values()) if file}
    for dataset, file in named.items():
        complaint = complaints.get(file) if file else None
        if complaint:
            yield document.problem(("data", dataset, "query", "sql_file"), complaint)


def read_sql(query: Query, tree: SourceTree) -> str:
    """The text of a query, wherever it stands; raises `InvalidProject`."""
    if query.sql is not None:
        return query.sql
    complaint = _complaint(query.sql_file or "", tree)
    if complaint:
        raise InvalidProject(complaint)
    return tree.read(query.sql_file or "").decode()


def _complaint(file: str, tree: SourceTree) -> str | None:
    if file not in tree.paths():
        return f"there is no file {file!r} in the project"
    content = tree.read(file)
    if len(content) > LONGEST_SQL:
        return f"{file} has {len(content)} bytes; the limit is {LONGEST_SQL}"
    try:
        complaint = sql_complaint(content.decode())
    except UnicodeDecodeError:
        complaint = "is not UTF-8"
    return f"{file} {complaint}" if complaint else None
