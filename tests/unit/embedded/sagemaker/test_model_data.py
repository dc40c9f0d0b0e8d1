"""Model data arrives whole, and nothing is written outside its folder."""

import contextlib
import io
import tarfile
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from embedded.sagemaker.model_data import NoAccessError, UnsafeArchiveError, check_readable, fetch, split
from embedded.sagemaker.records import Container


class FakeS3:
    """A bucket in memory."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        self._objects = objects

    def get_paginator(self, _name: str) -> "FakeS3":
        return self

    def paginate(self, Bucket: str, Prefix: str) -> list[dict[str, Any]]:  # noqa: N803 - boto3's spelling
        return [{"Contents": [{"Key": key} for key in self._objects if key.startswith(Prefix)]}]

    def head_object(self, Bucket: str, Key: str) -> None:  # noqa: N803 - boto3's spelling
        if Key not in self._objects:
            raise ClientError({"Error": {"Code": "404", "Message": "Not Found"}}, "HeadObject")

    def download_file(self, _bucket: str, key: str, target: str) -> None:
        self.head_object(_bucket, key)
        Path(target).write_bytes(self._objects[key])


def packed(name: str, content: bytes = b"w") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def test_a_folder_is_copied_with_its_sub_folders(tmp_path: Path) -> None:
    """Keys relative to the prefix become paths; markers of folders do not."""
    s3 = FakeS3({"m/MLmodel": b"a", "m/data/weights": b"b", "m/data/": b"", "other": b"c"})
    fetch(s3, Container(image="i", folder="s3://b/m/"), tmp_path / "model")
    found = {
        str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()
    }
    assert found == {"model/MLmodel": b"a", "model/data/weights": b"b"}


def test_an_archive_is_extracted(tmp_path: Path) -> None:
    """And not left beside the model."""
    fetch(
        FakeS3({"m.tar.gz": packed("w")}), Container(image="i", archive="s3://b/m.tar.gz"), tmp_path / "model"
    )
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["w"]


@pytest.mark.parametrize("name", ["../escaped", "/absolute/escaped"])
def test_an_archive_writes_nothing_outside(tmp_path: Path, name: str) -> None:
    """A hostile name is refused, or stays inside."""
    container = Container(image="i", archive="s3://b/m.tar.gz")
    with contextlib.suppress(UnsafeArchiveError):
        fetch(FakeS3({"m.tar.gz": packed(name)}), container, tmp_path / "a" / "model")
    assert not [path for path in tmp_path.rglob("escaped") if "model" not in path.parts]


def test_a_key_that_leads_outside_is_refused(tmp_path: Path) -> None:
    """S3 lets keys hold `..`."""
    with pytest.raises(UnsafeArchiveError, match="leads outside"):
        fetch(FakeS3({"m/../../x": b""}), Container(image="i", folder="s3://b/m/"), tmp_path / "model")


@pytest.mark.parametrize(
    "container",
    [Container(image="i", folder="s3://b/none/"), Container(image="i", archive="s3://b/none.tar.gz")],
)
def test_model_data_that_is_not_there_is_told_by_its_address(tmp_path: Path, container: Container) -> None:
    """When the model is made, and again when it is fetched."""
    with pytest.raises(NoAccessError) as caught:
        check_readable(FakeS3({}), container)
    assert caught.value.uri.startswith("s3://b/none")
    with pytest.raises(NoAccessError):
        fetch(FakeS3({}), container, tmp_path / "model")


def test_addresses_are_read_in_both_spellings() -> None:
    """`s3://` and path-style https."""
    assert (
        split("s3://b/a/c.tar.gz")
        == split("https://s3.us-east-1.amazonaws.com/b/a/c.tar.gz")
        == ("b", "a/c.tar.gz")
    )
