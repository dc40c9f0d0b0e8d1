"""TestState: tries one state.

https://docs.aws.amazon.com/step-functions/latest/dg/test-state-isolation.html
"""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from embedded.api_error import ApiError
from embedded.stepfunctions import retries
from embedded.stepfunctions.documents import dumps
from embedded.stepfunctions.language.definition import InvalidDefinition, load
from embedded.stepfunctions.resource import Resource
from embedded.stepfunctions.service import arns, errors, names, trial
from embedded.stepfunctions.service.trial import Outcome, Trial
from embedded.stepfunctions.tasks import Failed, Reporter, Submitted, Succeeded, TaskCall, TaskRunner

Params = dict[str, Any]

_UNTRIED = frozenset({"Map", "Parallel"})
_CONFIGURED = frozenset({"errorCausedByState", "mapIterationFailureCount", "mapItemReaderData"})


@dataclass(frozen=True)
class Mocked:
    """A runner that gives one answer."""

    answer: Succeeded | Failed
    works_aside: bool = False

    def refusal(self, resource: Resource, arguments: Any) -> str | None:  # noqa: ARG002
        """A mock takes whatever it is given."""
        return None

    def start(self, call: TaskCall, report: Reporter) -> None:
        """Give the answer."""
        if call.resource.is_submitted:
            report(Submitted({}))
        report(self.answer)

    def resume(self, call: TaskCall, submitted: Submitted | None, report: Reporter) -> None:
        """Nothing outlives a trial."""

    def cancel(self, call: TaskCall) -> None:
        """Nothing is under way."""


@dataclass(frozen=True)
class Testing:
    """The operation."""

    place: arns.Place
    tasks: TaskRunner

    def test(self, params: Params) -> Params:
        """TestState; what is not done is refused by its name."""
        _refuse(params)
        try:
            tried = self._trial(params)
            outcome = trial.run(tried, self._tasks(params, tried))
        except InvalidDefinition as refused:
            raise ApiError("InvalidDefinition", str(refused)) from refused
        return _answer(outcome, params)

    def _trial(self, params: Params) -> Trial:
        document = load(params["definition"])
        name = params.get("stateName", "TestState")
        state = _state(document, params.get("stateName"))
        if state.get("Type") in _UNTRIED:
            raise errors.not_supported(f"TestState for states of type {state['Type']}")
        return Trial(
            name=name,
            state=state,
            query_language=state.get("QueryLanguage") or document.get("QueryLanguage", "JSONPath"),
            input=names.check_json(params.get("input", "{}")),
            variables=_object(params, "variables"),
            context=_object(params, "context"),
            role_arn=params.get("roleArn", ""),
            prefix=f"arn:aws:states:{self.place.region}:{self.place.account_id}",
        )

    def _tasks(self, params: Params, tried: Trial) -> TaskRunner:
        mock = params.get("mock")
        if mock:
            return Mocked(_mocked(mock))
        if tried.state.get("Type") == "Task":
            _check_call(params, str(tried.state.get("Resource", "")))
        return self.tasks


def _refuse(params: Params) -> None:
    if params.get("revealSecrets"):
        raise errors.not_supported("revealSecrets")
    asked = (params.get("stateConfiguration") or {}).keys() & _CONFIGURED
    if asked:
        raise errors.not_supported(f"stateConfiguration.{min(asked)}")
    mode = (params.get("mock") or {}).get("fieldValidationMode", "NONE")
    if mode != "NONE":
        raise errors.not_supported(f"mock.fieldValidationMode {mode}")


def _check_call(params: Params, resource: str) -> None:
    if ":activity:" in resource or resource.endswith((".sync", ".sync:2", ".waitForTaskToken")):
        raise errors.validation(f"{resource} can only be tested with a mock")
    if not params.get("roleArn"):
        raise errors.validation("RoleArn must be specified when testing Task states without a mock")
    arns.role(params["roleArn"])


def _state(document: Mapping[str, Any], name: str | None) -> dict[str, Any]:
    if name is None:
        return dict(document)
    found = _find(document, name)
    if found is None:
        raise errors.validation(f"State '{name}' was not found in the definition")
    return found


def _find(machine: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """A state by its name, in the machine or in those inside its states."""
    states: Mapping[str, Any] = machine.get("States", {})
    if name in states:
        return dict(states[name])
    inner = [m for s in states.values() for m in (*s.get("Branches", ()), s.get("ItemProcessor") or {})]
    return next((found for found in (_find(each, name) for each in inner) if found), None)


def _object(params: Params, member: str) -> dict[str, Any]:
    try:
        found = json.loads(params.get(member) or "{}")
    except ValueError as error:
        raise errors.validation(f"{member} must be a JSON object: {error}") from error
    if not isinstance(found, dict):
        raise errors.validation(f"{member} must be a JSON object")
    return found


def _mocked(mock: Params) -> Succeeded | Failed:
    if ("result" in mock) == ("errorOutput" in mock):
        raise errors.validation("A test mock must have either a result or an errorOutput")
    if "errorOutput" in mock:
        return Failed(mock["errorOutput"].get("error"), mock["errorOutput"].get("cause"))
    try:
        return Succeeded(json.loads(mock["result"]))
    except ValueError as error:
        raise errors.validation(f"mock.result must be JSON: {error}") from error


def _answer(outcome: Outcome, params: Params) -> Params:
    state, failure, exited = outcome.trial.state, outcome.failure, outcome.exited
    used = int((params.get("stateConfiguration") or {}).get("retrierRetryCount", 0))
    retrier = trial.retrier(state, failure, used) if failure else None
    answer: Params = {"error": failure.error, "cause": failure.cause} if failure else {}
    if retrier is not None:
        answer |= {"status": "RETRIABLE"}
    elif exited is None:
        answer |= {"status": "FAILED"}
    else:
        answer |= {"status": "CAUGHT_ERROR" if failure else "SUCCEEDED", "output": exited["output"]}
        answer |= {"nextState": outcome.next_state}
    if params.get("inspectionLevel", "INFO") != "INFO":
        answer["inspectionData"] = _inspected(outcome, retrier, used)
    return answer


def _inspected(outcome: Outcome, retrier: int | None, used: int) -> Params:
    scheduled = outcome.details("Scheduled")
    assigned = (outcome.exited or {}).get("assignedVariables", {})
    variables = dict(outcome.trial.variables) | {name: json.loads(v) for name, v in assigned.items()}
    found = {
        "input": outcome.trial.input,
        "afterArguments": scheduled.get("parameters", scheduled.get("input")),
        "result": outcome.details("TaskSucceeded", "LambdaFunctionSucceeded").get("output"),
        "variables": dumps(variables) if variables else None,
        "errorDetails": _error_details(outcome, retrier, used),
    }
    return {name: value for name, value in found.items() if value is not None}


def _error_details(outcome: Outcome, retrier: int | None, used: int) -> Params | None:
    failure, state = outcome.failure, outcome.trial.state
    if failure is None:
        return None
    if retrier is not None:
        # Without jitter: the longest that it may wait.
        rule = {key: value for key, value in state["Retry"][retrier].items() if key != "JitterStrategy"}
        seconds = int(retries.delay(rule, used, random.Random()))  # noqa: S311
        return {"retryIndex": retrier, "retryBackoffIntervalSeconds": seconds}
    catcher = trial.catcher(state, failure)
    return None if catcher is None else {"catchIndex": catcher}
