"""What the functions that evaluate and register read from their environment."""

from lambdas.runtime import FunctionEnvironment


class ModelsEnvironment(FunctionEnvironment):
    """Where runs and their models are known."""

    ledger_table: str
    mlflow_tracking_uri: str
