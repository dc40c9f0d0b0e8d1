"""What nothing saved names is removed, and nothing else."""

import hashlib
import json
from pathlib import Path

import pytest

from embedded.durability.pruning import prune
from embedded.durability.restore import Saved
from embedded.durability.store import Change, Store

CODE = b"a small archive"
NAMED, UNNAMED, LOCAL = "a" * 64, "b" * 64, "c" * 64
SMALL = hashlib.sha256(CODE).hexdigest()


@pytest.fixture
def state_dir(tmp_path: Path) -> Path:
    """Blobs, unpacked code and images of each kind."""
    (tmp_path / "ministack" / "blobs").mkdir(parents=True)
    for digest in (NAMED, UNNAMED):
        (tmp_path / "ministack" / "blobs" / digest).write_text("x")
    for digest in (NAMED, UNNAMED, SMALL, f"{NAMED}.new"):
        (tmp_path / "lambda" / "unpacked" / digest).mkdir(parents=True)
    for digest in (NAMED, UNNAMED, LOCAL):
        (tmp_path / "images" / digest).mkdir(parents=True)
    names = {"trainer:latest": f"sha256:{LOCAL}", f"repo@sha256:{'d' * 64}": f"sha256:{UNNAMED}"}
    (tmp_path / "images" / "names.json").write_text(json.dumps(names))
    return tmp_path


def _prune(state_dir: Path) -> set[str]:
    store = Store(state_dir / "ministack" / "state.db")
    manifest = json.dumps({"manifest": json.dumps({"annotations": {"digest": f"sha256:{NAMED}"}})})
    store.apply([Change("ecr.images", "'repo'", "", manifest)])
    entries = {"lambda.functions": {"f": {"versions": {"1": {"code_zip": CODE}}, "config": {"n": "x"}}}}
    return {path.relative_to(state_dir).as_posix() for path in prune(state_dir, store, Saved(entries))}


def test_what_nothing_names_goes(state_dir: Path) -> None:
    """An image whose repository forgot it, too, and what a kill cut short in the making."""
    expected = {
        f"ministack/blobs/{UNNAMED}",
        f"lambda/unpacked/{UNNAMED}",
        f"lambda/unpacked/{NAMED}.new",
        f"images/{UNNAMED}",
    }
    assert _prune(state_dir) == expected
    assert not any((state_dir / each).exists() for each in expected)


def test_what_is_named_stays(state_dir: Path) -> None:
    """In a row, by a local name, or as code too small for a file of its own."""
    _prune(state_dir)
    assert (state_dir / "images" / "names.json").exists()
    for kept in (
        f"ministack/blobs/{NAMED}",
        f"lambda/unpacked/{SMALL}",
        f"images/{LOCAL}",
        f"images/{NAMED}",
    ):
        assert (state_dir / kept).exists(), kept
