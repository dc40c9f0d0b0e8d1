"""What child executions of the type EXPRESS cannot do: wait for jobs, for callbacks or for activities.

https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html
"""

from collections.abc import Iterator

from embedded.stepfunctions.language.diagnostics import SCHEMA, Diagnostic, error
from embedded.stepfunctions.language.rules.together import is_distributed
from embedded.stepfunctions.language.rules.walk import Part
from embedded.stepfunctions.resource import Resource, parse_resource


def check_express(part: Part) -> Iterator[Diagnostic]:
    """What of a state is wrong in an Express execution, where it is part of one."""
    if not any(map(_is_express, part.scopes)):
        return
    if part.group == "Map" and is_distributed(part):
        yield error(SCHEMA, "Express state machine does not support Distributed Map", part.location)
    arn = part.value.get("Resource") if part.group == "Task" else None
    problem = _problem(arn) if isinstance(arn, str) else None
    if problem:
        yield error(SCHEMA, f"Express state machine does not support {problem}", f"{part.location}/Resource")


def _is_express(scope: Part) -> bool:
    config = scope.value.get("ProcessorConfig")
    return isinstance(config, dict) and config.get("ExecutionType") == "EXPRESS"


def _problem(arn: str) -> str | None:
    try:
        resource: Resource = parse_resource(arn)
    except ValueError:
        return None  # Said elsewhere.
    if resource.kind == "activity":
        return f"Activity ARN '{arn}'"
    return f"'{resource.pattern}' service integration" if resource.pattern else None
