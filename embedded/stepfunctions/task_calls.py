"""The call of a strand's task, and its end when nobody waits for it any more."""

from embedded.stepfunctions.model import ABORTED, MAP_RUN, TASK, Strand
from embedded.stepfunctions.resource import parse_resource
from embedded.stepfunctions.run import Run
from embedded.stepfunctions.tasks import TASK_STATE, TaskCall
from embedded.stepfunctions.turn import Turn


def call_of(run: Run, strand: Strand) -> TaskCall:
    """A strand's task as its runner knows it."""
    task = strand.task or {}
    return TaskCall(
        execution_arn=run.execution.arn,
        strand=strand.id,
        number=task["number"],
        state_name=strand.state,
        resource=parse_resource(task["resource"]),
        arguments=task["arguments"],
        role_arn=task["role"],
        token=task["token"],
        timeout=task["timeout"],
        purpose=task.get("purpose", TASK_STATE),
    )


def cancel(turn: Turn) -> None:
    """Nobody waits any more for this strand's task, or its Map Run."""
    strand = turn.strand
    if strand.phase == MAP_RUN:
        _abort_map_run(turn, strand.work["map_run"])
        return
    if strand.phase == TASK and strand.task and strand.task["started"]:
        turn.outbox.cancels.append(call_of(turn.run, strand))


def cancel_all(turn: Turn) -> None:
    """Nobody waits any more for any task of the execution."""
    for strand in turn.run.tasks():
        cancel(turn.other(strand))


def _abort_map_run(turn: Turn, arn: str) -> None:
    """Written with the turn: after a kill it says that the child executions are to be ended."""
    map_run = turn.run.map_runs[arn]
    map_run.status, map_run.stopped = ABORTED, turn.now
    turn.run.touch_map_run(map_run)
    turn.outbox.ended_map_runs.append(arn)
