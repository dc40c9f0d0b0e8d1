"""Looks at all policies now and then, and scales what they say is to be scaled."""

import logging
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from embedded.sagemaker.clock import Clock
from embedded.scaling.adjusting import LOW_POINTS, stepped, tracked
from embedded.scaling.books import Books
from embedded.scaling.metrics import Metric, Read, tracked_metric
from embedded.scaling.records import Activity, Policy, Target
from embedded.scaling.variants import Capacity, Resource, Variants, resource_of

logger = logging.getLogger(__name__)

LOOK_SECONDS = 10.0
_COOLDOWN_SECONDS = 300
"""Of target tracking for variants, where a policy names none."""

Ringing = Callable[[str], Sequence[Mapping[str, Any]]]
"""The ARN of a policy → the alarms, as DescribeAlarms tells them, that are in ALARM and have it as action."""


class Evaluator:
    """Scales targets."""

    def __init__(self, books: Books, variants: Variants, read: Read, ringing: Ringing, clock: Clock) -> None:
        self._books = books
        self._variants = variants
        self._read = read
        self._ringing = ringing
        self._clock = clock

    def start(self) -> None:
        """Look from now on, in a thread of its own."""
        threading.Thread(target=self._keep_looking, daemon=True, name="auto scaling").start()

    def look(self) -> None:
        """Scale what is to be scaled at this moment."""
        for target in self._books.targets.records():
            try:
                self._look(target)
            except ClientError as error:
                logger.warning("%s was not scaled: %s", target.resource, error)

    def _look(self, target: Target) -> None:
        resource = resource_of(
            {
                "ServiceNamespace": target.namespace,
                "ResourceId": target.resource,
                "ScalableDimension": target.dimension,
            }
        )
        capacity = self._variants.read(resource)
        if capacity is None:  # SageMaker's own end of a variant ends its registration.
            self._forget(target)
        elif capacity.is_settled:
            self._scale(target, resource, capacity)

    def _scale(self, target: Target, resource: Resource, capacity: Capacity) -> None:
        bounded = min(max(capacity.desired, target.minimum), target.maximum)
        if bounded != capacity.desired:
            bound = "minimum" if bounded > capacity.desired else "maximum"
            self._set(target, resource, bounded, f"{bound} capacity was set to {bounded}")
            return
        wishes = [
            (wanted, policy, cause)
            for policy in self._books.policies_of(target)
            for wanted, cause in self._wishes(target, resource, policy, capacity.desired)
        ]
        # Of several policies the one that leaves most capacity wins.
        wanted, policy, cause = max(wishes, key=lambda each: each[0], default=(capacity.desired, None, ""))
        if policy is not None and wanted != capacity.desired:
            self._set(target, resource, wanted, cause)
            moved = "scaled_out" if wanted > capacity.desired else "scaled_in"
            self._books.policies.put(policy.model_copy(update={moved: self._clock.now()}))

    def _wishes(
        self, target: Target, resource: Resource, policy: Policy, now: int
    ) -> Sequence[tuple[int, str]]:
        """What a policy wants, within the target's bounds; nothing while it cools down or is suspended."""
        wished = self._tracked(policy, resource, now) if policy.kind == "TargetTrackingScaling" else None
        wanted, cause = wished or self._stepped(policy, now)
        if not cause:
            return []
        bounded = min(max(wanted, target.minimum), target.maximum)
        return [(bounded, cause)] if self._may(target, policy, bounded - now) else []

    def _tracked(self, policy: Policy, resource: Resource, now: int) -> tuple[int, str]:
        config = policy.config
        points = self._read(tracked_metric(config, resource), self._clock.now(), LOW_POINTS)
        scales_in = not config.get("DisableScaleIn", False)
        wanted = tracked(points, config["TargetValue"], now, scales_in=scales_in)
        alarm = policy.alarms[0 if wanted > now else 1] if policy.alarms else "target tracking"
        return wanted, f"monitor alarm {alarm} in state ALARM triggered policy {policy.name}"

    def _stepped(self, policy: Policy, now: int) -> tuple[int, str]:
        for alarm in self._ringing(policy.arn) if policy.kind == "StepScaling" else ():
            wanted = stepped(policy.config, self._breach(alarm), now)
            return wanted, f"monitor alarm {alarm['AlarmName']} in state ALARM triggered policy {policy.name}"
        return now, ""

    def _breach(self, alarm: Mapping[str, Any]) -> float:
        """By how much the alarm's metric is beyond its threshold; 0 where that is not known."""
        if not alarm.get("MetricName"):
            return 0.0
        pairs = tuple((each["Name"], each["Value"]) for each in alarm.get("Dimensions", []))
        metric = Metric(alarm["Namespace"], alarm["MetricName"], alarm.get("Statistic", "Average"), pairs)
        points = self._read(metric, self._clock.now(), 1)
        return points[-1] - alarm["Threshold"] if points else 0.0

    def _may(self, target: Target, policy: Policy, change: int) -> bool:
        if change == 0:
            return True
        way = "Out" if change > 0 else "In"
        last = policy.scaled_out if change > 0 else max(policy.scaled_in, policy.scaled_out)
        default = policy.config.get("Cooldown", 0) if policy.kind == "StepScaling" else _COOLDOWN_SECONDS
        cooldown = policy.config.get(f"Scale{way}Cooldown", default)
        suspended = target.suspended.get(f"DynamicScaling{way}Suspended", False)
        return not suspended and self._clock.now() - last >= cooldown

    def _set(self, target: Target, resource: Resource, capacity: int, cause: str) -> None:
        started, error = self._clock.now(), None
        try:
            self._variants.set(resource, capacity)
        except ClientError as found:
            error = found
        done = f"Successfully set {resource.words} to {capacity}. Change successfully fulfilled by sagemaker."
        self._books.note(
            Activity(
                id=str(uuid.uuid4()),
                target=target.id,
                namespace=target.namespace,
                resource=target.resource,
                dimension=target.dimension,
                description=f"Setting {resource.words} to {capacity}.",
                cause=cause,
                started=started,
                ended=self._clock.now(),
                status="Failed" if error else "Successful",
                message=f"Failed to set {resource.words} to {capacity}. Reason: {error}" if error else done,
            )
        )
        if error:
            raise error

    def _forget(self, target: Target) -> None:
        for policy in self._books.policies_of(target):
            self._books.policies.forget(policy.id)
        self._books.targets.forget(target.id)

    def _keep_looking(self) -> None:
        never = threading.Event()
        while True:
            self._clock.sleep(LOOK_SECONDS, never)
            try:
                self.look()
            except Exception:
                logger.exception("auto scaling")
