"""What an update of an endpoint keeps, and which ways of updating there are."""

from collections.abc import Mapping, Sequence
from typing import Any

from embedded.sagemaker.records import Variant
from embedded.sagemaker.refusals import invalid, refuse_others

_RETAINED = {"DesiredInstanceCount": "instances", "DesiredWeight": "weight"}


def with_retained(
    new: Sequence[Variant], old: Sequence[Variant], params: Mapping[str, Any]
) -> tuple[Variant, ...]:
    """The variants of a new configuration, with the counts and weights that `UpdateEndpoint` retains."""
    if not params.get("RetainAllVariantProperties"):
        return tuple(new)
    excluded = {each["VariantPropertyType"] for each in params.get("ExcludeRetainedVariantProperties", [])}
    kept = [member for name, member in _RETAINED.items() if name not in excluded]
    before = {each.name: each for each in old}
    return tuple(
        each.model_copy(update={member: getattr(before[each.name], member) for member in kept})
        if each.name in before
        else each
        for each in new
    )


def reweighed(variants: Sequence[Variant], desired: Sequence[Mapping[str, Any]]) -> tuple[Variant, ...]:
    """The variants with the weights and capacities of UpdateEndpointWeightsAndCapacities."""
    wanted = {each["VariantName"]: each for each in desired}
    unknown = sorted(wanted.keys() - {each.name for each in variants})
    if unknown:
        raise invalid(
            f'The variant name(s) "{", ".join(unknown)}" is/are not present within endpoint configuration.'
        )
    for name, each in wanted.items():
        refuse_others(f'Variant "{name}"', each, ("VariantName", "DesiredWeight", "DesiredInstanceCount"))
    return tuple(_reweighed(each, wanted.get(each.name, {})) for each in variants)


def _reweighed(variant: Variant, desired: Mapping[str, Any]) -> Variant:
    weight = desired.get("DesiredWeight", variant.weight)
    instances = desired.get("DesiredInstanceCount", variant.instances)
    return variant.model_copy(update={"weight": weight, "instances": instances})


def read_deployment_config(params: Mapping[str, Any], last: Mapping[str, Any] | None = None) -> int:
    """How long the old fleet is kept after the traffic moved; what is not implemented is refused by name."""
    config = params.get("DeploymentConfig") or (last if params.get("RetainDeploymentConfig") else None) or {}
    rollback = config.get("AutoRollbackConfiguration", {})
    refuse_others("AutoRollbackConfiguration", rollback, ())
    refuse_others("DeploymentConfig", config, ("BlueGreenUpdatePolicy", "AutoRollbackConfiguration"))
    policy = config.get("BlueGreenUpdatePolicy", {})
    kind = policy.get("TrafficRoutingConfiguration", {}).get("Type", "ALL_AT_ONCE")
    if kind != "ALL_AT_ONCE":
        raise invalid(
            f"TrafficRoutingConfiguration: Type {kind} not implemented by the embedded SageMaker; "
            f"ALL_AT_ONCE is"
        )
    return int(policy.get("TerminationWaitInSeconds", 0))
