"""Rules and their targets are checked when they are put, also by CloudFormation.

MiniStack takes targets that it then does not invoke, templates with unknown placeholders, any number of
targets, and deletes rules that have some.
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html
"""

import json
from collections.abc import Mapping
from typing import Any

from embedded.rules import targets

_MOST = 5


def install() -> None:
    """Refuse what AWS refuses, and what is not done here."""
    from ministack.services import eventbridge
    from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS

    put, delete = eventbridge._put_targets, eventbridge._delete_rule

    def put_targets(data: dict[str, Any]) -> Any:
        return _refusal(eventbridge, data) or put(data)

    def delete_rule(data: dict[str, Any]) -> Any:
        key = eventbridge._rule_key(data.get("Name"), data.get("EventBusName", "default"))
        if eventbridge._targets.get(key):
            return _error(eventbridge, "ValidationException", "Rule can't be deleted since it has targets.")
        return delete(data)

    eventbridge._put_targets = put_targets
    eventbridge._delete_rule = delete_rule
    handlers = _RESOURCE_HANDLERS["AWS::Events::Rule"]
    handlers["create"] = _checked(eventbridge, handlers["create"])


def _refusal(eventbridge: Any, data: Mapping[str, Any]) -> Any:
    try:
        for target in data.get("Targets", []):
            targets.check(target)
    except targets.InvalidTarget as error:
        return _error(eventbridge, "ValidationException", str(error))
    key = eventbridge._rule_key(data.get("Rule"), data.get("EventBusName", "default"))
    there = {target["Id"] for target in eventbridge._targets.get(key, [])}
    if len(there | {target["Id"] for target in data.get("Targets", [])}) > _MOST:
        message = "The requested resource exceeds the maximum number allowed."
        return _error(eventbridge, "LimitExceededException", message)
    return None


def _error(eventbridge: Any, code: str, message: str) -> Any:
    return eventbridge.error_response_json(code, message, 400)


def _checked(eventbridge: Any, create: Any) -> Any:
    """CloudFormation's own way of making rules, which asks nobody, then puts the same by the API."""

    def made(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        name, attributes = create(logical_id, properties | {"Targets": []}, stack)
        bus = str(eventbridge._event_bus_name_from_ref(properties.get("EventBusName", "default"))[0])
        try:
            eventbridge._ensure_default_bus()
            _accepted(eventbridge._put_rule(_request(properties, name, bus)))
            _accepted(eventbridge._put_targets(_of_rule(properties, name, bus)))
        except ValueError:
            eventbridge._rules.pop(eventbridge._rule_key(name, bus), None)
            raise
        return name, attributes

    return made


def _request(properties: Mapping[str, Any], name: str, bus: str) -> dict[str, Any]:
    pattern = properties.get("EventPattern", "")
    text = pattern if isinstance(pattern, str) else json.dumps(pattern)
    kept = {
        key: properties[key] for key in ("State", "Description", "ScheduleExpression") if key in properties
    }
    return kept | {"Name": name, "EventBusName": bus, "EventPattern": text}


def _of_rule(properties: Mapping[str, Any], name: str, bus: str) -> dict[str, Any]:
    return {"Rule": name, "EventBusName": bus, "Targets": _numbers(properties.get("Targets") or [])}


def _numbers(value: Any) -> Any:
    """Whole numbers of a template may be texts."""
    if isinstance(value, list):
        return [_numbers(each) for each in value]
    if not isinstance(value, dict):
        return value
    whole = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds")
    return {key: int(each) if key in whole else _numbers(each) for key, each in value.items()}


def _accepted(answer: Any) -> None:
    status, _, content = answer
    if status >= 400:
        parsed: dict[str, Any] = json.loads(content)
        raise ValueError(f"AWS::Events::Rule: {parsed.get('message', parsed)}")
