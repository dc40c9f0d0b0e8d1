"""Write the build context of an image."""

from lambdas.connections import ledger, objects
from lambdas.runtime import FunctionEnvironment, environment, task
from sluiceway.images.contracts import PrepareBuildInput, PrepareBuildOutput
from sluiceway.images.platform_files import platform_files
from sluiceway.images.prepare_build import prepare_build


class Environment(FunctionEnvironment):
    """Environment variables of `prepare_build`."""

    ledger_table: str
    artifacts_bucket: str


@task(PrepareBuildInput)
def handler(given: PrepareBuildInput) -> PrepareBuildOutput:
    """Task of build_image."""
    settings = environment(Environment)
    return prepare_build(
        given,
        ledger=ledger(settings.ledger_table),
        objects=objects(),
        artifacts_bucket=settings.artifacts_bucket,
        platform=platform_files(),
    )
