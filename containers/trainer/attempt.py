"""One attempt at a job: however it ends badly, a reason is left where `fail_run` looks for it."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sluiceway.errors import SluicewayError
from sluiceway.gateways.objects import Objects
from sluiceway.names import run_key, split_s3_uri
from sluiceway.training.contracts import StepFailure


@dataclass(frozen=True)
class Attempt:
    """Which attempt at which step of which run this process is."""

    bucket: str
    run_id: str
    step: str
    number: int
    identity: str
    """The same for one attempt however often it asks; another for each attempt."""

    @classmethod
    def of(cls, uri: str, step: str, environment: Mapping[str, str] = os.environ) -> "Attempt":
        """From the URI of something in the run's folder, and what Batch says of the attempt."""
        bucket, key = split_s3_uri(uri)
        number = environment.get("AWS_BATCH_JOB_ATTEMPT", "1")
        job = environment.get("AWS_BATCH_JOB_ID", f"process-{os.getpid()}")
        return cls(
            bucket=bucket,
            run_id=key.split("/")[1],
            step=step,
            number=int(number) if number.isdigit() else 1,
            identity=f"{job}:{number}",
        )


class EntryPointFailed(SluicewayError):
    """The project's own code ended badly; recorded as `StepFailed` with what it wrote last."""

    def __init__(self, reason: str, *, exit_code: int | None, log_tail: tuple[str, ...]) -> None:
        super().__init__(reason)
        self.exit_code, self.log_tail = exit_code, log_tail


@dataclass
class Ending:
    """How the attempt ended."""

    exit_code: int = 0


@contextmanager
def recorded(objects: Objects, attempt: Attempt) -> Iterator[Ending]:
    """Turn any exception into a `StepFailure` in the run's folder and exit code 1."""
    ending = Ending()
    try:
        yield ending
    except Exception as error:
        ending.exit_code = 1
        failure = _failure(attempt, error)
        sys.stderr.write(f"{attempt.step} failed: {failure.error}: {failure.reason}\n")
        key = run_key(attempt.run_id, attempt.step, "failures", f"{attempt.number}.json")
        objects.put(attempt.bucket, key, failure.model_dump_json().encode())


def _failure(attempt: Attempt, error: Exception) -> StepFailure:
    name, reason = "StepFailed", str(error)
    if isinstance(error, SluicewayError) and not isinstance(error, EntryPointFailed):
        name = type(error).__name__
    elif not isinstance(error, SluicewayError):
        reason = f"the trainer could not go on: {type(error).__name__}: {error}"
    return StepFailure(
        run_id=attempt.run_id,
        step=attempt.step,
        error=name,
        reason=reason,
        exit_code=getattr(error, "exit_code", None),
        log_tail=getattr(error, "log_tail", ()),
    )
