"""Puts every mend in place."""

from embedded.cloud import Cloud
from embedded.mends import (
    archive_type,
    denied_resources,
    embedded_metrics,
    event_targets,
    handler_errors,
    install_deliveries,
    install_roles,
    invocation_metrics,
    lambda_workers,
    log_arns,
    missing_images,
    queue_locks,
    saved_blobs,
    schedule_arns,
    version_ranges,
)


def install(cloud: Cloud) -> None:
    """Mend MiniStack; called once, before it serves."""
    saved_blobs.install()
    denied_resources.install()
    lambda_workers.install(cloud)
    handler_errors.install()
    invocation_metrics.install()
    log_arns.install()
    schedule_arns.install()
    version_ranges.install()
    missing_images.install()
    embedded_metrics.install()
    event_targets.install()
    archive_type.install(cloud)
    install_deliveries.install(cloud)
    install_roles.install()
    queue_locks.install()


# Called once, when all services are there.
guard_handovers = install_roles.guard_handovers
