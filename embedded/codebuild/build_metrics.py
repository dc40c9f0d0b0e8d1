"""The metrics AWS/CodeBuild of a build that has ended, for its project and for the account.

Source: https://docs.aws.amazon.com/codebuild/latest/userguide/monitoring-metrics.html
"""

from collections.abc import Callable, Iterator, Mapping

from embedded.codebuild.model import SUCCEEDED, Build

NAMESPACE = "AWS/CodeBuild"

_DURATIONS: Mapping[str, str] = {
    "SUBMITTED": "SubmittedDuration",
    "QUEUED": "QueuedDuration",
    "PROVISIONING": "ProvisioningDuration",
    "DOWNLOAD_SOURCE": "DownloadSourceDuration",
    "INSTALL": "InstallDuration",
    "PRE_BUILD": "PreBuildDuration",
    "BUILD": "BuildDuration",
    "POST_BUILD": "PostBuildDuration",
    "UPLOAD_ARTIFACTS": "UploadArtifactsDuration",
    "FINALIZING": "FinalizingDuration",
}

# (name, value, unit, dimensions)
Put = Callable[[str, float, str, Mapping[str, str]], None]


def tell(build: Build, put: Put) -> None:
    """Put every metric twice: with the project as its dimension, and without any."""
    for name, value, unit in metrics_of(build):
        put(name, value, unit, {"ProjectName": build.project})
        put(name, value, unit, {})


def metrics_of(build: Build) -> Iterator[tuple[str, float, str]]:
    """Name, value and unit of what a build counts for."""
    yield "Builds", 1.0, "Count"
    yield ("SucceededBuilds" if build.status == SUCCEEDED else "FailedBuilds"), 1.0, "Count"
    yield "Duration", (build.end or build.start) - build.start, "Seconds"
    for phase in build.phases:
        if phase.name in _DURATIONS and phase.end is not None:
            yield _DURATIONS[phase.name], phase.end - phase.start, "Seconds"
