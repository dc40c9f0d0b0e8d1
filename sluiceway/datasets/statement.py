"""What the manifest that lies beside a dataset's objects states, and until when it may be untrue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sluiceway.clock import timestamp
from sluiceway.datasets.content import LARGEST_READ, Key
from sluiceway.datasets.contracts import ObjectVersion, UploadManifest
from sluiceway.datasets.manifest import Content, some
from sluiceway.datasets.pending import later
from sluiceway.datasets.settling import Settling
from sluiceway.datasets.upload_manifest import MAX_BYTES, is_too_large, problems, read_upload_manifest
from sluiceway.errors import InvalidDataset, LostRace, NotFound
from sluiceway.gateways.objects import Archived

NAMED = 20
"""Files that a reason names before it only counts them."""


@dataclass(frozen=True)
class Statement:
    """A manifest and where it lies."""

    dataset: str
    source: ObjectVersion
    stated: UploadManifest

    @property
    def deadline(self) -> str:
        """The moment until which what is missing may still come."""
        return later(timestamp(self.source.last_modified), self.stated.deadline)

    def lacking(
        self, found: Sequence[ObjectVersion], content: Mapping[Key, Content] | None = None
    ) -> list[str]:
        """What does not hold; SHA-256 is looked at once `content` is known. Raises `InvalidDataset`."""
        by_path = {self._path(each.key): each for each in found}
        if content is None:
            return problems(self.stated, by_path)
        hashes = {
            path: content[each.key, each.version_id].sha256
            for path, each in by_path.items()
            if each.key in self.hashed()
        }
        self._check_hashes(hashes)
        return problems(self.stated, by_path, hashes)

    def hashed(self) -> frozenset[str]:
        """Keys of the files whose SHA-256 is stated."""
        return frozenset(f"data/{self.dataset}/{each.path}" for each in self.stated.files if each.sha256)

    def not_fulfilled(self, lacking: Sequence[str]) -> str:
        """The sentence that says so."""
        return (
            f"the dataset {self.dataset!r} is not what {self.source.key} states: "
            f"{some(lacking, at_most=NAMED)}; the deadline is {self.deadline}: "
            f"upload what is missing or a right manifest, or delete the manifest"
        )

    def _check_hashes(self, hashes: Mapping[str, str | None]) -> None:
        unknown = [repr(path) for path, sha256 in hashes.items() if sha256 is None]
        if unknown:
            raise InvalidDataset(
                f"{self.source.key} states the SHA-256 of {some(unknown)}: more than {LARGEST_READ} bytes "
                f"that were uploaded in parts are not read; state their size only"
            )

    def _path(self, key: str) -> str:
        return key.removeprefix(f"data/{self.dataset}/")


def read_statement(dataset: str, source: ObjectVersion, on: Settling) -> Statement:
    """Read the manifest in the version that was listed; raises `InvalidDataset` where it is none."""
    if source.size > MAX_BYTES:
        raise is_too_large(dataset, source.size)
    try:
        body = on.objects.get(on.uploads_bucket, source.key, version_id=source.version_id, at_most=MAX_BYTES)
    except NotFound as error:
        raise LostRace(f"the manifest of {dataset!r} went away while it was read: {error}") from error
    except Archived as error:
        raise InvalidDataset(f"the manifest of {dataset!r}: {error}") from error
    return Statement(dataset, source, read_upload_manifest(dataset, body))
