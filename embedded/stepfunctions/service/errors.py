"""The errors of Step Functions' API, worded as AWS words them.

https://docs.aws.amazon.com/step-functions/latest/apireference/CommonErrors.html and each operation's page.
"""

from embedded.api_error import ApiError

REFERENCES_NOTHING = "Request references a resource that does not exist."


def invalid_arn(reason: str) -> ApiError:
    """An ARN that is none, or of another kind."""
    return ApiError("InvalidArn", f"Invalid Arn: '{reason}'")


def invalid_name(name: str) -> ApiError:
    """A name with a character that names must not have."""
    return ApiError("InvalidName", f"Invalid Name: '{name}'")


def validation(message: str) -> ApiError:
    """Parameters that break a rule of the operation."""
    return ApiError("ValidationException", message)


def constraint(value: object, member: str, rule: str) -> ApiError:
    """A parameter that breaks a constraint of the model."""
    found = f"Value '{value}' at '{member}' failed to satisfy constraint: Member must {rule}"
    return validation(f"1 validation error detected: {found}")


def not_supported(what: str) -> ApiError:
    """What AWS has and is not done here, by its name."""
    return validation(f"{what} is not supported by the embedded cloud")


def no_machine(arn: str) -> ApiError:
    """No state machine, version or alias of that ARN."""
    return ApiError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")


def machine_exists(arn: str) -> ApiError:
    """A state machine of that name that is not the same."""
    return ApiError("StateMachineAlreadyExists", f"State Machine Already Exists: '{arn}'")


def machine_deleting(arn: str) -> ApiError:
    """A state machine that is being deleted."""
    return ApiError("StateMachineDeleting", f"State Machine is being deleted: '{arn}'")


def type_not_supported() -> ApiError:
    """An operation for Express workflows."""
    message = "This operation is not supported by this type of state machine"
    return ApiError("StateMachineTypeNotSupported", message)


def no_execution(arn: str) -> ApiError:
    """No execution of that ARN."""
    return ApiError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")


def execution_exists(arn: str) -> ApiError:
    """The name was used within 90 days, and the execution has ended or had another input."""
    return ApiError("ExecutionAlreadyExists", f"Execution Already Exists: '{arn}'")


def invalid_input(reason: str) -> ApiError:
    """An execution's input that is no JSON."""
    return ApiError("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{reason}'")


def no_activity(arn: str) -> ApiError:
    """No activity of that ARN."""
    return ApiError("ActivityDoesNotExist", f"Activity Does Not Exist: '{arn}'")


def no_resource(arn: str) -> ApiError:
    """Nothing that can be tagged."""
    return ApiError("ResourceNotFound", f"Resource not found: '{arn}'")


def references_nothing() -> ApiError:
    """An alias, a version or a Map Run that is not there."""
    return ApiError("ResourceNotFound", REFERENCES_NOTHING)


def conflict(message: str) -> ApiError:
    """Something else was changed meanwhile."""
    return ApiError("ConflictException", message)


def invalid_token() -> ApiError:
    """A `nextToken` or a task token that nobody gave."""
    return ApiError("InvalidToken", "Invalid Token: 'Invalid token'")


def quota(message: str) -> ApiError:
    """Too many of something."""
    return ApiError("ServiceQuotaExceededException", message)
