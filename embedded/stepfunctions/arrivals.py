"""What arrives at an execution, and what it does there."""

from collections.abc import Callable, Mapping
from typing import Any

from embedded.stepfunctions import flow, history
from embedded.stepfunctions.model import (
    CHILDREN,
    MAP_RUN,
    READY,
    RETRYING,
    RUNNING,
    SUCCEEDED,
    TASK,
    WAITING,
    Strand,
)
from embedded.stepfunctions.news import Timer
from embedded.stepfunctions.run import Run
from embedded.stepfunctions.states import task
from embedded.stepfunctions.turn import Signal, Turn


def begin(run: Run, now: float) -> None:
    """Write the start of an execution, and its first strand."""
    execution = run.execution
    versions = {
        "stateMachineAliasArn": execution.alias_arn,
        "stateMachineVersionArn": execution.version_arn,
    }
    details = {
        **history.text("input", execution.input),
        "roleArn": execution.role_arn,
        **{key: value for key, value in versions.items() if value},
    }
    run.record("ExecutionStarted", now, previous=0, details=details)
    _set_deadline(run, now)
    run.add(None, 0, (), run.input)


def redrive(run: Run, now: float) -> None:
    """Write the redrive, and make the strands ready that did not succeed."""
    execution = run.execution
    previous = execution.last_event
    execution.redrives += 1
    execution.redriven = now
    execution.status, execution.stopped = RUNNING, None
    execution.error = execution.cause = None
    run.record("ExecutionRedriven", now, previous=previous, details={"redriveCount": execution.redrives})
    _set_deadline(run, now)
    for strand in run.strands.values():
        if strand.phase != SUCCEEDED:
            _make_ready(run, strand)


def awaited(strand: Strand) -> tuple[str, Any] | None:
    """The signal that a strand goes on with, where it does not wait for a timer or for others."""
    if strand.phase == READY:
        return ("again" if strand.work.get("redriven") else "enter"), None
    if strand.phase == TASK and strand.task and not strand.task["started"]:
        return "start_task", strand.task["number"]
    return None


def arrive(turn: Turn, signal: Signal) -> None:
    """Take a signal, if the strand still waits for it."""
    _ARRIVALS.get(signal.kind, _timer)(turn, signal)


def _set_deadline(run: Run, now: float) -> None:
    seconds = run.machine.get("TimeoutSeconds")
    run.execution.deadline = None if seconds is None else now + seconds


def _make_ready(run: Run, strand: Strand) -> None:
    unfinished = [child for child in run.children(strand) if child.phase != SUCCEEDED]
    strand.error = strand.cause = None
    strand.last_event = run.execution.last_event
    if unfinished:
        strand.phase = CHILDREN
    elif "inputs" in strand.work:
        _redrive_map_run(run, strand)
    else:
        strand.leave()
        strand.phase, strand.work = READY, {"redriven": True}
    run.touch(strand)


def _redrive_map_run(run: Run, strand: Strand) -> None:
    """Its child executions that failed are redriven; the others stay."""
    map_run = run.map_runs[strand.work["map_run"]]
    map_run.redrives += 1
    map_run.redriven, map_run.status, map_run.stopped = run.execution.redriven, RUNNING, None
    run.touch_map_run(map_run)
    strand.phase = MAP_RUN
    details = {"mapRunArn": map_run.arn, "redriveCount": map_run.redrives}
    strand.last_event = run.record(
        "MapRunRedriven", run.execution.redriven or 0, previous=strand.last_event, details=details
    )


def _enter(turn: Turn, _: Signal) -> None:
    if turn.strand.phase == READY:
        flow.enter(turn)


def _again(turn: Turn, _: Signal) -> None:
    if turn.strand.phase == READY:
        flow.attempt(turn)


def _retry(turn: Turn, signal: Signal) -> None:
    if _is_due(turn, signal) and turn.strand.phase == RETRYING:
        flow.attempt(turn)


def _start_task(turn: Turn, signal: Signal) -> None:
    if turn.strand.waits_for(signal.news) and not (turn.strand.task or {})["started"]:
        task.start(turn)


def _report(turn: Turn, signal: Signal) -> None:
    number, report = signal.news
    if turn.strand.waits_for(number):
        signal.taken()
        flow.resume(turn, report)


def _beat(turn: Turn, signal: Signal) -> None:
    if turn.strand.waits_for(signal.news):
        signal.taken()
        task.heartbeat(turn)


def _timer(turn: Turn, signal: Signal) -> None:
    if _is_due(turn, signal) and turn.strand.phase in {WAITING, TASK}:
        flow.resume(turn, Timer(signal.kind))


def _is_due(turn: Turn, signal: Signal) -> bool:
    if turn.strand.timers.get(signal.kind) != signal.news:
        return False
    del turn.strand.timers[signal.kind]
    return True


def _map_run(turn: Turn, signal: Signal) -> None:
    if turn.strand.phase == MAP_RUN:
        flow.resume(turn, signal.news)


_ARRIVALS: Mapping[str, Callable[[Turn, Signal], None]] = {
    "enter": _enter,
    "again": _again,
    "retry": _retry,
    "start_task": _start_task,
    "report": _report,
    "beat": _beat,
    "map_run": _map_run,
}
