"""`aws-sdk:` integrations: every operation that botocore knows.

https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

from collections.abc import Mapping
from typing import Any

from embedded.integrations import TaskFailure
from embedded.shapes import service_model
from embedded.spelling import UnknownMemberError
from embedded.stepfunctions import failures
from embedded.stepfunctions.integrations.calling import Attempt
from embedded.stepfunctions.integrations.failures import SdkNames
from embedded.stepfunctions.integrations.optimised import unusable
from embedded.stepfunctions.integrations.sdk_names import find_operation
from embedded.stepfunctions.integrations.sdk_spelling import read_arguments, write_answer
from embedded.stepfunctions.resource import Resource


def check(resource: Resource, arguments: Any) -> None:
    """Raise TaskFailure for arguments that the operation does not have."""
    found = find_operation(resource.service, resource.operation)
    if found:
        _params(service_model(found[0]).operation_model(found[1]), arguments)


def perform(attempt: Attempt) -> Any:
    """Make the call; the result, or TaskFailure."""
    resource = attempt.task.resource
    found = find_operation(resource.service, resource.operation)
    if found is None:
        raise TaskFailure(failures.RUNTIME, f"{resource.arn} names no operation of AWS's SDK")
    service, operation = found
    model = service_model(service).operation_model(operation)
    params = _params(model, attempt.task.arguments)
    try:
        answer = attempt.call(service, operation, params)
        return write_answer(model.output_shape, answer) if model.output_shape else {}
    except Exception as error:
        raise SdkNames(service)(error) from error


def _params(model: Any, arguments: Any) -> dict[str, Any]:
    given: Mapping[str, Any] = arguments if isinstance(arguments, Mapping) else {}
    try:
        return read_arguments(model.input_shape, given)
    except UnknownMemberError as error:
        raise unusable(arguments, str(error)) from error
