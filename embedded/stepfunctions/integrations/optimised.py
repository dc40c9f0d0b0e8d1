"""Optimised integrations: which parameters they take, how the call is made, and what becomes of the answer.

https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from embedded.integrations import TaskFailure
from embedded.shapes import service_model
from embedded.spelling import UnknownMemberError, from_pascal, to_pascal
from embedded.stepfunctions import failures
from embedded.stepfunctions.documents import dumps
from embedded.stepfunctions.integrations.calling import Attempt, metadata
from embedded.stepfunctions.integrations.failures import OptimisedNames

Prepare = Callable[[dict[str, Any], Attempt], dict[str, Any]]
Shape = Callable[[dict[str, Any], dict[str, Any]], Any]


def _as_given(arguments: dict[str, Any], _: Attempt) -> dict[str, Any]:
    return arguments


def with_metadata(found: dict[str, Any], answer: dict[str, Any]) -> Any:
    """The answer with what is known about it, by name as AWS orders it."""
    whole = found | metadata(answer)
    return {name: whole[name] for name in sorted(whole)}


def alone(found: dict[str, Any], _: dict[str, Any]) -> Any:
    """The answer, and nothing else."""
    return found


@dataclass(frozen=True, kw_only=True)
class Optimised:
    """One integration."""

    names: OptimisedNames
    operation: str
    parameters: frozenset[str]
    """The members that Step Functions supports."""
    patterns: frozenset[str] = field(default_factory=lambda: frozenset({""}))
    prepare: Prepare = _as_given
    """Arguments in PascalCase, before they are held against the operation's model."""
    shape: Shape = with_metadata

    @property
    def _model(self) -> Any:
        return service_model(self.names.service).operation_model(self.operation)

    def check(self, arguments: Any) -> None:
        """Raise TaskFailure for arguments that no call can be made of."""
        check(arguments, supported=self.parameters, required=self._model.input_shape.required_members)

    def perform(self, attempt: Attempt) -> Any:
        """Make the call; the result, or TaskFailure."""
        model, given = self._model, attempt.task.arguments
        try:
            params = from_pascal(model.input_shape, self.prepare(dict(given), attempt))
        except UnknownMemberError as error:
            raise unusable(given, str(error)) from error
        try:
            answer = attempt.call(self.names.service, self.operation, params)
        except Exception as error:
            raise self.names(error) from error
        found = {key: value for key, value in answer.items() if key != "ResponseMetadata"}
        return self.shape(to_pascal(model.output_shape, found), answer)


def check(arguments: Any, *, supported: frozenset[str], required: Iterable[str]) -> None:
    """Raise States.Runtime for arguments with members that are not supported, or without required ones."""
    if not isinstance(arguments, Mapping):
        raise unusable(arguments, "The value must be an object")
    capitals = [f"{name[:1].upper()}{name[1:]}" for name in required]
    problems = [
        *(f"The field '{name}' is not supported by Step Functions" for name in arguments.keys() - supported),
        *(f"The field '{name}' is required but was missing" for name in capitals if name not in arguments),
    ]
    if problems:
        raise unusable(arguments, ", ".join(sorted(problems)))


def unusable(arguments: Any, why: str) -> TaskFailure:
    """The failure for arguments that no call can be made of."""
    cause = f"The Parameters '{dumps(arguments)}' could not be used to start the Task: [{why}]"
    return TaskFailure(failures.RUNTIME, cause)


def as_text(value: Any) -> str:
    """A string as it is, any other JSON written out."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
