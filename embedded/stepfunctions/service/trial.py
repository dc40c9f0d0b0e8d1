"""One state on trial: a machine around it, run by an engine of its own, and what its history says.

The states that it may go on to are stood in for; retries are not made, but told.
"""

import json
import re
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from embedded.stepfunctions import failures, history, retries
from embedded.stepfunctions.clock import RealClock
from embedded.stepfunctions.engine import Engine
from embedded.stepfunctions.failures import StateFailure
from embedded.stepfunctions.language.definition import parse
from embedded.stepfunctions.model import Event, Execution
from embedded.stepfunctions.store import MemoryStore
from embedded.stepfunctions.tasks import TaskRunner

LONGEST_SECONDS = 300.0
"""TestState runs for up to five minutes."""
_STAND_IN: Mapping[str, Any] = {"Type": "Succeed"}
_SETUP = "Variables"
_PREFIX = re.compile(
    r"^An error occurred while executing the state '.*?' \(entered at the event id #\d+\)\. "
)
_FAILURES = re.compile(r"(Task|LambdaFunction)(Failed|TimedOut|SubmitFailed)|EvaluationFailed")


@dataclass(frozen=True)
class Trial:
    """What is tried, and on what."""

    name: str
    state: Mapping[str, Any]
    query_language: str
    input: str
    variables: Mapping[str, Any]
    context: Mapping[str, Any]
    role_arn: str
    prefix: str
    """Of ARNs: `arn:aws:states:<region>:<account>`."""


@dataclass(frozen=True)
class Outcome:
    """What became of the state."""

    trial: Trial
    execution: Execution
    events: list[Event]

    @property
    def exited(self) -> Mapping[str, Any] | None:
        """How the state was left; None where it was not."""
        found = (event.get("stateExitedEventDetails") for event in self.events)
        return next((each for each in found if each and each["name"] == self.trial.name), None)

    @property
    def next_state(self) -> str | None:
        """The state that would come next."""
        for event in self.events:
            details = event.get("stateEnteredEventDetails")
            if details and event["type"] == "SucceedStateEntered" and details["name"] != self.trial.name:
                return _target(details["name"])
        return None

    @property
    def failure(self) -> StateFailure | None:
        """The failure that the state met, whether it was caught or not."""
        if self.trial.state["Type"] == "Fail" or (self.execution.status == "FAILED" and not self._failed):
            return StateFailure(self.execution.error, _plain(self.execution.cause))
        if self._failed is None:
            return None
        details = self._failed.get(history.details_key(self._failed["type"])) or {}
        also = frozenset() if "TimedOut" in self._failed["type"] else frozenset({failures.TASK_FAILED})
        return StateFailure(details.get("error"), _plain(details.get("cause")), also=also)

    def details(self, *endings: str) -> Mapping[str, Any]:
        """The details of the last event of a task whose type ends so."""
        found: Mapping[str, Any] = {}
        for event in self.events:
            if event["type"].endswith(endings) and not event["type"].startswith("Execution"):
                found = event.get(history.details_key(event["type"])) or {}
        return found

    @property
    def _failed(self) -> Event | None:
        return next((event for event in self.events if _FAILURES.fullmatch(event["type"])), None)


def run(trial: Trial, tasks: TaskRunner) -> Outcome:
    """Try a state; raises InvalidDefinition."""
    definition = json.dumps(_machine(trial))
    parse(definition)
    store, over = MemoryStore(), threading.Event()
    engine = Engine(store=store, tasks=tasks, clock=RealClock())
    execution = _execution(trial, definition, engine.clock.now())
    engine.start(execution)
    engine.when_ended(execution.arn, lambda _: over.set())
    engine.serve()
    if not over.wait(LONGEST_SECONDS):
        engine.stop(execution.arn, failures.TIMEOUT)
    engine.close()
    return Outcome(trial, execution, store.events(execution.arn))


def catcher(state: Mapping[str, Any], failure: StateFailure) -> int | None:
    """The index of the catcher that takes a failure."""
    return retries.find_catcher(state, failure)


def retrier(state: Mapping[str, Any], failure: StateFailure, used: int) -> int | None:
    """The index of the retrier that would try again after so many retries."""
    for index, rule in enumerate(state.get("Retry", ())):
        if retries.matches(rule["ErrorEquals"], failure):
            return index if used < rule.get("MaxAttempts", 3) else None
    return None


def _machine(trial: Trial) -> dict[str, Any]:
    """The state, without its retriers, between what sets variables and stand-ins for what follows."""
    state = _with_targets({key: value for key, value in trial.state.items() if key != "Retry"})
    states: dict[str, Any] = {trial.name: state}
    states |= {target: dict(_STAND_IN) for target in _targets(state)}
    start = trial.name
    if trial.variables:
        start = _SETUP
        states[_SETUP] = {"Type": "Pass", "Assign": dict(trial.variables), "Next": trial.name}
    return {"QueryLanguage": trial.query_language, "StartAt": start, "States": states}


def _with_targets(value: Any) -> Any:
    """Targets renamed, as a state may lead to itself."""
    if isinstance(value, list):
        return [_with_targets(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: f"to {item}" if key in {"Next", "Default"} and isinstance(item, str) else _inner(key, item)
        for key, item in value.items()
    }


def _inner(key: str, item: Any) -> Any:
    return _with_targets(item) if key in {"Choices", "Catch"} else item


def _targets(state: Mapping[str, Any]) -> set[str]:
    rules = [state, *state.get("Choices", ()), *state.get("Catch", ())]
    return {rule[key] for rule in rules for key in ("Next", "Default") if isinstance(rule.get(key), str)}


def _target(name: str) -> str:
    return name.removeprefix("to ")


def _plain(cause: str | None) -> str | None:
    """TestState's causes have no prefix that names the state."""
    return None if cause is None else _PREFIX.sub("", cause)


def _execution(trial: Trial, definition: str, now: float) -> Execution:
    name = str(uuid.uuid4())
    return Execution(
        arn=f"{trial.prefix}:execution:TestState:{name}",
        name=name,
        machine_arn=f"{trial.prefix}:stateMachine:TestState",
        machine_name="TestState",
        role_arn=trial.role_arn,
        definition=definition,
        input=trial.input,
        started=now,
        context=dict(trial.context),
    )
