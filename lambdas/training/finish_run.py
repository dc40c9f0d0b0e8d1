"""Record how a run ended, and tell the bus."""

from lambdas.connections import events, ledger
from lambdas.runtime import environment, task
from lambdas.training.environment import EndingEnvironment
from sluiceway.training.contracts import FinishRunInput, FinishRunOutput
from sluiceway.training.finish_run import finish_run


@task(FinishRunInput)
def handler(given: FinishRunInput) -> FinishRunOutput:
    """Task of run_pipeline."""
    settings = environment(EndingEnvironment)
    return finish_run(given, ledger=ledger(settings.ledger_table), events=events(settings.event_bus))
