"""What an update of an endpoint keeps, and new weights and capacities of its variants."""

from collections.abc import Mapping, Sequence
from typing import Any

from embedded.sagemaker.records import Variant
from embedded.sagemaker.refusals import invalid, refuse_others

_RETAINED = {"DesiredInstanceCount": "instances", "DesiredWeight": "weight"}
_DESIRED = ("VariantName", "DesiredWeight", "DesiredInstanceCount", "ServerlessUpdateConfig")
_SERVERLESS = {"MaxConcurrency": "max_concurrency", "ProvisionedConcurrency": "provisioned"}


def with_retained(
    new: Sequence[Variant], old: Sequence[Variant], params: Mapping[str, Any]
) -> tuple[Variant, ...]:
    """The variants of a new configuration, with the counts and weights that `UpdateEndpoint` retains."""
    excluded = {each["VariantPropertyType"] for each in params.get("ExcludeRetainedVariantProperties", [])}
    _refuse_data_capture(excluded, params)
    if not params.get("RetainAllVariantProperties"):
        return tuple(new)
    kept = [member for name, member in _RETAINED.items() if name not in excluded]
    before = {each.name: each for each in old}
    return tuple(
        each.model_copy(update={member: getattr(before[each.name], member) for member in kept})
        if each.name in before
        else each
        for each in new
    )


def _refuse_data_capture(excluded: set[str], params: Mapping[str, Any]) -> None:
    if params.get("RetainAllVariantProperties") and "DataCaptureConfig" in excluded:
        raise invalid(
            "ExcludeRetainedVariantProperties: DataCaptureConfig not implemented by the embedded SageMaker; "
            "the data capture of the new configuration holds"
        )


def reweighed(
    variants: Sequence[Variant], desired: Sequence[Mapping[str, Any]], *, may_be_empty: bool = False
) -> tuple[Variant, ...]:
    """The variants with the weights and capacities of UpdateEndpointWeightsAndCapacities."""
    wanted = {each["VariantName"]: each for each in desired}
    unknown = sorted(wanted.keys() - {each.name for each in variants})
    if unknown:
        raise invalid(
            f'The variant name(s) "{", ".join(unknown)}" is/are not present within endpoint configuration.'
        )
    for name, each in wanted.items():
        refuse_others(f'Variant "{name}"', each, _DESIRED)
        if each.get("DesiredInstanceCount") == 0 and not may_be_empty:
            raise invalid(
                f'Variant "{name}": a DesiredInstanceCount of 0 is for endpoints with asynchronous inference '
                f"or inference components only."
            )
    return tuple(_reweighed(each, wanted.get(each.name, {})) for each in variants)


def _reweighed(variant: Variant, desired: Mapping[str, Any]) -> Variant:
    changed = {
        "weight": desired.get("DesiredWeight", variant.weight),
        "instances": desired.get("DesiredInstanceCount", variant.instances),
        "serverless": variant.serverless,
    }
    update = desired.get("ServerlessUpdateConfig")
    if variant.serverless is not None and "DesiredInstanceCount" in desired:
        raise invalid(f"Variant {variant.name} is serverless: it has no DesiredInstanceCount.")
    if update:
        changed["serverless"] = _concurrency(variant, update)
    return variant.model_copy(update=changed)


def _concurrency(variant: Variant, update: Mapping[str, Any]) -> Any:
    if variant.serverless is None:
        raise invalid(f"Variant {variant.name} is not serverless: ServerlessUpdateConfig is not for it.")
    found = variant.serverless.model_copy(
        update={_SERVERLESS[key]: value for key, value in update.items() if key in _SERVERLESS}
    )
    if found.provisioned > found.max_concurrency:
        raise invalid("ProvisionedConcurrency must be less than or equal to MaxConcurrency.")
    return found
