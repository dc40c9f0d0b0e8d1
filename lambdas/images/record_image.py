"""Record a built image by digest, with the job definition that runs it."""

from typing import Literal

from lambdas.connections import ledger
from lambdas.runtime import FunctionEnvironment, client, environment, task
from sluiceway.gateways.images import CloudWatchBuildLogs, EcrImages
from sluiceway.gateways.jobs import BatchJobs
from sluiceway.images.contracts import RecordImageInput, RecordImageOutput
from sluiceway.images.record_image import JobSettings, record_image


class Environment(FunctionEnvironment):
    """Environment variables of `record_image`."""

    ledger_table: str
    image_repository_name: str
    job_role_arn: str
    execution_role_arn: str
    step_log_group: str
    job_definition_prefix: str
    job_cpu_architecture: Literal["X86_64", "ARM64"] = "X86_64"
    """Of the machine that images are built on: SageMaker's common instance types are x86."""


@task(RecordImageInput)
def handler(given: RecordImageInput) -> RecordImageOutput:
    """Task of build_image."""
    settings = environment(Environment)
    return record_image(
        given,
        ledger=ledger(settings.ledger_table),
        images=EcrImages(client("ecr"), settings.image_repository_name),
        jobs=BatchJobs(client("batch")),
        logs=CloudWatchBuildLogs(client("logs")),
        settings=_job_settings(settings),
    )


def _job_settings(settings: Environment) -> JobSettings:
    return JobSettings(
        prefix=settings.job_definition_prefix,
        job_role_arn=settings.job_role_arn,
        execution_role_arn=settings.execution_role_arn,
        log_group=settings.step_log_group,
        cpu_architecture=settings.job_cpu_architecture,
    )
