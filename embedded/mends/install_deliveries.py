"""Puts the mends of events, schedules, queues, objects, functions and metrics in place."""

from embedded.cloud import Cloud
from embedded.mends import (
    alarm_checks,
    alarm_events,
    alarm_states,
    bucket_deletion,
    budget_type,
    bus_policy_type,
    composite_alarm_type,
    expired_items,
    foreign_events,
    function_settings,
    invocation_payloads,
    log_tail,
    mapping_checks,
    message_moves,
    metric_data,
    named_query_type,
    object_events,
    oidc_provider_type,
    put_events,
    queue_metrics,
    queue_polls,
    rule_checks,
    rule_deliveries,
    rule_metrics,
    rule_schedules,
    schedule_type,
    schedules,
    security_group_ingress_type,
    stream_polls,
    success_destinations,
    throttled_events,
    worker_memory,
)

_TYPES = (
    budget_type,
    bus_policy_type,
    composite_alarm_type,
    named_query_type,
    oidc_provider_type,
    security_group_ingress_type,
)


def install(cloud: Cloud) -> None:
    """Mend what services deliver; called once, before MiniStack serves."""
    schedules.install(cloud)
    schedule_type.install(cloud)
    rule_schedules.install()
    put_events.install()
    foreign_events.install()
    rule_checks.install()
    rule_deliveries.install(cloud)
    rule_metrics.install()
    mapping_checks.install()
    queue_polls.install()
    stream_polls.install()
    object_events.install()
    bucket_deletion.install()
    function_settings.install()
    invocation_payloads.install()
    log_tail.install()
    worker_memory.install()
    success_destinations.install()
    throttled_events.install()
    metric_data.install()
    alarm_checks.install()
    alarm_states.install()
    alarm_events.install(cloud)
    queue_metrics.install()
    message_moves.install()
    expired_items.install()
    for kind in _TYPES:
        kind.install(cloud)
