"""What S3 answers is read rightly, and a write whose answer was lost is found again."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from sluiceway.errors import LostRace, NotFound, ServiceUnavailable
from sluiceway.gateways.objects import Archived, S3Objects, TooLarge
from sluiceway.gateways.records import Claim
from tests.fakes.object_rules import ObjectRules
from tests.fakes.objects import MemoryObjects
from tests.fakes.stubs import KEYS, streaming

PUT = {
    "Bucket": "b",
    "Key": "k",
    "Body": b"x",
    "ContentType": "application/json",
    "ChecksumSHA256": ANY,
    "IfNoneMatch": "*",
}


@pytest.fixture
def s3() -> Iterator[Stubber]:
    """A client that answers what a test tells it, and checks what it is asked."""
    with Stubber(boto3.client("s3", region_name="eu-west-1", **KEYS)) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def test_an_object_is_written_once(s3: Stubber) -> None:
    """The write is conditional and carries its checksum."""
    s3.add_response("put_object", {}, PUT)
    assert S3Objects(s3.client).put_once("b", "k", b"x") is Claim.WON


@pytest.mark.parametrize(("there", "claim"), [(b"x", Claim.MINE), (b"y", Claim.THEIRS)])
def test_an_object_that_is_there_may_be_ones_own(s3: Stubber, there: bytes, claim: Claim) -> None:
    """S3 refuses a retried write as it refuses anybody's: the bytes tell."""
    s3.add_client_error("put_object", "PreconditionFailed", http_status_code=412)
    s3.add_response("get_object", streaming(there), {"Bucket": "b", "Key": "k"})
    assert S3Objects(s3.client).put_once("b", "k", b"x") is claim


def test_what_is_named_by_its_content_is_kept_without_being_read(s3: Stubber) -> None:
    """Whatever stands there says the same; no permission to read is needed."""
    s3.add_client_error("put_object", "PreconditionFailed", http_status_code=412)
    S3Objects(s3.client).keep("b", "k", b"x")


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("ConditionalRequestConflict", 409, LostRace),
        ("SlowDown", 503, ServiceUnavailable),
        ("InternalError", 500, ServiceUnavailable),
    ],
)
def test_what_may_succeed_later_is_transient(
    s3: Stubber, code: str, status: int, error: type[Exception]
) -> None:
    """The error's class tells the queue and the state machine to try again."""
    s3.add_client_error("put_object", code, http_status_code=status)
    with pytest.raises(error):
        S3Objects(s3.client).keep("b", "k", b"x")


def test_an_object_that_is_not_there_is_not_found(s3: Stubber) -> None:
    """Also when only the asked version is missing."""
    for code in ("NoSuchKey", "NoSuchVersion"):
        s3.add_client_error("get_object", code, http_status_code=404)
        with pytest.raises(NotFound, match="s3://b/k in version 7"):
            S3Objects(s3.client).get("b", "k", version_id="7")
    s3.add_client_error("head_object", "404", http_status_code=404)
    assert not S3Objects(s3.client).exists("b", "k")


def test_an_object_in_an_archive_is_refused_with_what_to_do(s3: Stubber) -> None:
    """Asking again does not help: whoever uploaded it chose Glacier."""
    s3.add_client_error("get_object", "InvalidObjectState", http_status_code=403)
    with pytest.raises(Archived, match="s3://b/k lies in an archive of S3: upload it again"):
        S3Objects(s3.client).get("b", "k", version_id="7")


def test_an_object_that_is_too_large_is_not_read(s3: Stubber) -> None:
    """Its length comes before its bytes."""
    s3.add_response("get_object", streaming(b"12345"))
    with pytest.raises(TooLarge, match="has 5 bytes; the limit is 4"):
        S3Objects(s3.client).get("b", "k", at_most=4)


def test_versions_and_delete_markers_are_listed(s3: Stubber) -> None:
    """A delete marker has neither size nor ETag."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    common = {"Key": "k", "IsLatest": True, "LastModified": moment}
    page: dict[str, Any] = {
        "Versions": [{**common, "VersionId": "1", "Size": 3, "ETag": '"abc"'}],
        "DeleteMarkers": [{**common, "VersionId": "2"}],
    }
    s3.add_response("list_object_versions", page, {"Bucket": "b", "Prefix": "p/"})
    first, second = S3Objects(s3.client).list_versions("b", "p/")
    assert (first.version_id, first.size, first.etag, first.deleted) == ("1", 3, "abc", False)
    assert (second.version_id, second.deleted) == ("2", True)


def test_a_download_streams_to_a_file(s3: Stubber, tmp_path: Path) -> None:
    """The asked version, chunk by chunk."""
    s3.add_response("get_object", streaming(b"rows"), {"Bucket": "b", "Key": "k", "VersionId": "v"})
    S3Objects(s3.client).download("b", "k", tmp_path / "f", version_id="v")
    assert (tmp_path / "f").read_bytes() == b"rows"


def test_a_version_that_may_not_be_listed_is_not_found(s3: Stubber) -> None:
    """S3 answers 403 for a version that is gone; the message says what else it may mean."""
    s3.add_client_error("get_object", "AccessDenied", http_status_code=403)
    with pytest.raises(NotFound, match="in version 7, or this role may not read it"):
        S3Objects(s3.client).get("b", "k", version_id="7")
    s3.add_client_error("head_object", "403", http_status_code=403)
    with pytest.raises(NotFound):
        S3Objects(s3.client).known_sha256("b", "k", version_id="7")


@pytest.mark.parametrize(
    ("told", "known"),
    [
        (
            {"ChecksumSHA256": "K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=", "ChecksumType": "FULL_OBJECT"},
            True,
        ),
        (
            {"ChecksumSHA256": "K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=-2", "ChecksumType": "COMPOSITE"},
            False,
        ),
        ({"ChecksumCRC64NVME": "AAAAAAAAAAA=", "ChecksumType": "FULL_OBJECT"}, False),
    ],
)
def test_only_a_checksum_of_the_whole_object_counts(s3: Stubber, told: dict[str, str], known: bool) -> None:
    """S3's SHA-256 of a multipart upload is made of its parts'."""
    given = {"Bucket": "b", "Key": "k", "VersionId": "7", "ChecksumMode": "ENABLED"}
    s3.add_response("head_object", told, given)
    found = S3Objects(s3.client).known_sha256("b", "k", version_id="7")
    assert (found is not None and found.startswith("2bb80d537b1da3e3")) is known


@pytest.mark.parametrize(
    ("algorithm", "is_md5"), [("AES256", True), ("aws:kms", False), ("aws:kms:dsse", False)]
)
def test_etags_under_a_kms_key_are_no_md5(s3: Stubber, algorithm: str, is_md5: bool) -> None:
    """The bucket's default tells."""
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}
    s3.add_response("get_bucket_encryption", {"ServerSideEncryptionConfiguration": {"Rules": [rule]}})
    assert S3Objects(s3.client).etags_are_md5("b") is is_md5


def test_a_stream_goes_on_where_it_broke(s3: Stubber) -> None:
    """By a range of the very version."""
    given = {"Bucket": "b", "Key": "k", "VersionId": "7", "Range": "bytes=2-"}
    s3.add_response("get_object", streaming(b"ws"), given)
    assert b"".join(S3Objects(s3.client).stream("b", "k", version_id="7", start=2)) == b"ws"


class TestObjectsInMemory(ObjectRules):
    """The rules of all buckets, in memory."""

    @pytest.fixture
    def objects(self) -> MemoryObjects:
        """Empty buckets."""
        return MemoryObjects()

    @pytest.fixture
    def bucket(self) -> str:
        """Any name."""
        return "b"
