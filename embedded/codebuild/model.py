"""What CodeBuild remembers of a build."""

from typing import Any

from pydantic import Field

from embedded.record_book import Record

IN_PROGRESS = "IN_PROGRESS"
SUCCEEDED = "SUCCEEDED"
FAILED = "FAILED"
FAULT = "FAULT"
STOPPED = "STOPPED"
TIMED_OUT = "TIMED_OUT"


class Phase(Record):
    """One phase. Times are seconds since 1970."""

    name: str
    start: float
    end: float | None = None
    status: str | None = None
    status_code: str = ""
    message: str = ""


class Build(Record):
    """A build: what it was started with, and how far it is. Documents are as the API has them."""

    id: str
    arn: str
    number: int
    project: str
    start: float
    source: dict[str, Any]
    environment: dict[str, Any]
    artifacts: dict[str, Any]
    service_role: str
    timeout_minutes: int
    queued_timeout_minutes: int
    initiator: str
    encryption_key: str
    log_group: str | None
    log_stream: str
    source_version: str | None = None
    token: str | None = None
    params_digest: str = ""
    status: str = IN_PROGRESS
    current_phase: str = "SUBMITTED"
    end: float | None = None
    phases: tuple[Phase, ...] = ()
    exported: tuple[tuple[str, str], ...] = ()
    uploaded: dict[str, Any] = Field(default_factory=dict)
    s3_logs: str | None = None

    @property
    def is_complete(self) -> bool:
        """Whether the build has ended."""
        return self.status != IN_PROGRESS

    def entering(self, name: str, now: float) -> "Build":
        """The build as it enters a phase."""
        return self.model_copy(
            update={"current_phase": name, "phases": (*self.phases, Phase(name=name, start=now))}
        )

    def leaving(self, status: str, now: float, *, code: str = "", message: str = "") -> "Build":
        """The build as it leaves the phase that it is in."""
        *before, phase = self.phases
        ended = phase.model_copy(
            update={"end": now, "status": status, "status_code": code, "message": message}
        )
        return self.model_copy(update={"phases": (*before, ended)})

    def completed(self, status: str, now: float) -> "Build":
        """The build at its end."""
        return self.entering("COMPLETED", now).model_copy(update={"status": status, "end": now})

    @property
    def phase_failure(self) -> str | None:
        """The status of the first phase that did not succeed."""
        return next((phase.status for phase in self.phases if phase.status not in (None, SUCCEEDED)), None)
