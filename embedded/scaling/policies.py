"""The kinds of policies, and what each needs. Source: API reference of `PutScalingPolicy`."""

from collections.abc import Mapping
from typing import Any

from embedded.scaling.metrics import invalid

CONFIGS = {
    "StepScaling": "StepScalingPolicyConfiguration",
    "TargetTrackingScaling": "TargetTrackingScalingPolicyConfiguration",
}
"""By kind, the member of a request that describes such a policy."""


def read_config(kind: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The description of a policy of a kind. ValidationException for what is missing or not done."""
    if kind not in CONFIGS:
        raise invalid(f"PolicyType {kind} is not implemented by the embedded Application Auto Scaling")
    config: Mapping[str, Any] = params.get(CONFIGS[kind]) or {}
    if not config:
        raise invalid(f"{CONFIGS[kind]} is required for a policy of type {kind}.")
    needed = ("AdjustmentType", "StepAdjustments") if kind == "StepScaling" else ("TargetValue",)
    missing = [name for name in needed if name not in config]
    if missing:
        raise invalid(f"{CONFIGS[kind]}: {', '.join(missing)} is required.")
    return config
