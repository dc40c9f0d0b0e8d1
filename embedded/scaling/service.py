"""The operations of Application Auto Scaling. Source: its API reference."""

import secrets
import time
import uuid
from collections.abc import Mapping
from typing import Any

from embedded.scaling.alarms import PolicyAlarms
from embedded.scaling.answers import activity, describe_target, identity, matches, paged
from embedded.scaling.books import Books
from embedded.scaling.metrics import invalid, tracked_metric
from embedded.scaling.policies import CONFIGS, read_config
from embedded.scaling.records import Policy, Target
from embedded.scaling.variants import Resource, Variants, resource_of
from embedded.service_events import Place
from embedded.wire import ApiError, Caller, Operation


class Scaling:
    """The service."""

    def __init__(self, place: Place, books: Books, variants: Variants, alarms: PolicyAlarms) -> None:
        self._place = place
        self._books = books
        self._variants = variants
        self._alarms = alarms

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            "RegisterScalableTarget": self.register,
            "DescribeScalableTargets": self._targets,
            "DeregisterScalableTarget": self.deregister,
            "PutScalingPolicy": self.put_policy,
            "DescribeScalingPolicies": self._policies,
            "DeleteScalingPolicy": self.delete_policy,
            "DescribeScalingActivities": self._activities,
        }

    def acted_on(self, _operation: str, params: Mapping[str, Any]) -> list[str]:
        """The ARN of the target, which IAM is asked about."""
        target = self._books.target(params)
        return [target.arn if target else self._arn("scalable-target/*")]

    def register(self, params: dict[str, Any], _caller: Caller | None = None) -> dict[str, Any]:
        """Register a target, or change its bounds."""
        resource, before = resource_of(params), self._books.target(params)
        minimum = params.get("MinCapacity", before.minimum if before else None)
        maximum = params.get("MaxCapacity", before.maximum if before else None)
        if minimum is None or maximum is None:
            raise invalid("MinCapacity and MaxCapacity are required for a new scalable target.")
        if minimum > maximum:
            raise invalid("Maximum capacity cannot be less than minimum capacity")
        self._check(resource, minimum)
        record = self._target(params, before, minimum, maximum)
        self._books.targets.put(record)
        return {"ScalableTargetARN": record.arn}

    def deregister(self, params: dict[str, Any], _caller: Caller | None = None) -> dict[str, Any]:
        """Forget a target, with its policies."""
        target = self._found(params)
        for policy in self._books.policies_of(target):
            self._drop(policy)
        self._books.targets.forget(target.id)
        return {}

    def put_policy(self, params: dict[str, Any], _caller: Caller | None = None) -> dict[str, Any]:
        """Make or change a policy; a target tracking one gets its alarms."""
        resource, target = resource_of(params), self._found(params)
        before = self._books.policy(target, params["PolicyName"])
        kind = params.get("PolicyType", before.kind if before else "StepScaling")
        config = read_config(kind, params)
        identity = before.id if before else str(uuid.uuid4())
        arn = self._policy_arn(target, identity, params["PolicyName"])
        alarms: tuple[str, ...] = ()
        if kind == "TargetTrackingScaling":
            metric = tracked_metric(config, resource)
            alarms = self._alarms.make(target.resource, metric, config["TargetValue"], arn)
        if before:
            self._alarms.remove(before.alarms)
        policy = Policy(
            id=identity,
            arn=arn,
            name=params["PolicyName"],
            target=target.id,
            kind=kind,
            config=config,
            alarms=alarms,
            created=before.created if before else time.time(),
        )
        self._books.policies.put(policy)
        return {"PolicyARN": arn, "Alarms": self._named(policy)}

    def delete_policy(self, params: dict[str, Any], _caller: Caller | None = None) -> dict[str, Any]:
        """Forget a policy, with its alarms."""
        policy = self._books.policy(self._found(params), params["PolicyName"])
        if policy is None:
            raise ApiError(
                "ObjectNotFoundException", f"No scaling policy found for policy name: {params['PolicyName']}"
            )
        self._drop(policy)
        return {}

    def _check(self, resource: Resource, minimum: int) -> None:
        capacity = self._variants.read(resource)
        if capacity is None:
            raise invalid(f"There is no variant {resource.variant} of an endpoint {resource.endpoint}.")
        if minimum == 0 and not capacity.may_be_empty:
            raise invalid(
                "A minimum capacity of 0 is for variants of endpoints with asynchronous inference; for "
                "others it takes inference components, which are not implemented by the embedded SageMaker."
            )

    def _target(self, params: Mapping[str, Any], before: Target | None, minimum: int, maximum: int) -> Target:
        identity = before.id if before else secrets.token_hex(17)
        return Target(
            id=identity,
            arn=self._arn(f"scalable-target/{identity}"),
            namespace=params["ServiceNamespace"],
            resource=params["ResourceId"],
            dimension=params["ScalableDimension"],
            minimum=minimum,
            maximum=maximum,
            suspended=params.get("SuspendedState", before.suspended if before else {}),
            created=before.created if before else time.time(),
            tags=params.get("Tags", before.tags if before else {}),
        )

    def _targets(self, params: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        wanted = params.get("ResourceIds")
        found = [
            describe_target(each, self._place.account_id)
            for each in self._books.targets.records()
            if matches(each, params) and (not wanted or each.resource in wanted)
        ]
        return paged("ScalableTargets", found, params)

    def _policies(self, params: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        names = params.get("PolicyNames")
        found = [
            self._policy(target, policy)
            for target in self._books.targets.records()
            for policy in self._books.policies_of(target)
            if matches(target, params) and (not names or policy.name in names)
        ]
        return paged("ScalingPolicies", found, params)

    def _policy(self, target: Target, policy: Policy) -> dict[str, Any]:
        return {
            **identity(target),
            "PolicyARN": policy.arn,
            "PolicyName": policy.name,
            "PolicyType": policy.kind,
            CONFIGS[policy.kind]: policy.config,
            "Alarms": self._named(policy),
            "CreationTime": policy.created,
        }

    def _activities(self, params: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        newest_first = sorted(self._books.activities.records(), key=lambda each: -each.started)
        found = [activity(each) for each in newest_first if matches(each, params)]
        return paged("ScalingActivities", found, params)

    def _named(self, policy: Policy) -> list[dict[str, str]]:
        place = f"arn:aws:cloudwatch:{self._place.region}:{self._place.account_id}:alarm"
        return [{"AlarmName": name, "AlarmARN": f"{place}:{name}"} for name in policy.alarms]

    def _drop(self, policy: Policy) -> None:
        self._alarms.remove(policy.alarms)
        self._books.policies.forget(policy.id)

    def _found(self, params: Mapping[str, Any]) -> Target:
        target = self._books.target(params)
        if target is None:
            raise ApiError(
                "ObjectNotFoundException",
                f"No scalable target registered for service namespace: {params['ServiceNamespace']}, "
                f"resource ID: {params['ResourceId']}, scalable dimension: {params['ScalableDimension']}",
            )
        return target

    def _policy_arn(self, target: Target, identity: str, name: str) -> str:
        place = f"{self._place.region}:{self._place.account_id}"
        path = f"resource/sagemaker/{target.resource}:policyName/{name}"
        return f"arn:aws:autoscaling:{place}:scalingPolicy:{identity}:{path}"

    def _arn(self, rest: str) -> str:
        return f"arn:aws:application-autoscaling:{self._place.region}:{self._place.account_id}:{rest}"
