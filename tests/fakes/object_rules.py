"""What holds of all buckets: run on memory by tests/unit/gateways, on S3 by tests/embedded."""

from pathlib import Path

import pytest

from sluiceway.errors import NotFound
from sluiceway.gateways.objects import Objects, TooLarge, read_contract, write_contract_once
from sluiceway.gateways.records import Claim
from sluiceway.triggers.contracts import RunPipelineInput


class ObjectRules:
    """Subclasses give the fixtures `objects` and `bucket`: a versioned bucket, empty for each test."""

    def test_an_object_is_written_once(self, objects: Objects, bucket: str) -> None:
        """The first write stands; repeating it is one's own."""
        claims = [objects.put_once(bucket, "k", body) for body in (b"1", b"1", b"2")]
        assert claims == [Claim.WON, Claim.MINE, Claim.THEIRS]
        objects.keep(bucket, "k", b"3")
        assert objects.get(bucket, "k") == b"1"

    def test_what_is_not_there_is_not_found(self, objects: Objects, bucket: str, tmp_path: Path) -> None:
        """Reading it is an error, asking for it is not."""
        for act in (
            lambda: objects.get(bucket, "k"),
            lambda: objects.download(bucket, "k", tmp_path / "f"),
        ):
            with pytest.raises(NotFound, match="/k"):
                act()
        assert not objects.exists(bucket, "k")

    def test_every_version_stays_readable(self, objects: Objects, bucket: str) -> None:
        """A dataset version pins its objects' versions: later writes don't change it."""
        for body in (b"old", b"newer"):
            objects.put(bucket, "data/a", body)
        latest, older = objects.list_versions(bucket, "data/")
        assert [latest.is_latest, older.is_latest] == [True, False]
        assert (latest.size, older.size) == (5, 3)
        assert latest.last_modified >= older.last_modified
        assert objects.get(bucket, "data/a", version_id=older.version_id) == b"old"
        assert len({latest.etag, older.etag}) == 2

    def test_listings_keep_to_their_prefix(self, objects: Objects, bucket: str) -> None:
        """Keys come in order, with whatever characters they have."""
        for key in ("data/b", "data/a b+c%d/é", "datasets/x"):
            objects.put(bucket, key, b"x")
        assert list(objects.list_keys(bucket, "data/")) == ["data/a b+c%d/é", "data/b"]
        assert [found.key for found in objects.list_versions(bucket, "data/")] == ["data/a b+c%d/é", "data/b"]

    def test_files_go_up_and_come_down(self, objects: Objects, bucket: str, tmp_path: Path) -> None:
        """Streamed, and not larger than the reader allows."""
        (tmp_path / "up").write_bytes(b"rows" * 1000)
        objects.upload(tmp_path / "up", bucket, "k")
        objects.download(bucket, "k", tmp_path / "down")
        assert (tmp_path / "down").read_bytes() == b"rows" * 1000
        with pytest.raises(TooLarge, match="has 4000 bytes; the limit is 10"):
            objects.get(bucket, "k", at_most=10)

    def test_a_version_is_streamed_from_anywhere(self, objects: Objects, bucket: str) -> None:
        """What is overwritten stays as it was; S3's own keys make ETags MD5."""
        for body in (b"0123456789", b"other"):
            objects.put(bucket, "k", body)
        latest, older = objects.list_versions(bucket, "k")
        found = [b"".join(objects.stream(bucket, "k", version_id=older.version_id, start=n)) for n in (0, 4)]
        assert found == [b"0123456789", b"456789"]
        assert objects.known_sha256(bucket, "k", version_id=latest.version_id) is None
        assert objects.etags_are_md5(bucket)

    def test_contracts_are_objects(self, objects: Objects, bucket: str) -> None:
        """Written once as JSON, read back as what they were."""
        given, uri = RunPipelineInput(run_id="pp-1"), f"s3://{bucket}/runs/pp-1/plan.json"
        assert write_contract_once(objects, uri, given) is Claim.WON
        assert write_contract_once(objects, uri, given) is Claim.MINE
        assert read_contract(objects, uri, RunPipelineInput) == given
