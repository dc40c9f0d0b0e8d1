"""Puts every mend in place."""

from embedded.cloud import Cloud
from embedded.mends import (
    archive_type,
    embedded_metrics,
    event_targets,
    execution_metrics,
    executions,
    handler_errors,
    install_deliveries,
    install_roles,
    invocation_metrics,
    lambda_workers,
    log_arns,
    missing_images,
    nested_executions,
    retries,
    saved_blobs,
    task_integrations,
)


def install(cloud: Cloud) -> None:
    """Mend MiniStack; called once, before it serves."""
    saved_blobs.install()
    lambda_workers.install(cloud)
    handler_errors.install()
    invocation_metrics.install()
    log_arns.install()
    missing_images.install()
    execution_metrics.install()
    executions.install()
    task_integrations.install(cloud)
    nested_executions.install(cloud)
    retries.install()
    embedded_metrics.install()
    event_targets.install()
    archive_type.install(cloud)
    install_deliveries.install(cloud)
    install_roles.install()


# Called once, when all services are there.
guard_handovers = install_roles.guard_handovers
