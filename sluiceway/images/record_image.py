"""Records a built image by digest, with the Batch job definition that runs it."""

from dataclasses import dataclass

from sluiceway.clock import utc_now
from sluiceway.errors import BuildFailed
from sluiceway.gateways.images import BuildLogs, Images, PushedImage
from sluiceway.gateways.jobs import JobDefinition, Jobs
from sluiceway.gateways.ledger import ImageRecord, Ledger, RunFacts
from sluiceway.images.build_failure import build_failure
from sluiceway.images.contracts import RecordImageInput, RecordImageOutput
from sluiceway.reasons import shortened

LOG_TAIL = 30
"""lines of the build's log that a failure shows"""
STREAM_PREFIX = "step"


@dataclass(frozen=True, kw_only=True)
class JobSettings:
    """What every job definition of a stage shares."""

    prefix: str
    job_role_arn: str
    execution_role_arn: str
    log_group: str
    cpu_architecture: str


def record_image(
    given: RecordImageInput,
    *,
    ledger: Ledger,
    images: Images,
    jobs: Jobs,
    logs: BuildLogs,
    settings: JobSettings,
) -> RecordImageOutput:
    """Record the image, once; raises `BuildFailed` with the end of the build's log when there is none."""
    record = ledger.image(given.image_tag)
    if record is None:
        pushed = images.find(given.image_tag)
        if pushed is None:
            raise BuildFailed(_reason(given, logs))
        record = _record(given, pushed, jobs.register(_definition(given.image_tag, pushed, settings)))
        ledger.record_image(record)
    ledger.note_run(given.run_id, RunFacts(image_digest=record.digest))
    return RecordImageOutput(
        image_tag=record.tag,
        image_uri=record.uri,
        digest=record.digest,
        job_definition=record.job_definition_arn,
    )


def _record(given: RecordImageInput, pushed: PushedImage, job_definition: str) -> ImageRecord:
    return ImageRecord(
        tag=given.image_tag,
        digest=pushed.digest,
        uri=pushed.uri,
        job_definition_arn=job_definition,
        build_id=given.build_id,
        recorded_at=utc_now(),
    )


def _definition(tag: str, pushed: PushedImage, settings: JobSettings) -> JobDefinition:
    return JobDefinition(
        name=f"{settings.prefix}-{tag[:16]}",
        image=pushed.uri,
        job_role_arn=settings.job_role_arn,
        execution_role_arn=settings.execution_role_arn,
        log_group=settings.log_group,
        stream_prefix=STREAM_PREFIX,
        cpu_architecture=settings.cpu_architecture,
    )


def _reason(given: RecordImageInput, logs: BuildLogs) -> str:
    if given.error is None:
        return f"build {given.build_id} succeeded but pushed no image {given.image_tag}: check the buildspec"
    failure = build_failure(given.error, given.cause)
    reason = f"the environment image could not be built: {failure.summary}"
    if failure.log_group and failure.log_stream:
        lines = logs.tail(failure.log_group, failure.log_stream, LOG_TAIL)
        reason = shortened("\n".join([reason, *lines]))
    return f"{reason}\nmend the environment files that MLproject names and push again"
