"""Conditions of a template may join strings; MiniStack compares `Fn::Join` as text to what it should give.

So the CDK's bootstrap stack gave its CloudFormation role no policy: it joins them to see whether it got any.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-join.html
"""

from collections.abc import Mapping
from typing import Any

_USERS = ("engine", "changesets", "handlers", "stacks", "provisioners", "helpers")


def install() -> None:
    """Put in place of each join what it gives, before conditions are evaluated."""
    import importlib

    from ministack.services.cloudformation import engine

    evaluate = engine._evaluate_conditions

    def evaluate_conditions(template: dict[str, Any], params: Mapping[str, Any]) -> Any:
        conditions = joined(template.get("Conditions", {}), params)
        return evaluate({**template, "Conditions": conditions}, params)

    for name in _USERS:
        module = importlib.import_module(f"ministack.services.cloudformation.{name}")
        if hasattr(module, "_evaluate_conditions"):
            module._evaluate_conditions = evaluate_conditions  # type: ignore[attr-defined]


def joined(value: Any, params: Mapping[str, Any]) -> Any:
    """A part of a template with each `Fn::Join` of parameters and strings put in place."""
    if isinstance(value, list):
        return [joined(each, params) for each in value]
    if not isinstance(value, dict):
        return value
    if set(value) != {"Fn::Join"}:
        return {key: joined(each, params) for key, each in value.items()}
    separator, items = value["Fn::Join"]
    found = _strings(items, params)
    return value if found is None else str(separator).join(found)


def _strings(items: Any, params: Mapping[str, Any]) -> list[str] | None:
    """The strings of a list, or of a parameter that is a list; None where it holds anything else."""
    if isinstance(items, dict):
        value = _parameter(items, params)
        return None if value is None else _listed(value)
    found = [each if isinstance(each, str) else _parameter(each, params) for each in items]
    return None if None in found else [str(each) for each in found]


def _listed(value: Any) -> list[str]:
    # A CommaDelimitedList is one string here.
    return [str(each).strip() for each in (value if isinstance(value, list) else str(value).split(","))]


def _parameter(value: Any, params: Mapping[str, Any]) -> Any:
    name = str(value.get("Ref")) if isinstance(value, dict) and len(value) == 1 else ""
    return params[name]["Value"] if name in params else None
