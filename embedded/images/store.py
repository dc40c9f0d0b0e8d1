"""The images of this machine: folders named after what they were built from, and local names for them."""

import contextlib
import fcntl
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from embedded.images.image import ProcessImage, load_image

STORE_VARIABLE = "PROCESS_IMAGE_STORE"


@dataclass(frozen=True)
class ImageStore:
    """`<root>/<digest>/` for each image; `<root>/names.json` for `name:tag` and what was pushed."""

    root: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "root", self.root.absolute())

    def folder(self, digest: str) -> Path:
        """Where the image of a digest is, or goes."""
        return self.root / digest.removeprefix("sha256:")

    def find(self, digest: str) -> ProcessImage | None:
        """The finished image of a digest."""
        return load_image(self.folder(digest))

    def name(self, reference: str, digest: str) -> None:
        """Let `name:tag`, or a pushed `repository@sha256:…`, mean an image."""
        with self.locked("names"):
            names = self.names() | {reference: digest}
            temporary = self.root / "names.new"
            temporary.write_text(json.dumps(names, indent=1))
            temporary.replace(self.root / "names.json")

    def names(self) -> dict[str, str]:
        """Digest by `name:tag` and by pushed `repository@sha256:…`."""
        path = self.root / "names.json"
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def named(self, reference: str) -> ProcessImage | None:
        """The image that a local name means; `latest` is understood."""
        digest = self.names().get(with_tag(reference))
        return self.find(digest) if digest else None

    @contextlib.contextmanager
    def locked(self, what: str) -> Iterator[None]:
        """Hold a lock among all processes that use this store."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / f"{what.removeprefix('sha256:')}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def with_tag(reference: str) -> str:
    """`name` as `name:latest`; a reference with a tag or digest as it is."""
    last = reference.rpartition("/")[2]
    return reference if ":" in last or "@" in last else f"{reference}:latest"
