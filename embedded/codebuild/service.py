"""CodeBuild put together: its parts, and the table of its operations."""

import shutil
from collections.abc import Mapping
from typing import Any, Protocol

from embedded.api_error import ApiError
from embedded.authority import AccessDenied
from embedded.codebuild.build_metrics import Put
from embedded.codebuild.builds import Builds
from embedded.codebuild.projects import Projects
from embedded.service_events import Publish
from embedded.supervision import ProcessCloud
from embedded.wire import Caller, Operation

_TO_CODEBUILD = {"iam:passedtoservice": "codebuild.amazonaws.com"}


class CodeBuildCloud(ProcessCloud, Protocol):
    """What of the cloud CodeBuild needs."""

    @property
    def region(self) -> str:
        """The region."""

    @property
    def account_id(self) -> str:
        """The account."""

    def check(
        self, role_arn: str, action: str, resource: str, *, context: Mapping[str, Any] | None = None
    ) -> None:
        """Raise unless a role may do something."""


class CodeBuild:
    """The service: projects, builds, and its operations by name."""

    def __init__(
        self,
        cloud: CodeBuildCloud,
        publish: Publish,
        *,
        put_metric: Put = lambda *_metric: None,
        minute: float = 60,
    ) -> None:
        """`minute` is how many seconds a minute of a timeout has."""
        self._cloud = cloud
        folder = cloud.state_dir / "codebuild"
        shutil.rmtree(folder / "work", ignore_errors=True)
        key = f"arn:aws:kms:{cloud.region}:{cloud.account_id}:alias/aws/s3"
        self.projects = Projects(folder / "projects.json", self.project_arn, key)
        self.builds = Builds(
            cloud, self.projects, publish, self._build_arn, put_metric=put_metric, minute=minute
        )

    @property
    def operations(self) -> Mapping[str, Operation]:
        """Every operation that there is, by its name in the API."""
        projects, builds = self.projects, self.builds
        return {
            "CreateProject": lambda params, caller: projects.create(params, self._passing(caller)),
            "UpdateProject": lambda params, caller: projects.update(params, self._passing(caller)),
            "DeleteProject": lambda params, _caller: projects.delete(params),
            "BatchGetProjects": lambda params, _caller: projects.batch_get(params),
            "ListProjects": lambda params, _caller: projects.list(params),
            "StartBuild": lambda params, caller: builds.start(params, _initiator(caller)),
            "BatchGetBuilds": lambda params, _caller: builds.batch_get(params),
            "ListBuilds": lambda params, _caller: builds.list(params),
            "ListBuildsForProject": lambda params, _caller: builds.list(params),
            "RetryBuild": lambda params, caller: builds.retry(params, _initiator(caller)),
            "BatchDeleteBuilds": lambda params, _caller: builds.delete(params),
            "StopBuild": lambda params, _caller: builds.stop(params),
        }

    def project_arn(self, name: str) -> str:
        """The ARN of a project."""
        return f"arn:aws:codebuild:{self._cloud.region}:{self._cloud.account_id}:project/{name}"

    def _build_arn(self, build_id: str) -> str:
        return f"arn:aws:codebuild:{self._cloud.region}:{self._cloud.account_id}:build/{build_id}"

    def _passing(self, caller: Caller) -> "_PassRole":
        return _PassRole(self._cloud, caller)


class _PassRole:
    """Raises unless the caller may pass a role to CodeBuild."""

    def __init__(self, cloud: CodeBuildCloud, caller: Caller) -> None:
        self._cloud = cloud
        self._caller = caller

    def __call__(self, role: str) -> None:
        if self._caller.role_arn is None:
            return
        try:
            self._cloud.check(self._caller.role_arn, "iam:PassRole", role, context=_TO_CODEBUILD)
        except AccessDenied as error:
            raise ApiError("AccessDeniedException", str(error)) from error


def _initiator(caller: Caller) -> str:
    return caller.arn.partition(":assumed-role/")[2] or "root"
