"""Runs a build: its source, its variables, its logs, and the agent that runs its phases."""

import contextlib
import json
import logging
import shutil
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from embedded.authority import AccessDenied
from embedded.codebuild import agent
from embedded.codebuild.artifacts import ArtifactError, upload
from embedded.codebuild.build_log import BuildLog
from embedded.codebuild.buildspec import Buildspec
from embedded.codebuild.model import FAILED, FAULT, STOPPED, SUCCEEDED, TIMED_OUT, Build, Phase
from embedded.codebuild.source import SourceError, fetch_source, read_buildspec
from embedded.codebuild.variables import given_variables
from embedded.codebuild.workspace import Workspace
from embedded.supervision import Ending, ProcessCloud, StopSignal, supervise

logger = logging.getLogger(__name__)

_GRACE_SECONDS = 10.0

Change = Callable[[Callable[[Build], Build]], Build]


class BuildFailure(Exception):
    """A phase that failed before the agent began."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class BuildRunner:
    """Runs one build in a folder of its own, which is gone afterwards."""

    def __init__(
        self, cloud: ProcessCloud, build: Build, stop: StopSignal, change: Change, *, minute: float = 60
    ) -> None:
        """`change` applies a function to the build as it is written down, and returns the result."""
        self._minute = minute
        self._cloud = cloud
        self._build = build
        self._stop = stop
        self._change = change
        self._session = build.id.rpartition(":")[2]
        self._folder = cloud.state_dir / "codebuild" / "work" / self._session
        self._workspace = Workspace(build, self._folder)
        self._source = self._workspace.source
        self._log = BuildLog(build, self._client, self._folder / "log")

    def run(self) -> None:
        """Run to the end. Never raises: what goes wrong is in the build's phases."""
        try:
            self._simple("SUBMITTED")
            self._simple("QUEUED")
            self._provision()
            buildspec = self._download()
            self._execute(buildspec)
            self._upload(buildspec)
        except BuildFailure as failure:
            self._leave(FAILED, failure.code, str(failure))
        except Exception as error:
            logger.exception("build %s broke off", self._build.id)
            self._leave(FAULT, "INTERNAL_ERROR", f"{type(error).__name__}: {error}")
        finally:
            self._finish()

    def _provision(self) -> None:
        self._enter("PROVISIONING")
        try:
            self._log.open()
        except (ClientError, AccessDenied) as error:
            raise BuildFailure(
                "ACCESS_DENIED",
                f"Service role {self._build.service_role} does not allow AWS CodeBuild to create Amazon "
                f"CloudWatch Logs log streams for build {self._build.arn}. Error message: {error}",
            ) from error
        self._leave(SUCCEEDED)

    def _download(self) -> Buildspec:
        self._enter("DOWNLOAD_SOURCE")
        try:
            fetch_source(self._build, self._client("s3"), self._source)
            buildspec = read_buildspec(self._build, self._source)
            self._variables = given_variables(self._build, buildspec, self._client)
        except SourceError as error:
            raise BuildFailure(error.code, str(error)) from error
        except (ClientError, AccessDenied, KeyError, ValueError) as error:
            raise BuildFailure("CLIENT_ERROR", f"{error}") from error
        self._leave(SUCCEEDED)
        return buildspec

    def _execute(self, buildspec: Buildspec) -> None:
        process = self._cloud.spawn(
            [sys.executable, "-I", agent.__file__, str(self._workspace.plan(buildspec))],
            env=self._workspace.environment(self._cloud, self._variables),
            cwd=self._source,
            stdout=-1,
            stderr=-1,
        )
        reports = threading.Thread(target=self._follow, args=(process.stderr,), daemon=True)
        reports.start()
        ending = supervise(
            process,
            on_line=self._log.write,
            stop=self._stop,
            timeout=self._build.timeout_minutes * self._minute,
            grace=_GRACE_SECONDS,
        )
        reports.join()
        self._note(ending)

    def _follow(self, reports: Any) -> None:
        with reports:
            for line in reports:
                if line.startswith(b"{"):
                    self._report(json.loads(line))
                else:
                    logger.error("build %s: %s", self._build.id, line.decode(errors="replace").rstrip())

    def _report(self, report: Mapping[str, Any]) -> None:
        if "enter" in report:
            self._enter(report["enter"])
        elif "leave" in report:
            self._leave(report["status"], report["code"], report["message"])
        else:
            exported = tuple(report["exported"].items())
            self._change(lambda build: build.model_copy(update={"exported": exported}))

    def _note(self, ending: Ending) -> None:
        if ending.timed_out:
            self._leave_open(TIMED_OUT, "BUILD_TIMED_OUT", "Build has timed out.")
        elif ending.stopped is not None:
            self._leave_open(STOPPED, "", ending.stopped)
        elif ending.exit_code:
            self._leave_open(FAULT, "INTERNAL_ERROR", f"the agent ended with exit code {ending.exit_code}")

    def _finish(self) -> None:
        self._log.close()
        self._finalize()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._change(lambda build: build.completed(build.phase_failure or SUCCEEDED, time.time()))

    def _upload(self, buildspec: Buildspec) -> None:
        """Once BUILD was run artifacts are uploaded, even if it failed; not if the build was ended early."""
        phases = self._change(lambda build: build).phases
        is_over = all(phase.status in (SUCCEEDED, FAILED) for phase in phases)
        if not is_over or "BUILD" not in [phase.name for phase in phases] or _is_aborted(phases, buildspec):
            return
        self._enter("UPLOAD_ARTIFACTS")
        try:
            self._put_artifacts(buildspec)
        except (ArtifactError, BotoCoreError, ClientError, AccessDenied) as error:
            raise BuildFailure("CLIENT_ERROR", str(error)) from error
        self._leave(SUCCEEDED)

    def _put_artifacts(self, buildspec: Buildspec) -> None:
        if self._build.artifacts.get("type") != "S3":
            return
        found = upload(self._build, buildspec.artifacts, self._source, self._client("s3"))
        self._change(lambda build: build.model_copy(update={"uploaded": found}))

    def _finalize(self) -> None:
        self._enter("FINALIZING")
        try:
            self._log.upload()
        except (BotoCoreError, ClientError, AccessDenied) as error:
            self._leave(FAILED, "CLIENT_ERROR", f"Error while uploading the log to S3: {error}")
        else:
            self._leave(SUCCEEDED)

    def _simple(self, name: str) -> None:
        self._enter(name)
        self._leave(SUCCEEDED)

    def _enter(self, name: str) -> None:
        self._change(lambda build: build.entering(name, time.time()))

    def _leave(self, status: str, code: str = "", message: str = "") -> None:
        self._change(lambda build: build.leaving(status, time.time(), code=code, message=message))

    def _leave_open(self, status: str, code: str, message: str) -> None:
        with contextlib.suppress(IndexError):
            self._change(
                lambda build: (
                    build
                    if build.phases[-1].end is not None and build.phase_failure
                    else build.leaving(status, time.time(), code=code, message=message)
                )
            )

    def _client(self, service: str) -> Any:
        return self._cloud.client(
            service,
            role_arn=self._build.service_role,
            session_name=self._session,
            on_behalf_of="codebuild.amazonaws.com",
            source_arn=project_arn(self._build.arn),
        )


def project_arn(build_arn: str) -> str:
    """The ARN of a build's project: `…:build/NAME:ID` is one of `…:project/NAME`."""
    prefix, _, build = build_arn.rpartition(":build/")
    return f"{prefix}:project/{build.partition(':')[0]}"


def _is_aborted(phases: Sequence[Phase], buildspec: Buildspec) -> bool:
    """Whether a phase failed that says that this ends the build at once."""
    failed = {phase.name for phase in phases if phase.status == FAILED}
    return any(phase.on_failure == "ABORT" and phase.name in failed for phase in buildspec.phases)
