"""A build's source: a zip in S3, fetched under the project's service role, or none."""

import io
import zipfile
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from embedded.api_error import ApiError
from embedded.codebuild.buildspec import Buildspec, BuildspecError, parse_buildspec
from embedded.codebuild.model import Build

SUPPORTED = ("S3", "NO_SOURCE")


class SourceError(Exception):
    """A source that cannot be had; `code` is the phase's status code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def check_source(source: dict[str, Any]) -> None:
    """Raise InvalidInputException for a source that no build here could fetch."""
    kind = source.get("type")
    if kind not in SUPPORTED:
        raise ApiError(
            "InvalidInputException", f"source type {kind} is not supported here; use S3 or NO_SOURCE"
        )
    if kind == "S3" and "/" not in source.get("location", "").strip("/"):
        raise ApiError(
            "InvalidInputException", f"source location {source.get('location')!r} is not bucket/key.zip"
        )
    if kind == "S3" and source["location"].endswith("/"):
        raise ApiError(
            "InvalidInputException", "a folder as the source is not supported here; use a zip in S3"
        )
    if str(source.get("buildspec", "")).startswith("arn:"):
        raise ApiError("InvalidInputException", "a buildspec in S3 is not supported here; give its text")
    if kind == "NO_SOURCE" and "\n" not in source.get("buildspec", ""):
        raise ApiError("InvalidInputException", "a project without source needs a buildspec of its own")


def fetch_source(build: Build, s3: Any, folder: Path) -> None:
    """Put the source's files into a folder; raises `SourceError`."""
    folder.mkdir(parents=True, exist_ok=True)
    if build.source["type"] == "NO_SOURCE":
        return
    bucket, _, key = build.source["location"].removeprefix("arn:aws:s3:::").partition("/")
    version = {"VersionId": build.source_version} if build.source_version else {}
    try:
        body = s3.get_object(Bucket=bucket, Key=key, **version)["Body"].read()
    except ClientError as error:
        raise SourceError(
            "CLIENT_ERROR",
            f"{error} for primary source and source version {build.source_version or ''}",
        ) from error
    _unpack(body, f"{bucket}/{key}", folder)


def read_buildspec(build: Build, folder: Path) -> Buildspec:
    """The build's buildspec: its text, a path in the source, or buildspec.yml there; raises `SourceError`."""
    given = build.source.get("buildspec") or "buildspec.yml"
    if "\n" not in given:
        path = folder / given
        if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
            raise SourceError("YAML_FILE_ERROR", f"stat {given}: no such file in the source")
        given = path.read_text()
    try:
        return parse_buildspec(given)
    except BuildspecError as error:
        raise SourceError("YAML_FILE_ERROR", str(error)) from error


def _unpack(body: bytes, name: str, folder: Path) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for entry in archive.infolist():
                _extract(archive, entry, folder)
    except zipfile.BadZipFile as error:
        raise SourceError("CLIENT_ERROR", f"{name} is not a zip archive: {error}") from error


def _extract(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path) -> None:
    target = folder / entry.filename
    if not target.resolve().is_relative_to(folder.resolve()):
        raise SourceError("CLIENT_ERROR", f"entry {entry.filename!r} of the source leaves its folder")
    archive.extract(entry, folder)
    mode = entry.external_attr >> 16 & 0o777
    if mode and not entry.is_dir():
        target.chmod(mode)
