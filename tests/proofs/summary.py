"""What the proofs did, as tables: `python -m tests.proofs.summary`, after `make proof`."""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from tests.proofs.figures import FIGURES


def main() -> None:
    """Print every proof's figures, and which invariant found which seeded bug."""
    found = {path.stem: json.loads(path.read_text()) for path in sorted(FIGURES.glob("*.json"))}
    lines = [*_figures(found), "", *_bugs(found.get("seeded_bugs", {}).get("bugs", {}))]
    sys.stdout.write("\n".join(lines) + "\n")


def _figures(found: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield "| proof | form | figures |"
    yield "|---|---|---|"
    for name, figures in found.items():
        told = [f"{value:,} {word.replace('_', ' ')}" for word, value in figures.items() if _is_number(value)]
        yield f"| {name.replace('_', ' ')} | {figures['form']} | {', '.join(told)} |"


def _bugs(bugs: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield "| seeded bug | found by | in history |"
    yield "|---|---|---:|"
    for each in bugs.values():
        yield f"| {each['bug']} | {each['invariant']} | {each['histories']} |"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


if __name__ == "__main__":
    main()
