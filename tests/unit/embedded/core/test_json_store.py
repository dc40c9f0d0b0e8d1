"""Files of the state folder."""

from pathlib import Path

import pytest

from embedded.json_store import DamagedFile, read_json, records
from embedded.record_book import Record


class _Note(Record):
    text: str


def test_records_are_read_in_the_order_of_their_files(tmp_path: Path) -> None:
    """Each file holds one."""
    for name in ("b", "a"):
        (tmp_path / f"{name}.json").write_text(_Note(text=name).model_dump_json())
    assert [note.text for note in records(tmp_path, _Note)] == ["a", "b"]


@pytest.mark.parametrize("content", ["", "{", '{"text": 1}', "\x00\x00"])
def test_a_damaged_record_is_named_with_what_to_do(tmp_path: Path, content: str) -> None:
    """Who starts the cloud learns which file it is, and how to go on."""
    path = tmp_path / "note.json"
    path.write_text(content)
    with pytest.raises(DamagedFile, match=r"note\.json is damaged .*sluice local restore"):
        list(records(tmp_path, _Note))


def test_a_damaged_document_is_named_and_a_missing_one_has_its_default(tmp_path: Path) -> None:
    """No file is no damage."""
    path = tmp_path / "catalog.json"
    assert read_json(path, {}) == {}
    path.write_text("[")
    with pytest.raises(DamagedFile, match=r"catalog\.json is damaged"):
        read_json(path, {})
