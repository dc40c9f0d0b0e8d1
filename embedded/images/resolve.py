"""From the URI of an image in ECR to the process image on this machine."""

from pathlib import Path
from typing import Any, Protocol

from embedded.images.image import ProcessImage
from embedded.images.registry import ImageNotFoundError, parse_reference, process_digest
from embedded.images.store import ImageStore


class Registry(Protocol):
    """What of the cloud is needed: where images are, and a client of ECR."""

    @property
    def state_dir(self) -> Path:
        """The cloud's folder."""

    def client(self, service: str) -> Any:
        """A boto3 client."""


def image_store(state_dir: Path) -> ImageStore:
    """The images of a cloud."""
    return ImageStore(state_dir / "images")


def resolve(cloud: Registry, image_uri: str) -> ProcessImage:
    """The process image of `<repository>@sha256:…` or `<repository>:<tag>`; raises `ImageNotFoundError`."""
    reference = parse_reference(image_uri)
    digest = process_digest(cloud.client("ecr"), reference)
    image = image_store(cloud.state_dir).find(digest)
    if image is None:
        raise ImageNotFoundError(
            f"{image_uri}: its process image {digest} is not on this machine; build it again"
        )
    return image
