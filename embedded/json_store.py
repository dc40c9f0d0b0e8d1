"""Values that outlive the server: JSON files that are replaced whole, and so never half-written."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)


class DamagedFile(ValueError):
    """A file of the state folder does not hold what was written into it; the message says what to do."""

    def __init__(self, path: Path, error: Exception) -> None:
        reason = " ".join(str(error).split())
        super().__init__(
            f"{path} is damaged ({reason}). Bring back a snapshot (`sluice local restore`), or remove that "
            "file and with it what it records"
        )


def write_json(path: Path, value: str) -> None:
    """Replace a file's content at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    temporary.write_text(value)
    temporary.replace(path)


def read_json(path: Path, default: Any) -> Any:
    """A file's content, or `default` where there is none; raises DamagedFile."""
    if not path.exists():
        return default
    try:
        return json.loads(path.read_text())
    except ValueError as error:
        raise DamagedFile(path, error) from error


def records(folder: Path, model: type[M]) -> Iterator[M]:
    """What the JSON files in a folder hold; raises DamagedFile."""
    for path in sorted(folder.glob("*.json")):
        try:
            yield model.model_validate_json(path.read_text())
        except ValueError as error:
            raise DamagedFile(path, error) from error
