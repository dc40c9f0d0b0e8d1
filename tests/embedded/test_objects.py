"""Objects in S3 obey the same rules as those in memory."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from sluiceway.gateways.objects import S3Objects
from tests.embedded.conftest import CloudSession
from tests.fakes.object_rules import ObjectRules

pytestmark = pytest.mark.embedded


class TestObjectsInS3(ObjectRules):
    """The rules of all buckets, in S3."""

    @pytest.fixture
    def objects(self, cloud_session: CloudSession) -> S3Objects:
        """The gateway under test."""
        return S3Objects(cloud_session.client("s3"))

    @pytest.fixture
    def bucket(self, cloud_session: CloudSession) -> Iterator[str]:
        """A versioned bucket of its own."""
        s3, name = cloud_session.client("s3"), f"bucket-{uuid4().hex[:8]}"
        s3.create_bucket(Bucket=name)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        yield name
        for version in S3Objects(s3).list_versions(name, ""):
            s3.delete_object(Bucket=name, Key=version.key, VersionId=version.version_id)
        s3.delete_bucket(Bucket=name)
