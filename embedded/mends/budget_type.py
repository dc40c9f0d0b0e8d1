"""CloudFormation's AWS::Budgets::Budget, on record only: nothing costs money here, so none is ever exceeded.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-budgets-budget.html
"""

from typing import Any

from embedded.cloud import Cloud
from embedded.mends.provisioning import Made, Properties, check_known, parsed, physical_name

_TYPE = "AWS::Budgets::Budget"
_KNOWN = ("Budget", "NotificationsWithSubscribers", "ResourceTags")
_AMOUNTS = ("Amount",)


def install(cloud: Cloud) -> None:
    """Let templates hold budgets."""
    cloud.register_resource_type(_TYPE, create=_create, delete=_delete, update=_update)


def _create(logical_id: str, properties: Properties, stack: str) -> Made:
    from ministack.services import budgets

    check_known(_TYPE, properties, _KNOWN)
    name = properties["Budget"].get("BudgetName") or physical_name(stack, logical_id, 100)
    request = _texts(properties) | {"AccountId": budgets.get_account_id()}
    request["Budget"]["BudgetName"] = name
    parsed(_TYPE, budgets._create_budget(request))
    return name, {}


def _update(name: str, _old: Properties, new: Properties, stack: str) -> Made:
    _delete(name, {})
    return _create("", new | {"Budget": {"BudgetName": name} | new["Budget"]}, stack)


def _delete(name: str, _properties: Properties) -> None:
    from ministack.services import budgets

    budgets._delete_budget({"AccountId": budgets.get_account_id(), "BudgetName": name})


def _texts(value: Any) -> Any:
    """A copy; amounts are texts in the API, and may be numbers in a template."""
    if isinstance(value, list):
        return [_texts(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {key: str(each) if key in _AMOUNTS else _texts(each) for key, each in value.items()}
