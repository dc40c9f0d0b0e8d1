"""ECR's deviations that the pipeline would trip over."""

import pytest

from tests.embedded.conftest import CloudSession

pytestmark = pytest.mark.embedded


def test_an_image_that_was_never_pushed_is_refused_by_name(cloud_session: CloudSession) -> None:
    """AWS answers `ImageNotFoundException`; unmended, the answer is an empty list."""
    ecr = cloud_session.client("ecr")
    ecr.create_repository(repositoryName="empty")
    with pytest.raises(ecr.exceptions.ImageNotFoundException, match="imageTag:'none'"):
        ecr.describe_images(repositoryName="empty", imageIds=[{"imageTag": "none"}])
    assert ecr.describe_images(repositoryName="empty")["imageDetails"] == []
