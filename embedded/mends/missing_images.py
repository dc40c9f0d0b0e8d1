"""ECR's `DescribeImages` refuses an image that does not exist; MiniStack answers with an empty list.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html
"""

from collections.abc import Mapping
from typing import Any


def install() -> None:
    """Look for each image that is asked for by name."""
    from ministack.core.responses import error_response_json
    from ministack.services import ecr

    describe = ecr._describe_images

    def strict(data: Mapping[str, Any]) -> Any:
        repository = data.get("repositoryName", "")
        wanted = data.get("imageIds") or []
        if repository in ecr._repositories and not all(ecr._find_image(repository, each) for each in wanted):
            missing = next(each for each in wanted if not ecr._find_image(repository, each))
            message = _message(repository, missing, ecr._registry_id())
            return error_response_json("ImageNotFoundException", message, 400)
        return describe(data)

    ecr._describe_images = strict


def _message(repository: str, image: Mapping[str, str], registry: str) -> str:
    shown = ", ".join(f"{key}:'{image.get(key, 'null')}'" for key in ("imageDigest", "imageTag"))
    return (
        f"The image with imageId {{{shown}}} does not exist within the repository with name '{repository}' "
        f"in the registry with id '{registry}'"
    )
