"""An ECR that keeps manifests in memory and writes down which calls were made."""

from typing import Any


class _Exceptions:
    class ImageTagAlreadyExistsException(Exception):
        """As boto3 names it."""

    class RepositoryNotFoundException(Exception):
        """As boto3 names it."""


class FakeEcr:
    """One registry with immutable tags; `calls` holds the operations in order."""

    exceptions = _Exceptions

    def __init__(self, *repositories: str) -> None:
        self.images: dict[str, dict[str, str]] = {name: {} for name in repositories}
        self.calls: list[str] = []

    def batch_check_layer_availability(self, **_call: Any) -> dict[str, Any]:
        self.calls.append("BatchCheckLayerAvailability")
        return {"layers": []}

    def initiate_layer_upload(self, **_call: Any) -> dict[str, Any]:
        self.calls.append("InitiateLayerUpload")
        return {"uploadId": "u"}

    def upload_layer_part(self, **_call: Any) -> None:
        self.calls.append("UploadLayerPart")

    def complete_layer_upload(self, **_call: Any) -> None:
        self.calls.append("CompleteLayerUpload")

    def put_image(self, **call: Any) -> None:
        self.calls.append("PutImage")
        tags = self.images[call["repositoryName"]]
        if call["imageTag"] in tags:
            raise self.exceptions.ImageTagAlreadyExistsException(call["imageTag"])
        tags[call["imageTag"]] = call["imageManifest"]

    def batch_get_image(self, **call: Any) -> dict[str, Any]:
        import hashlib

        self.calls.append("BatchGetImage")
        if call["repositoryName"] not in self.images:
            raise self.exceptions.RepositoryNotFoundException(call["repositoryName"])
        wanted = call["imageIds"][0]
        tags = self.images[call["repositoryName"]]
        digests = {"sha256:" + hashlib.sha256(m.encode()).hexdigest(): m for m in tags.values()}
        manifest = tags.get(wanted.get("imageTag")) or digests.get(wanted.get("imageDigest"))
        return {"images": [{"imageManifest": manifest}] if manifest else []}
