"""The platform's part of every image."""

from pathlib import Path

import pytest

from sluiceway.errors import PermanentError
from sluiceway.images.platform_files import DOCKERFILE, platform_files


def test_a_repository_and_a_function_give_the_same_files(tmp_path: Path) -> None:
    """Byte code, caches and the command line are no part of it."""
    files = {DOCKERFILE: "FROM python", "sluiceway/names.py": "1", "requirements/container.txt": "orjson"}
    extra = {"sluiceway/cli/main.py": "1", "containers/README.md": "1", "sluiceway/__pycache__/a.pyc": "1"}
    for name, text in (files | extra).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert list(platform_files(tmp_path)) == sorted(files)


def test_a_function_without_the_containers_folder_says_so(tmp_path: Path) -> None:
    """Instead of building an image of nothing."""
    with pytest.raises(PermanentError, match="containers"):
        platform_files(tmp_path)
