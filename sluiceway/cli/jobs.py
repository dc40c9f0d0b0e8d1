"""The Batch jobs of a run, and what they wrote to CloudWatch Logs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sluiceway.cli.stage import Stage

METRICS_LINE = '{"_aws"'
"""How a line begins that holds metrics (CloudWatch's embedded metric format)."""
LOOKED_AT = 20
"""lines from the end, among which one for people is looked for"""


@dataclass(frozen=True)
class Job:
    """One Batch job of a run."""

    job_id: str
    name: str
    status: str
    created: int
    """Milliseconds since the epoch."""
    log_stream: str | None


@dataclass(frozen=True)
class LogLine:
    """One line of a job's log."""

    job: str
    at: int
    """Milliseconds since the epoch."""
    text: str


def jobs_of(stage: Stage, run_id: str) -> list[Job]:
    """The run's jobs in the order in which they were submitted: their names start with the run's id."""
    client = stage.client("batch")
    pages = client.get_paginator("list_jobs").paginate(
        jobQueue=stage.settings.job_queue, filters=[{"name": "JOB_NAME", "values": [f"{run_id}-*"]}]
    )
    ids = [job["jobId"] for page in pages for job in page["jobSummaryList"]]
    details = [
        job
        for first in range(0, len(ids), 100)
        for job in client.describe_jobs(jobs=ids[first : first + 100])["jobs"]
    ]
    return sorted((_job(each, run_id) for each in details), key=lambda job: job.created)


def _job(details: dict[str, Any], run_id: str) -> Job:
    return Job(
        job_id=details["jobId"],
        name=details["jobName"].removeprefix(f"{run_id}-"),
        status=details["status"],
        created=details.get("createdAt", 0),
        log_stream=details.get("container", {}).get("logStreamName"),
    )


def last_line(stage: Stage, job: Job) -> str | None:
    """Last line that a job wrote for people; None before it wrote any."""
    page = _page(stage, job, limit=LOOKED_AT, startFromHead=False)
    lines = [event["message"].rstrip() for event in page.get("events", [])]
    return next((line for line in reversed(lines) if line and not line.startswith(METRICS_LINE)), None)


@dataclass
class LogTail:
    """Reads the logs of a run's jobs, each line once."""

    stage: Stage
    _tokens: dict[str, str]

    @classmethod
    def of(cls, stage: Stage) -> "LogTail":
        """Start before the first line."""
        return cls(stage, {})

    def read(self, jobs: Sequence[Job]) -> Iterator[LogLine]:
        """Lines that were written since the last time, job by job."""
        for job in jobs:
            yield from self._read(job)

    def _read(self, job: Job) -> Iterator[LogLine]:
        while job.log_stream:
            token = self._tokens.get(job.job_id)
            page = _page(self.stage, job, startFromHead=True, **({"nextToken": token} if token else {}))
            for event in page.get("events", []):
                yield LogLine(job.name, event["timestamp"], event["message"].rstrip())
            following = str(page.get("nextForwardToken", ""))
            self._tokens[job.job_id] = following
            if not page.get("events") or following in ("", token):
                return


def _page(stage: Stage, job: Job, **options: Any) -> dict[str, Any]:
    client = stage.client("logs")
    if not job.log_stream:
        return {}
    try:
        answer = client.get_log_events(
            logGroupName=stage.settings.step_log_group, logStreamName=job.log_stream, **options
        )
    except client.exceptions.ResourceNotFoundException:
        return {}
    return dict(answer)
