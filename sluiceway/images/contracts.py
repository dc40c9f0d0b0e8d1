"""Images: what `build_image` takes and what it leaves."""

from sluiceway.contract import Contract
from sluiceway.names import Name


class PrepareBuildInput(Contract):
    """The image that a run needs, and the project whose environment it holds."""

    project: Name
    image_tag: str
    run_id: str


class PrepareBuildOutput(Contract):
    """Where CodeBuild finds the build context."""

    image_tag: str
    source_location: str
    """`bucket/key`, as CodeBuild writes S3 sources."""


class RecordImageInput(Contract):
    """How the build ended: an id when it went well, else Step Functions' error and cause."""

    image_tag: str
    run_id: str
    build_id: str | None
    error: str | None
    cause: str | None


class RecordImageOutput(Contract):
    """The image that jobs run in from now on."""

    image_tag: str
    image_uri: str
    """Pinned: `<repository>@sha256:…`."""
    digest: str
    job_definition: str
    """ARN of the Batch job definition."""
