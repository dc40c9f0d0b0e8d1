"""What the three functions of export_metrics read from their environment."""

from lambdas.runtime import FunctionEnvironment


class MetricsEnvironment(FunctionEnvironment):
    """Where exports go."""

    artifacts_bucket: str
    metrics_prefix: str
