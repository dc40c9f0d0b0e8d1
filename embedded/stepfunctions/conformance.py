"""What of Step Functions is done and what is refused by name, as the tables of `docs/embedded.md`.

    python -m embedded.stepfunctions.conformance [--check]

Writes the tables between the page's two markers, or says with `--check` whether they are up to date. Every
row comes from what the interpreter itself goes by: its tables of fields and integrations, botocore's model of
the API and the operations that are served.
"""

import ast
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from embedded.shapes import service_model
from embedded.stepfunctions.language.fields import GROUPS
from embedded.stepfunctions.language.reserved import DEPRECATED, JSONPATH_ONLY
from embedded.stepfunctions.language.rules.resources import OPTIMIZED
from embedded.stepfunctions.service.service import OPERATIONS, REFUSED_OPERATIONS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "embedded.md"
_BEGIN, _END = "<!-- conformance: begin -->", "<!-- conformance: end -->"
_TESTS = ("tests/unit/embedded/stepfunctions", "tests/embedded")
_FIELDS_TESTS = "test_every_field.py, test_every_field_has_its_effect.py"


def main(arguments: Sequence[str]) -> int:
    """Write the page, or check it; the exit code."""
    before = PAGE.read_text()
    head, rest = before.split(_BEGIN)
    after = f"{head}{_BEGIN}\n{tables()}\n{_END}{rest.split(_END)[1]}"
    if "--check" in arguments:
        return int(after != before)
    PAGE.write_text(after)
    return 0


def tables() -> str:
    """All tables, as Markdown."""
    return "\n".join(
        (
            *_titled("Fields of the language", ("where", "field", "holds", "state", "test"), _fields()),
            *_titled("Refused fields", ("field", "what takes its place"), _refused_fields()),
            *_titled("Integrations", ("service", "operation", "patterns", "state"), _integrations()),
            *_titled("Operations of the API", ("operation", "state", "test"), _operations()),
        )
    )


def _titled(title: str, headings: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[str]:
    yield f"\n### {title}\n"
    yield f"| {' | '.join(headings)} |"
    yield "|" + "---|" * len(headings)
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _fields() -> Iterator[Sequence[str]]:
    for group, fields in GROUPS.items():
        for field in fields:
            holds = f"{field.kind}{', or an expression' if field.expression else ''}"
            yield group, f"`{field.name}`", holds, f"done: {field.about}", _FIELDS_TESTS


def _refused_fields() -> Iterator[Sequence[str]]:
    for name, instead in {**JSONPATH_ONLY, **DEPRECATED}.items():
        yield f"`{name}`", instead


def _integrations() -> Iterator[Sequence[str]]:
    for service, operations in OPTIMIZED.items():
        for operation, patterns in operations.items():
            served = [one for one in patterns if f"{service}:{operation}{one}" in served_integrations()]
            names = ", ".join(f"`{one}`" if one else "request response" for one in patterns)
            state = "done" if len(served) == len(patterns) else "refused at creation, by name"
            yield service, f"`{operation}`", names, state
    yield "aws-sdk", "every operation of botocore's models", "request response, `.waitForTaskToken`", "done"


def served_integrations() -> frozenset[str]:
    """The optimised integrations that somebody here serves."""
    from embedded.stepfunctions.integrations.table import SERVED

    return SERVED


def _operations() -> Iterator[Sequence[str]]:
    for name in sorted(service_model("stepfunctions").operation_names):
        state = "done" if name in OPERATIONS else f"refused by name: {REFUSED_OPERATIONS[name]}"
        yield f"`{name}`", state, _test_of(name)


def _test_of(name: str) -> str:
    found = next((where for where, text in _test_texts().items() if f'"{name}"' in text), None)
    if found is None:
        raise LookupError(f"no test names {name}")
    return found


@cache
def _test_texts() -> Mapping[str, str]:
    """The source of every test, by its file and name."""
    return {where: text for folder in _TESTS for where, text in _tests_in(ROOT / folder)}


def _tests_in(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("test_*.py")):
        source = path.read_text()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                text = ast.get_source_segment(source, node) or ""
                yield f"{path.relative_to(ROOT / 'tests')}::{node.name}", text
        yield str(path.relative_to(ROOT / "tests")), source


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
