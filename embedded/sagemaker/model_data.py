"""Model data on its way from S3 into the folder of an instance, under the execution role."""

import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from embedded.sagemaker.records import Container

_THREADS = 8


class NoAccessError(Exception):
    """Model data that is not there, or that the role may not read."""

    def __init__(self, uri: str, why: str) -> None:
        super().__init__(why)
        self.uri = uri


class UnsafeArchiveError(Exception):
    """An archive or a key that would be written outside the model's folder."""


def check_readable(s3: Any, container: Container) -> None:
    """Raise NoAccessError unless the data can be listed, or the archive read."""
    if container.archive:
        bucket, key = split(container.archive)
        _call(container.archive, s3.head_object, Bucket=bucket, Key=key)
    elif container.folder and not next(_keys(s3, container.folder), None):
        raise NoAccessError(container.folder, "there is no object with this prefix")


def fetch(s3: Any, container: Container, folder: Path) -> None:
    """Bring the container's model data into `folder`, which is made; empty where there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    if container.archive:
        _fetch_archive(s3, container.archive, folder)
    elif container.folder:
        _fetch_folder(s3, container.folder, folder)


def split(uri: str) -> tuple[str, str]:
    """Bucket and key of an `s3://` address, or of the https one of the same object."""
    parts = urlsplit(uri)
    if parts.scheme == "s3":
        return parts.netloc, parts.path.lstrip("/")
    bucket, _, key = parts.path.lstrip("/").partition("/")
    return bucket, key


def _fetch_archive(s3: Any, uri: str, folder: Path) -> None:
    bucket, key = split(uri)
    archive = folder.with_suffix(".tar.gz")
    _call(uri, s3.download_file, bucket, key, str(archive))
    with tarfile.open(archive) as tar:
        try:
            tar.extractall(folder, filter="data")
        except tarfile.FilterError as error:
            raise UnsafeArchiveError(str(error)) from error
    archive.unlink()


def _fetch_folder(s3: Any, uri: str, folder: Path) -> None:
    bucket, prefix = split(uri)
    targets = {key: _inside(folder, key.removeprefix(prefix)) for key in _keys(s3, uri)}
    if not targets:
        raise NoAccessError(uri, "there is no object with this prefix")

    def one(key: str) -> None:
        targets[key].parent.mkdir(parents=True, exist_ok=True)
        _call(uri, s3.download_file, bucket, key, str(targets[key]))

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(one, targets))


def _keys(s3: Any, uri: str) -> Iterator[str]:
    bucket, prefix = split(uri)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    try:
        for page in pages:
            yield from (item["Key"] for item in page.get("Contents", []) if not item["Key"].endswith("/"))
    except ClientError as error:
        raise NoAccessError(uri, str(error)) from error


def _inside(folder: Path, relative: str) -> Path:
    path = PurePosixPath(relative)
    if path.is_absolute() or ".." in path.parts or "\0" in relative:
        raise UnsafeArchiveError(f"the key {relative!r} leads outside the model's folder")
    return folder / path


def _call(uri: str, run: Any, *args: Any, **params: Any) -> Any:
    try:
        return run(*args, **params)
    except ClientError as error:
        raise NoAccessError(uri, str(error)) from error
