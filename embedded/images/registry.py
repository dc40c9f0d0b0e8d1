"""Pushes process images to ECR and finds them there, with the calls, and so the permissions, of Docker."""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from embedded.images.image import ProcessImage

MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG_TYPE = "application/vnd.docker.container.image.v1+json"
LAYER_TYPE = "application/vnd.docker.image.rootfs.diff.tar.gzip"
ANNOTATION = "process-image"
_REFERENCE = re.compile(
    r"^(?P<registry>(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.[a-z.]+)/(?P<repository>[a-z0-9._/-]+?)"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64})|:(?P<tag>[\w.-]{1,128}))?$"
)


class ImageNotFoundError(Exception):
    """No such image; worded as a container runtime words it."""


@dataclass(frozen=True)
class Reference:
    """An image in ECR: `<account>.dkr.ecr.<region>.amazonaws.com/<repository>` with a tag or a digest."""

    registry: str
    account: str
    region: str
    repository: str
    tag: str | None
    digest: str | None

    @property
    def uri(self) -> str:
        """The repository's URI, without tag or digest."""
        return f"{self.registry}/{self.repository}"

    @property
    def repository_arn(self) -> str:
        """The ARN that policies name."""
        return f"arn:aws:ecr:{self.region}:{self.account}:repository/{self.repository}"


def parse_reference(text: str) -> Reference:
    """Read the URI of an image in ECR; raises `ImageNotFoundError` for one that is elsewhere."""
    match = _REFERENCE.match(text)
    if not match:
        raise ImageNotFoundError(
            f"{text} is not an image in ECR (<account>.dkr.ecr.<region>.amazonaws.com/<repository>)"
        )
    found = match.groupdict()
    if not found["digest"] and not found["tag"]:
        found["tag"] = "latest"
    return Reference(**found)


def push(ecr: Any, image: ProcessImage, reference: Reference) -> str:
    """Put an image into a repository as Docker does; the digest of its manifest there."""
    config = (image.folder / "image.json").read_bytes()
    _upload(ecr, reference.repository, config)
    manifest = _manifest(image, config)
    digest = _digest(manifest.encode())
    try:
        ecr.put_image(
            repositoryName=reference.repository,
            imageManifest=manifest,
            imageManifestMediaType=MANIFEST_TYPE,
            imageTag=reference.tag,
        )
    except ecr.exceptions.ImageTagAlreadyExistsException:
        # The very same image under the tag already is what was asked for.
        if _digest(_manifest_at(ecr, reference).encode()) != digest:
            raise
    return digest


def process_digest(ecr: Any, reference: Reference) -> str:
    """The digest of the process image behind an image in ECR."""
    annotations = json.loads(_manifest_at(ecr, reference)).get("annotations", {})
    if ANNOTATION not in annotations:
        raise ImageNotFoundError(f"{reference.uri} holds an image that was not built as a process image")
    return str(annotations[ANNOTATION])


def _upload(ecr: Any, repository: str, blob: bytes) -> None:
    digest = _digest(blob)
    known = ecr.batch_check_layer_availability(repositoryName=repository, layerDigests=[digest])["layers"]
    if any(layer["layerAvailability"] == "AVAILABLE" for layer in known):
        return
    upload = ecr.initiate_layer_upload(repositoryName=repository)["uploadId"]
    ecr.upload_layer_part(
        repositoryName=repository,
        uploadId=upload,
        partFirstByte=0,
        partLastByte=len(blob) - 1,
        layerPartBlob=blob,
    )
    ecr.complete_layer_upload(repositoryName=repository, uploadId=upload, layerDigests=[digest])


def _manifest(image: ProcessImage, config: bytes) -> str:
    blob = {"size": len(config), "digest": _digest(config)}
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": {"mediaType": CONFIG_TYPE, **blob},
        "layers": [{"mediaType": LAYER_TYPE, **blob}],
        "annotations": {ANNOTATION: image.digest},
    }
    return json.dumps(manifest, indent=2)


def _manifest_at(ecr: Any, reference: Reference) -> str:
    wanted = {"imageDigest": reference.digest} if reference.digest else {"imageTag": reference.tag}
    try:
        found = ecr.batch_get_image(repositoryName=reference.repository, imageIds=[wanted])["images"]
    except ecr.exceptions.RepositoryNotFoundException as error:
        raise ImageNotFoundError(str(error)) from error
    if not found:
        name = reference.digest or reference.tag
        raise ImageNotFoundError(f"{reference.uri}: {name}: not found in the registry")
    return str(found[0]["imageManifest"])


def _digest(blob: bytes) -> str:
    return "sha256:" + hashlib.sha256(blob).hexdigest()
