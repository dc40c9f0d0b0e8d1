"""AWS::ApplicationAutoScaling::ScalableTarget and ScalingPolicy for CloudFormation.

`Ref` of a target is `ResourceId|ScalableDimension|ServiceNamespace`, of a policy its ARN.
"""

from typing import Any

from embedded.scaling.service import Scaling
from embedded.shapes import problems, service_model
from embedded.spelling import from_pascal

TARGET, POLICY = "AWS::ApplicationAutoScaling::ScalableTarget", "AWS::ApplicationAutoScaling::ScalingPolicy"

Properties = dict[str, Any]
Made = tuple[str, dict[str, Any]]

_NAMES = ("ResourceId", "ScalableDimension", "ServiceNamespace")


class TargetType:
    """MiniStack's provisioner functions for targets."""

    def __init__(self, scaling: Scaling) -> None:
        self._scaling = scaling

    def create(self, _logical_id: str, properties: Properties, _stack_name: str) -> Made:
        """Register a target."""
        if properties.get("ScheduledActions"):
            raise ValueError(f"{TARGET}: ScheduledActions are not supported here")
        given = {key: value for key, value in properties.items() if key not in ("ScheduledActions", "Tags")}
        params = _params("RegisterScalableTarget", given)
        self._scaling.register(params)
        identity = "|".join(params[name] for name in _NAMES)
        return identity, {"Id": identity}

    def update(self, physical_id: str, _old: Properties, new: Properties, stack_name: str) -> Made:
        """Register it anew; another resource is another target, and CloudFormation deletes the old one."""
        del physical_id
        return self.create("", new, stack_name)

    def delete(self, physical_id: str, _properties: Properties) -> None:
        """Deregister it."""
        self._scaling.deregister(_of(physical_id))


class PolicyType:
    """MiniStack's provisioner functions for policies."""

    def __init__(self, scaling: Scaling) -> None:
        self._scaling = scaling

    def create(self, _logical_id: str, properties: Properties, _stack_name: str) -> Made:
        """Put a policy."""
        made = self._scaling.put_policy(_policy(properties))
        return str(made["PolicyARN"]), {"Arn": made["PolicyARN"]}

    def update(self, physical_id: str, _old: Properties, new: Properties, stack_name: str) -> Made:
        """Put it anew; another name is another policy."""
        del physical_id
        return self.create("", new, stack_name)

    def delete(self, physical_id: str, properties: Properties) -> None:
        """Delete it."""
        del physical_id
        params = _policy(properties)
        self._scaling.delete_policy({name: params[name] for name in (*_NAMES, "PolicyName")})


def _policy(properties: Properties) -> Properties:
    target = properties.get("ScalingTargetId")
    given = {key: value for key, value in properties.items() if key != "ScalingTargetId"}
    return _params("PutScalingPolicy", {**given, **(_of(target) if target else {})})


def _of(identity: str) -> dict[str, str]:
    return dict(zip(_NAMES, identity.split("|"), strict=True))


def _params(operation: str, given: Properties) -> Properties:
    shape: Any = service_model("application-autoscaling").operation_model(operation).input_shape
    params: Properties = from_pascal(shape, given)
    found = problems(shape, params)
    if found:
        raise ValueError(found)
    return params
