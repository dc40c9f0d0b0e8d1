"""What a build leaves in S3: the files that its buildspec names, as a folder or as one zip archive.

Sources: https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectArtifacts.html and the part on
artifacts of https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
"""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from embedded.api_error import ApiError
from embedded.codebuild.buildspec import Artifacts
from embedded.codebuild.model import Build

_KNOWN = (
    "type",
    "location",
    "path",
    "namespaceType",
    "name",
    "packaging",
    "encryptionDisabled",
    "overrideArtifactName",
)


class ArtifactError(Exception):
    """Artifacts that cannot be uploaded; the message is the phase's."""


def check_artifacts(artifacts: dict[str, Any]) -> None:
    """Raise InvalidInputException for artifacts that no build here could leave."""
    kind = artifacts["type"]
    if kind not in ("NO_ARTIFACTS", "S3"):
        raise ApiError(
            "InvalidInputException", f"artifacts type {kind} is not supported here; use S3 or NO_ARTIFACTS"
        )
    unknown = [name for name in artifacts if name not in _KNOWN and artifacts[name]]
    if unknown:
        raise ApiError("InvalidInputException", f"artifacts.{unknown[0]} is not supported here")
    if kind == "S3" and not artifacts.get("location"):
        raise ApiError("InvalidInputException", "artifacts of type S3 need the location of a bucket")


def upload(build: Build, spec: Artifacts | None, folder: Path, s3: Any) -> dict[str, Any]:
    """Put a build's files into S3; what BatchGetBuilds then tells of them. Raises `ArtifactError`."""
    if spec is None:
        raise ArtifactError("no artifacts are specified in the buildspec")
    files = dict(_files(spec, folder))
    if not files:
        raise ArtifactError("no matching artifact paths found")
    bucket, key = str(build.artifacts["location"]), artifact_key(build, spec)
    if build.artifacts.get("packaging") == "ZIP":
        return _put_archive(files, bucket, key, s3)
    for name, path in files.items():
        s3.put_object(Bucket=bucket, Key=f"{key}/{name}".lstrip("/"), Body=path.read_bytes())
    return {"location": f"arn:aws:s3:::{bucket}/{key}".rstrip("/")}


def artifact_key(build: Build, spec: Artifacts) -> str:
    """`path/namespace/name`: the namespace is the build's id, if asked for; `/` as the name is none."""
    given = build.artifacts
    name = given.get("name") or build.project
    if given.get("overrideArtifactName") and spec.name:
        name = spec.name
    namespace = build.id.rpartition(":")[2] if given.get("namespaceType") == "BUILD_ID" else ""
    parts = (str(part).strip("/") for part in (given.get("path", ""), namespace, name))
    return "/".join(part for part in parts if part)


def _files(spec: Artifacts, folder: Path) -> Iterator[tuple[str, Path]]:
    """The files, by their names within the artifact, in order."""
    base = (folder / spec.base_directory).resolve()
    if not base.is_relative_to(folder.resolve()):
        raise ArtifactError(f"base-directory {spec.base_directory} leaves the source")
    left_out = {path for pattern in spec.exclude_paths for path in base.glob(pattern)}
    found = sorted({path for pattern in spec.files for path in base.glob(pattern)})
    for path in found:
        if path.is_file() and path not in left_out:
            yield (path.name if spec.discard_paths else str(path.relative_to(base))), path


def _put_archive(files: dict[str, Path], bucket: str, key: str, s3: Any) -> dict[str, Any]:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in files.items():
            archive.write(path, name)
    body = target.getvalue()
    s3.put_object(Bucket=bucket, Key=key, Body=body)
    return {
        "location": f"arn:aws:s3:::{bucket}/{key}",
        "sha256sum": hashlib.sha256(body).hexdigest(),
        "md5sum": hashlib.md5(body, usedforsecurity=False).hexdigest(),
    }
