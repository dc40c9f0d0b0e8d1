"""CloudFormation's AWS::Scheduler::Schedule with all its properties.

MiniStack drops the time zone, the dates and what follows completion, and takes a refused schedule as created.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-scheduler-schedule.html
"""

import json
from datetime import UTC, datetime
from typing import Any

from embedded.cloud import Cloud

_TYPE = "AWS::Scheduler::Schedule"
_DATES = ("StartDate", "EndDate")
_WHOLE = ("MaximumWindowInMinutes", "MaximumRetryAttempts", "MaximumEventAgeInSeconds")

Properties = dict[str, Any]
Made = tuple[str, dict[str, Any]]


def install(cloud: Cloud) -> None:
    """Replace MiniStack's provisioner."""
    cloud.register_resource_type(_TYPE, create=_create, delete=_delete, update=_update)


def _create(logical_id: str, properties: Properties, stack: str) -> Made:
    from ministack.services import scheduler
    from ministack.services.cloudformation.provisioners import _physical_name

    name = properties.get("Name") or _physical_name(stack, logical_id, max_len=64)
    return name, {"Arn": _checked(scheduler._create_schedule(name, body(properties)))}


def _update(name: str, old: Properties, new: Properties, stack: str) -> Made:
    from ministack.services import scheduler

    moved = (new.get("Name") or name, _group(new)) != (name, _group(old))
    if moved:
        made = _create(new.get("Name") or name, {"Name": name} | new, stack)
        _delete(name, old)
        return made
    return name, {"Arn": _checked(scheduler._update_schedule(name, body(new)))}


def _delete(name: str, properties: Properties) -> None:
    from ministack.services import scheduler

    scheduler._delete_schedule(name, {"groupName": _group(properties)})


def _group(properties: Properties) -> str:
    return str(properties.get("GroupName") or "default")


def body(properties: Properties) -> dict[str, Any]:
    """The API's request for a resource's properties: numbers may come as text, dates always do."""
    request: dict[str, Any] = _numbers({key: value for key, value in properties.items() if key != "Name"})
    request |= {key: _moment(request[key]) for key in _DATES if key in request}
    return {"GroupName": "default"} | request


def _numbers(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: int(each) if key in _WHOLE else _numbers(each) for key, each in value.items()}


def _moment(text: str) -> float:
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _checked(answer: Any) -> str:
    status, _, content = answer
    parsed: dict[str, Any] = json.loads(content)
    if status >= 400:
        raise ValueError(f"{_TYPE}: {parsed.get('Message', parsed)}")
    return str(parsed["ScheduleArn"])
