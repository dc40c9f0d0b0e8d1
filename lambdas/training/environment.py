"""What the functions that end a run read from their environment."""

from lambdas.runtime import FunctionEnvironment


class EndingEnvironment(FunctionEnvironment):
    """Where a run's end is recorded and told."""

    ledger_table: str
    artifacts_bucket: str
    event_bus: str
