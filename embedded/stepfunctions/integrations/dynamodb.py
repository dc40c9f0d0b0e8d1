"""`dynamodb:getItem`, `putItem`, `updateItem` and `deleteItem`.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-ddb.html
"""

from typing import Any

from embedded.shapes import service_model
from embedded.stepfunctions.integrations.failures import OptimisedNames
from embedded.stepfunctions.integrations.optimised import Optimised

_NAMES = OptimisedNames("dynamodb", "DynamoDB", "AmazonDynamoDBv2", "AmazonDynamoDBException")
_OPERATIONS = ("GetItem", "PutItem", "UpdateItem", "DeleteItem")


def integrations() -> dict[str, Optimised]:
    """By name; all parameters of the operations are supported."""
    return {f"dynamodb:{name[0].lower()}{name[1:]}": _integration(name) for name in _OPERATIONS}


def _integration(operation: str) -> Optimised:
    shape: Any = service_model("dynamodb").operation_model(operation).input_shape
    return Optimised(names=_NAMES, operation=operation, parameters=frozenset(shape.members))
