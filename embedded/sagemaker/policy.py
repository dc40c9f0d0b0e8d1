"""How an update moves traffic: the `DeploymentConfig` of CreateEndpoint and UpdateEndpoint as steps.

Source: "Deployment guardrails for updating models in production", with its pages on canary and linear traffic
shifting, rolling deployments and exclusions, and the API reference of `BlueGreenUpdatePolicy`,
`TrafficRoutingConfig` and `RollingUpdatePolicy`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from embedded.sagemaker.records import Variant
from embedded.sagemaker.refusals import invalid, refuse_others

_POLICIES = ("BlueGreenUpdatePolicy", "RollingUpdatePolicy")
_TERMINATION, _INTERVAL = "TerminationWaitInSeconds", "WaitIntervalInSeconds"


@dataclass(frozen=True)
class Size:
    """A `CapacitySize`: so many instances, or so many percent of them."""

    kind: str
    value: int

    def share(self, instances: int) -> float:
        """The part of so many instances that it is, at most 1."""
        whole = 100 if self.kind == "CAPACITY_PERCENT" else max(instances, 1)
        return min(1.0, self.value / whole)

    def batch(self, instances: int) -> int:
        """How many of so many instances it is: a maximum is not exceeded, and a batch is never empty."""
        part = self.value * instances // 100 if self.kind == "CAPACITY_PERCENT" else self.value
        return max(1, min(part, instances))


WHOLE = Size("CAPACITY_PERCENT", 100)


@dataclass(frozen=True)
class Step:
    """Turn traffic on for a part of the new fleet, then watch the alarms for `wait` seconds."""

    size: Size
    times: int
    wait: int
    capacity: str
    """What the variant's status message calls it: canary, linear step or full capacity."""
    parameter: str
    """The name of the wait in the request."""

    def share(self, instances: int) -> float:
        """The part of the traffic that the new fleet takes."""
        return min(1.0, self.times * self.size.share(instances))

    def active(self, instances: int) -> int:
        """How many instances of the new fleet that turns on."""
        return ceil(round(self.share(instances) * instances, 9))


@dataclass(frozen=True)
class Policy:
    """One way of updating an endpoint."""

    steps: tuple[Step, ...]
    rolling: Size | None = None
    """Batches of a rolling deployment, which has no steps of its own."""
    interval: int = 0
    rollback: Size = WHOLE
    timeout: int | None = None
    alarms: tuple[str, ...] = ()


def _full(wait: int) -> Step:
    return Step(WHOLE, 1, wait, "full capacity", _TERMINATION)


ALL_AT_ONCE = Policy((_full(0),))
"""What SageMaker falls back to where guardrails do not apply: no baking, and so no alarms."""


def read_policy(config: Mapping[str, Any] | None) -> Policy:
    """The policy of a `DeploymentConfig`; ValidationException with what is wrong in it."""
    config = config or {}
    refuse_others("DeploymentConfig", config, (*_POLICIES, "AutoRollbackConfiguration"))
    if all(config.get(name) for name in _POLICIES):
        raise invalid("Only one of BlueGreenUpdatePolicy and RollingUpdatePolicy can be specified.")
    alarms = config.get("AutoRollbackConfiguration", {}).get("Alarms", [])
    names = tuple(each["AlarmName"] for each in alarms if "AlarmName" in each)
    rolling = config.get("RollingUpdatePolicy")
    return (
        _rolling(rolling, names) if rolling else _blue_green(config.get("BlueGreenUpdatePolicy", {}), names)
    )


def check_sizes(policy: Policy, variants: Sequence[Variant]) -> None:
    """Refuse batches given as counts that are more than half of a variant's instances."""
    sizes = [step.size for step in policy.steps[:-1]] + [size for size in [policy.rolling] if size]
    for size in sizes:
        for variant in variants:
            if size.kind == "INSTANCE_COUNT" and size.value * 2 > variant.instances:
                raise invalid(
                    f"A batch of {size.value} instance(s) is more than 50% of the {variant.instances} "
                    f"instance(s) of variant {variant.name}."
                )


def applicable(policy: Policy, old: Sequence[Variant], new: Sequence[Variant]) -> Policy:
    """The policy, or what SageMaker falls back to: guardrails need the same names of variants as before.

    Rolling deployments besides are not for several variants, nor for serverless ones.
    """
    same = {each.name for each in old} == {each.name for each in new}
    serverless = any(each.serverless for each in (*old, *new))
    if not same or (policy.rolling and (len(new) > 1 or serverless)):
        return ALL_AT_ONCE
    return policy


def _blue_green(policy: Mapping[str, Any], alarms: tuple[str, ...]) -> Policy:
    routing = policy.get("TrafficRoutingConfiguration", {"Type": "ALL_AT_ONCE"})
    last = _full(policy.get(_TERMINATION, 0))
    return Policy(
        steps=(*_before_full(routing), last),
        timeout=policy.get("MaximumExecutionTimeoutInSeconds"),
        alarms=alarms,
    )


_STEP_SIZES = {"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}


def _before_full(routing: Mapping[str, Any]) -> tuple[Step, ...]:
    kind, wait = routing["Type"], routing.get(_INTERVAL, 0)
    member = _STEP_SIZES.get(kind)
    others = [name for name in _STEP_SIZES.values() if name != member and routing.get(name)]
    if others:
        raise invalid(f"{', '.join(others)} cannot be specified with traffic routing of type {kind}.")
    if member is None:
        return ()
    size = _size(routing.get(member), member, least=10 if kind == "LINEAR" else 1)
    if kind == "CANARY":
        return (Step(size, 1, wait, "canary capacity", _INTERVAL),)
    return _linear(size, wait)


def _linear(size: Size, wait: int) -> tuple[Step, ...]:
    # As a count, how many steps there are depends on the variant: ten is the most that 10 % allows.
    count = ceil(100 / size.value) if size.kind == "CAPACITY_PERCENT" else 10
    return tuple(
        Step(size, times, wait, "linear step capacity", _INTERVAL) for times in range(1, max(count, 2))
    )


def _rolling(policy: Mapping[str, Any], alarms: tuple[str, ...]) -> Policy:
    back = policy.get("RollbackMaximumBatchSize")
    return Policy(
        steps=(),
        rolling=_size(policy.get("MaximumBatchSize"), "MaximumBatchSize", least=5),
        interval=policy.get(_INTERVAL, 0),
        rollback=_size(back, "RollbackMaximumBatchSize", least=1, most=100) if back else WHOLE,
        timeout=policy.get("MaximumExecutionTimeoutInSeconds"),
        alarms=alarms,
    )


def _size(found: Mapping[str, Any] | None, name: str, *, least: int, most: int = 50) -> Size:
    if not found:
        raise invalid(f"{name} is required.")
    size = Size(found["Type"], found["Value"])
    if size.kind == "CAPACITY_PERCENT" and not least <= size.value <= most:
        raise invalid(f"{name} must be between {least}% and {most}% of the variant's instances.")
    return size
