"""How executions of state machines start and end.

- They begin at once (MiniStack waits 0.15 s).
- A machine's `TimeoutSeconds` ends them as TIMED_OUT; a state that was still at work then changes nothing.
- Same name and input while running: StartExecution answers with the running one.
- One that a restart cut short is announced as failed on the event bus, like every other bad end.
"""

import contextvars
import json
import threading
import time
from types import SimpleNamespace
from typing import Any

_START_DELAY = 0.15
_RESTARTED = "States.ServiceRestart"

# Notified at every change of any execution's status.
changed = threading.Condition()


def install() -> None:
    """Mend how executions start and end."""
    from ministack.services import stepfunctions

    stepfunctions.time = _clock_without_delay()
    _end_at_timeout(stepfunctions)
    _keep_first_end(stepfunctions)
    _start_once(stepfunctions)
    _announce_interrupted(stepfunctions)
    _notify_of_changes(stepfunctions)


def _clock_without_delay() -> Any:
    def sleep(seconds: float) -> None:
        if seconds != _START_DELAY:
            time.sleep(seconds)

    return SimpleNamespace(sleep=sleep, time=time.time, monotonic=time.monotonic)


def _end_at_timeout(stepfunctions: Any) -> None:
    run = stepfunctions._run_execution

    def run_execution(arn: str) -> None:
        execution = stepfunctions._executions[arn]
        machine = stepfunctions._state_machines[execution["stateMachineArn"]]
        seconds = json.loads(machine["definition"]).get("TimeoutSeconds")
        context = contextvars.copy_context()
        timer = threading.Timer(seconds or 0, context.run, (_time_out, stepfunctions, execution))
        timer.daemon = True
        if seconds:
            timer.start()
        try:
            run(arn)
        finally:
            timer.cancel()

    stepfunctions._run_execution = run_execution


def _time_out(stepfunctions: Any, execution: dict[str, Any]) -> None:
    if execution["status"] != "RUNNING":
        return
    execution.update(status="TIMED_OUT", stopDate=stepfunctions.now_iso(), error="States.Timeout")
    stepfunctions._add_event(execution, "ExecutionTimedOut", {"executionTimedOutEventDetails": {}})
    stepfunctions._emit_execution_status_event(execution)


def _keep_first_end(stepfunctions: Any) -> None:
    fail = stepfunctions._fail_execution

    def fail_execution(execution: dict[str, Any], error: str, cause: str) -> None:
        if execution["status"] == "RUNNING":
            fail(execution, error, cause)

    stepfunctions._fail_execution = fail_execution


def _start_once(stepfunctions: Any) -> None:
    start = stepfunctions._start_execution

    def start_execution(request: dict[str, Any]) -> Any:
        running = _running_twin(stepfunctions, request)
        if running is None:
            return start(request)
        answer = {"executionArn": running["executionArn"], "startDate": running["startDate"]}
        return stepfunctions.json_response(answer)

    stepfunctions._start_execution = start_execution


def _running_twin(stepfunctions: Any, request: dict[str, Any]) -> dict[str, Any] | None:
    machine = stepfunctions._resolve_state_machine_arn(request.get("stateMachineArn", ""))
    if machine is None or not request.get("name"):
        return None
    arn = f"{machine.replace(':stateMachine:', ':execution:')}:{request['name']}"
    execution: dict[str, Any] | None = stepfunctions._executions.get(arn)
    if execution is None or execution["status"] != "RUNNING":
        return None
    return execution if execution["input"] == request.get("input", "{}") else None


def _announce_interrupted(stepfunctions: Any) -> None:
    restore = stepfunctions.load_persisted_state

    def load_persisted_state(data: Any) -> None:
        before = {arn for arn, one in _with_error(data)}
        restore(data)
        for (account, region, _), execution in list(stepfunctions._executions._data.items()):
            if execution.get("error") == _RESTARTED and execution["executionArn"] not in before:
                # Rules, targets and queues are restored after state machines.
                timer = threading.Timer(2, _announce, (stepfunctions, account, region, execution))
                timer.daemon = True
                timer.start()

    stepfunctions.load_persisted_state = load_persisted_state


def _with_error(data: Any) -> list[tuple[str, Any]]:
    saved = data["executions"]._data.values() if data and "executions" in data else []
    return [(one["executionArn"], one) for one in saved if one.get("error") == _RESTARTED]


def _announce(stepfunctions: Any, account: str, region: str, execution: dict[str, Any]) -> None:
    from ministack.core.responses import request_scope

    with request_scope(account, region):
        stepfunctions._emit_execution_status_event(execution)


def _notify_of_changes(stepfunctions: Any) -> None:
    emit = stepfunctions._emit_execution_status_event

    def emit_status(execution: dict[str, Any]) -> None:
        emit(execution)
        with changed:
            changed.notify_all()

    stepfunctions._emit_execution_status_event = emit_status
