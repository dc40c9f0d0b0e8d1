"""Task: makes a call, and waits for its end, a time-out or a missing heartbeat.

https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html
"""

from collections.abc import Callable, Mapping
from typing import Any

from embedded.stepfunctions import failures, history, task_calls
from embedded.stepfunctions.documents import dumps, is_too_large
from embedded.stepfunctions.evaluation import Scope
from embedded.stepfunctions.failures import StateFailure, runtime_failure
from embedded.stepfunctions.leaving import Leave, StateType, done
from embedded.stepfunctions.model import TASK
from embedded.stepfunctions.news import Timer
from embedded.stepfunctions.resource import Resource, parse_resource
from embedded.stepfunctions.tasks import Failed, Started, Submitted, Succeeded
from embedded.stepfunctions.tokens import TaskToken
from embedded.stepfunctions.turn import Turn

MOST_SECONDS = 99_999_999
_EVENTS = {"integration": "Task", "function": "LambdaFunction", "activity": "Activity"}


def begin(turn: Turn) -> None:
    """Write down what will be called. The call itself is made in a turn of its own."""
    strand, resource = turn.strand, parse_resource(turn.state["Resource"])
    token = _token(turn)
    strand.task = {"token": token}
    scope = turn.scope()
    arguments = scope.value(turn.state.get("Arguments", strand.input), "Arguments")
    _check_start(turn, resource, arguments)
    limits = {name: _limit(turn, scope, name) for name in ("TimeoutSeconds", "HeartbeatSeconds")}
    strand.task = {
        "resource": resource.arn,
        "arguments": arguments,
        "role": _role(turn, scope),
        "token": token,
        "timeout": limits["TimeoutSeconds"],
        "heartbeat": limits["HeartbeatSeconds"],
        "started": False,
        "submitted": None,
    }
    strand.phase = TASK
    strand.task["number"] = turn.record(f"{_EVENTS[resource.kind]}Scheduled", _scheduled(turn, resource))
    if limits["TimeoutSeconds"] is not None:
        turn.set_timer("timeout", limits["TimeoutSeconds"])
    turn.signal("start_task", strand.task["number"])


def resume(turn: Turn, news: object) -> Leave | None:
    """Take what the task's runner reports, or a timer."""
    return _NEWS[type(news)](turn, news)


def start(turn: Turn) -> None:
    """Write down that the call is made, and make it."""
    task = _task(turn)
    task["started"] = True
    resource = parse_resource(task["resource"])
    if resource.kind != "activity":
        turn.record(f"{_EVENTS[resource.kind]}Started", _named(resource) or None)
        heartbeat(turn)
    turn.outbox.starts.append(task_calls.call_of(turn.run, turn.strand))


def heartbeat(turn: Turn) -> None:
    """A sign of life: the time until the next one starts anew."""
    seconds = _task(turn)["heartbeat"]
    if seconds is not None:
        turn.set_timer("heartbeat", seconds)


def _on_started(turn: Turn, news: Started) -> None:
    details = {} if news.worker_name is None else {"workerName": news.worker_name}
    turn.record("ActivityStarted", details)
    heartbeat(turn)


def _on_submitted(turn: Turn, news: Submitted) -> None:
    task = _task(turn)
    task["submitted"] = {"output": news.output}
    resource = parse_resource(task["resource"])
    turn.record("TaskSubmitted", _named(resource) | history.document("output", news.output))


def _on_succeeded(turn: Turn, news: Succeeded) -> Leave:
    resource = parse_resource(_task(turn)["resource"])
    text = dumps(news.output)
    if is_too_large(text):
        what = resource.service if resource.kind == "integration" else resource.arn
        return _on_failed(turn, Failed(failures.DATA_LIMIT, failures.too_large(what)))
    turn.record(f"{_EVENTS[resource.kind]}Succeeded", _named(resource) | history.text("output", text))
    turn.strand.settle()
    return done(turn, news.output)


def _on_failed(turn: Turn, news: Failed) -> Leave:
    task = _task(turn)
    resource = parse_resource(task["resource"])
    if news.error == failures.TIMEOUT:
        raise _timed_out(turn, resource, news.cause)
    is_submission = resource.is_submitted and task["submitted"] is None
    kind = "TaskSubmitFailed" if is_submission else f"{_EVENTS[resource.kind]}Failed"
    turn.record(kind, _named(resource) | history.failure(news.error, news.cause))
    raise StateFailure(news.error, news.cause)


def _on_timer(turn: Turn, news: Timer) -> None:
    task_calls.cancel(turn)
    missed = news.kind == "heartbeat"
    also = frozenset({failures.HEARTBEAT_TIMEOUT} if missed else ())
    raise _timed_out(turn, parse_resource(_task(turn)["resource"]), also=also)


def _timed_out(
    turn: Turn, resource: Resource, cause: str | None = None, *, also: frozenset[str] = frozenset()
) -> StateFailure:
    details = _named(resource) | history.failure(failures.TIMEOUT, cause)
    turn.record(f"{_EVENTS[resource.kind]}TimedOut", details)
    return StateFailure(failures.TIMEOUT, cause, also=also)


_NEWS: Mapping[type, Callable[[Turn, Any], Leave | None]] = {
    Started: _on_started,
    Submitted: _on_submitted,
    Succeeded: _on_succeeded,
    Failed: _on_failed,
    Timer: _on_timer,
}


def _task(turn: Turn) -> dict[str, Any]:
    task = turn.strand.task
    assert task is not None  # noqa: S101 - the strand is in phase TASK
    return task


def _token(turn: Turn) -> str:
    """Names this attempt by the TaskScheduled event that comes next."""
    execution = turn.run.execution
    return str(TaskToken(execution.arn, turn.strand.id, execution.last_event + 1))


def _check_start(turn: Turn, resource: Resource, arguments: Any) -> None:
    refusal = turn.tasks.refusal(resource, arguments)
    if refusal:
        raise runtime_failure(turn.prefix + refusal)


def _limit(turn: Turn, scope: Scope, field: str) -> int | None:
    if field not in turn.state:
        return None
    return scope.whole(turn.state[field], field, least=1, most=MOST_SECONDS)


def _role(turn: Turn, scope: Scope) -> str:
    if "Credentials" not in turn.state:
        return turn.run.execution.role_arn
    return str(scope.typed(turn.state["Credentials"]["RoleArn"], "Credentials/RoleArn", "string"))


def _scheduled(turn: Turn, resource: Resource) -> dict[str, Any]:
    task = _task(turn)
    limits = {"timeoutInSeconds": task["timeout"], "heartbeatInSeconds": task["heartbeat"]}
    if resource.kind == "function":
        limits.pop("heartbeatInSeconds")
    given = (
        {"region": turn.run.execution.arn.split(":")[3], "parameters": dumps(task["arguments"])}
        if resource.kind == "integration"
        else history.document("input", task["arguments"])
    )
    credentials = {"taskCredentials": {"roleArn": task["role"]}} if "Credentials" in turn.state else {}
    named = _named(resource) or {"resource": resource.arn}
    return {
        **named,
        **given,
        **{key: value for key, value in limits.items() if value is not None},
        **credentials,
    }


def _named(resource: Resource) -> dict[str, str]:
    """How the events of integrations name them; those of functions and activities have no such members."""
    if resource.kind != "integration":
        return {}
    return {"resourceType": resource.history_type, "resource": resource.history_name}


TYPE = StateType(begin, resume)
