"""Whether a file holds what a dataset version's manifest says, for whoever fetched it."""

import hashlib
from pathlib import Path

from sluiceway.datasets.contracts import Manifest, ManifestObject

_DIGESTS = {"sha256": "sha256", "etag": "md5"}


def difference(item: ManifestObject, path: Path) -> str | None:
    """How a file differs from what the manifest says, or None."""
    size = path.stat().st_size
    if size != item.size:
        return f"has {size} bytes, its manifest says {item.size}"
    kind, _, wanted = item.checksum.partition(":")
    if kind == "etag" and "-" in wanted:
        return None  # of a multipart upload: no checksum of the bytes; the version id pins them
    with path.open("rb") as file:
        found = hashlib.file_digest(file, _DIGESTS[kind]).hexdigest()
    return None if found == wanted else f"has {kind} {found}, its manifest says {wanted}"


def gone(manifest: Manifest, item: ManifestObject) -> str:
    """What to say where S3 no longer has an object in the version that a manifest names."""
    return (
        f"version {manifest.version[:12]} of the dataset {manifest.dataset!r} cannot be had any more: "
        f"somebody deleted {item.key!r} in its S3 version {item.version_id} for good; upload the data again, "
        f"and use the version that comes of it"
    )
