"""Values that outlive the server: JSON files that are replaced whole, and so never half-written."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def write_json(path: Path, value: str) -> None:
    """Replace a file's content at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    temporary.write_text(value)
    temporary.replace(path)


def read_json(path: Path, default: Any) -> Any:
    """A file's content, or `default` where there is none."""
    return json.loads(path.read_text()) if path.exists() else default


def documents(folder: Path) -> Iterator[str]:
    """The JSON texts in a folder."""
    for path in sorted(folder.glob("*.json")):
        yield path.read_text()
