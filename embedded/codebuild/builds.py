"""Operations on builds."""

import threading
import time
from collections.abc import Callable

from embedded.api_error import ApiError
from embedded.codebuild.build_metrics import Put, tell
from embedded.codebuild.detail import build_detail
from embedded.codebuild.events import events_of
from embedded.codebuild.model import FAULT, Build
from embedded.codebuild.new_build import digest, new_build
from embedded.codebuild.project_checks import invalid
from embedded.codebuild.projects import Document, Projects
from embedded.codebuild.runner import BuildRunner
from embedded.paging import page
from embedded.record_book import RecordBook
from embedded.service_events import Publish
from embedded.supervision import ProcessCloud, StopSignal

# How long a token stands for the build that was started with it.
TOKEN_SECONDS = 300
_PAGE = 100
_KNOWN = frozenset(
    {
        "projectName", "sourceTypeOverride", "sourceLocationOverride", "sourceVersion", "buildspecOverride",
        "environmentVariablesOverride", "timeoutInMinutesOverride",
        "idempotencyToken", "imageOverride", "computeTypeOverride", "environmentTypeOverride",
        "privilegedModeOverride", "serviceRoleOverride", "logsConfigOverride", "artifactsOverride",
        "queuedTimeoutInMinutesOverride",
    }
)  # fmt: skip
# What a build becomes only as it runs.
_PROGRESS = ("status", "current_phase", "end", "phases", "exported", "uploaded")


class Builds:
    """Starts builds, each in a thread of its own; each operation takes the API's parameters."""

    def __init__(
        self,
        cloud: ProcessCloud,
        projects: Projects,
        publish: Publish,
        arn: Callable[[str], str],
        *,
        put_metric: Put = lambda *_metric: None,
        minute: float = 60,
    ) -> None:
        """`minute` is how many seconds a minute of a timeout has; tests make it shorter."""
        self._cloud = cloud
        self._put_metric = put_metric
        self._minute = minute
        self._projects = projects
        self._publish = publish
        self._arn = arn
        self._stops: dict[str, StopSignal] = {}
        self._closing = False
        folder = cloud.state_dir / "codebuild" / "builds"
        self.book = RecordBook(folder, Build, key=lambda build: build.id, on_change=self._changed)

    def recover(self) -> None:
        """End the builds that were under way when the server went away."""
        for build in self.book.records():
            if not build.is_complete:
                message = "The host of the build was lost."
                lost = build if build.phases else build.entering("SUBMITTED", time.time())
                ended = lost.leaving(FAULT, time.time(), code="INTERNAL_ERROR", message=message)
                self.book.put(ended.completed(FAULT, time.time()))

    def close(self) -> None:
        """Write nothing more: what runs is found lost by the next server."""
        self._closing = True

    def start(self, params: Document, initiator: str) -> Document:
        """StartBuild."""
        unknown = sorted(set(params) - _KNOWN)
        if unknown:
            raise invalid(f"{', '.join(unknown)} is not supported here")
        with self.book.changed:
            known = self._by_token(params)
            if known is None:
                known = self._begin(params, initiator)
        return {"build": build_detail(known)}

    def batch_get(self, params: Document) -> Document:
        """BatchGetBuilds, by id or ARN."""
        found = {name: self.book.find(_id(name)) for name in params["ids"]}
        return {
            "builds": [build_detail(build) for build in found.values() if build],
            "buildsNotFound": [name for name, build in found.items() if not build],
        }

    def list(self, params: Document) -> Document:
        """ListBuilds and ListBuildsForProject: ids, the newest first."""
        builds = sorted(self.book.records(), key=lambda build: -build.start)
        if "projectName" in params:
            name = self._projects.get(params["projectName"])["name"]
            builds = [build for build in builds if build.project == name]
        if params.get("sortOrder") == "ASCENDING":
            builds.reverse()
        ids, more = page([build.id for build in builds], params.get("nextToken"), _PAGE, invalid=invalid)
        return {"ids": ids, **more}

    def stop(self, params: Document) -> Document:
        """StopBuild: one that has ended stays as it is."""
        build = self._known(params["id"])
        if build.id in self._stops:
            self._stops[build.id].stop("Build was stopped by the caller.")
        return {"build": build_detail(build)}

    def retry(self, params: Document, initiator: str) -> Document:
        """RetryBuild: the same build once more, as it was started, whatever its project says now."""
        with self.book.changed:
            known = self._by_token(params)
            if known is None:
                known = self._retry(self._known(params.get("id", "")), params, initiator)
        return {"build": build_detail(known)}

    def delete(self, params: Document) -> Document:
        """BatchDeleteBuilds: those that run stay."""
        found = {name: self.book.find(_id(name)) for name in params["ids"]}
        gone = [build for build in found.values() if build is not None and build.is_complete]
        for build in gone:
            self.book.forget(build.id)
        kept = [name for name, build in found.items() if build not in gone]
        return {
            "buildsDeleted": [build.arn for build in gone],
            "buildsNotDeleted": [{"id": name, "statusCode": _reason(found[name])} for name in kept],
        }

    def _retry(self, before: Build, params: Document, initiator: str) -> Build:
        if not before.is_complete:
            raise invalid(f"build {before.id} is still in progress")
        project = self._projects.get(before.project)
        self._check_limit(project)
        again = self._build(project, {"idempotencyToken": params.get("idempotencyToken")}, initiator)
        own = ("id", "arn", "number", "start", "initiator", "log_stream", "token")
        fresh = {name: getattr(again, name) for name in (*own, *_PROGRESS)}
        return self._launch(before.model_copy(update=fresh | {"params_digest": digest(params)}))

    def _known(self, reference: str) -> Build:
        build = self.book.find(_id(reference))
        if build is None:
            raise ApiError("ResourceNotFoundException", f"Build cannot be found: {reference}")
        return build

    def _by_token(self, params: Document) -> Build | None:
        token = params.get("idempotencyToken")
        recent = time.time() - TOKEN_SECONDS
        found = [
            item for item in self.book.records() if token and item.token == token and item.start > recent
        ]
        if found and found[0].params_digest != digest(params):
            raise invalid(f"the idempotency token {token} was used with other parameters")
        return found[0] if found else None

    def _begin(self, params: Document, initiator: str) -> Build:
        project = self._projects.get(params["projectName"])
        self._check_limit(project)
        return self._launch(self._build(project, params, initiator))

    def _launch(self, build: Build) -> Build:
        build = self.book.put(build)
        stop = self._stops[build.id] = StopSignal()
        runner = BuildRunner(
            self._cloud, build, stop, lambda change: self._change(build.id, change), minute=self._minute
        )
        threading.Thread(
            target=self._run, args=(build.id, runner), name=f"build {build.id}", daemon=True
        ).start()
        return build

    def _run(self, build_id: str, runner: BuildRunner) -> None:
        runner.run()
        self._stops.pop(build_id, None)

    def _check_limit(self, project: Document) -> None:
        running = [b for b in self.book.records() if b.project == project["name"] and not b.is_complete]
        limit = project.get("concurrentBuildLimit")
        if limit is not None and len(running) >= limit:
            raise ApiError("AccountLimitExceededException", f"Cannot have more than {limit} builds at once")

    def _build(self, project: Document, params: Document, initiator: str) -> Build:
        return new_build(
            project,
            params,
            arn=self._arn,
            number=lambda: self._projects.next_number(project["name"]),
            initiator=initiator,
        )

    def _change(self, build_id: str, change: Callable[[Build], Build]) -> Build:
        with self.book.changed:
            build = self.book.find(build_id)
            if build is None:
                raise KeyError(build_id)
            return build if self._closing else self.book.put(change(build))

    def _changed(self, before: Build | None, after: Build) -> None:
        for kind, detail in events_of(before, after):
            self._publish(kind, detail, [after.arn])
        if after.is_complete and not (before and before.is_complete):
            tell(after, self._put_metric)


def _id(reference: str) -> str:
    return reference.rpartition("/")[2] if reference.startswith("arn:") else reference


def _reason(build: Build | None) -> str:
    return "BUILD_NOT_FOUND" if build is None else "BUILD_IN_PROGRESS"
