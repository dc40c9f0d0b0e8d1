"""Puts the mends of IAM in place: what services may do, for whom, and which roles they are given."""

from embedded.mends import (
    alarm_topics,
    bus_policies,
    condition_joins,
    condition_keys,
    function_callers,
    function_destinations,
    function_logs,
    function_urls,
    mapping_roles,
    missing_objects,
    object_tagging,
    passed_roles,
    stack_roles,
)


def install() -> None:
    """Mend what is asked of IAM; called once, before MiniStack serves."""
    alarm_topics.install()
    bus_policies.install()
    condition_joins.install()
    condition_keys.install()
    function_callers.install()
    function_destinations.install()
    function_logs.install()
    function_urls.install()
    mapping_roles.install()
    missing_objects.install()
    object_tagging.install()


def guard_handovers() -> None:
    """Ask who may hand which role to which service; called once, when all services are there."""
    stack_roles.install()
    passed_roles.install()
