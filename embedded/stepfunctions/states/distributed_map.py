"""Map, distributed: each item, or batch of items, is the input of an execution of its own.

https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
"""

import uuid
from collections.abc import Mapping
from typing import Any

from embedded.stepfunctions import failures
from embedded.stepfunctions.documents import dumps
from embedded.stepfunctions.failures import StateFailure
from embedded.stepfunctions.items import MOST_ITEMS, batches
from embedded.stepfunctions.leaving import Leave, StateType, done
from embedded.stepfunctions.model import FAILED, MAP_RUN, SUCCEEDED, Execution, MapRun
from embedded.stepfunctions.news import MapRunEnded
from embedded.stepfunctions.states import map_settings, results
from embedded.stepfunctions.task_calls import call_of
from embedded.stepfunctions.tasks import READ_ITEMS, WRITE_RESULTS, Failed, Succeeded
from embedded.stepfunctions.turn import Turn

MOST_AT_ONCE = 10_000


def begin(turn: Turn) -> Leave | None:
    """Begin a Map Run: with the items of the state, or with a call that reads them."""
    strand = turn.strand
    items = _own_items(turn)
    map_run = _map_run(turn)
    turn.record("MapStateStarted", {"length": len(items or [])})
    started = turn.record("MapRunStarted", {"mapRunArn": map_run.arn})
    strand.phase = MAP_RUN
    strand.work = {"map_run": map_run.arn, "started": started, "writer": _value(turn, "ResultWriter")}
    turn.run.touch_map_run(map_run)
    if items is not None:
        return _run_items(turn, items)
    _call(turn, READ_ITEMS, map_settings.reader(turn))
    return None


def resume(turn: Turn, news: object) -> Leave | None:
    """The items were read, the child executions ended, or the results were written."""
    if isinstance(news, MapRunEnded):
        return _on_ended(turn, news)
    purpose = (turn.strand.task or {})["purpose"]
    turn.strand.task = None
    if isinstance(news, Failed):
        name = failures.ITEM_READER if purpose == READ_ITEMS else failures.RESULT_WRITER
        raise _failed(turn, StateFailure(name, news.cause))
    assert isinstance(news, Succeeded)  # noqa: S101 - such a call has no other report
    return _run_items(turn, news.output) if purpose == READ_ITEMS else _written(turn)


def child(
    parent: Execution, map_run: MapRun, definition: str, *, index: int, given: Any, now: float
) -> Execution:
    """The execution of one item; its name follows from the Map Run and the index."""
    name = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{map_run.arn}/{index}"))
    base = parent.arn.rpartition(":")[0]
    return Execution(
        arn=f"{base}/{map_run.label}:{name}",
        name=name,
        machine_arn=f"{parent.machine_arn}/{map_run.label}",
        machine_name=f"{parent.machine_name}/{map_run.label}",
        role_arn=parent.role_arn,
        definition=definition,
        input=dumps(given),
        started=now,
        map_run_arn=map_run.arn,
        item=index,
        parent=(map_run.execution_arn, map_run.strand),
    )


def _own_items(turn: Turn) -> list[Any] | None:
    """The state's items; None where a reader brings them."""
    if "ItemReader" in turn.state:
        return None
    template = turn.state.get("Items", turn.strand.input)
    found = turn.scope().value(template, "Items")
    if isinstance(found, dict):
        return [{"Key": key, "Value": value} for key, value in found.items()]  # As iterations get them.
    items: list[Any] = turn.scope().typed(template, "Items", "array")
    return items


def _map_run(turn: Turn) -> MapRun:
    execution, scope, state = turn.run.execution, turn.scope(), turn.state
    label = state.get("Label", turn.strand.state)
    prefix = execution.machine_arn.replace(":stateMachine:", ":mapRun:")
    most = scope.whole(state.get("MaxConcurrency", 0), "MaxConcurrency", least=0, most=MOST_AT_ONCE)
    count = scope.whole(
        state.get("ToleratedFailureCount", 0), "ToleratedFailureCount", least=0, most=MOST_ITEMS
    )
    percentage = map_settings.tolerated_percentage(turn)
    identity = uuid.UUID(int=turn.draw.getrandbits(128), version=4)
    return MapRun(
        arn=f"{prefix}/{label}:{identity}",
        execution_arn=execution.arn,
        strand=turn.strand.id,
        state_name=turn.strand.state,
        label=label,
        execution_type=state["ItemProcessor"]["ProcessorConfig"].get("ExecutionType", "STANDARD"),
        started=turn.now,
        max_concurrency=most,
        tolerated_count=count,
        tolerated_percentage=percentage,
    )


def _value(turn: Turn, field: str) -> Any:
    return turn.scope().value(turn.state.get(field), field)


def _call(turn: Turn, purpose: str, arguments: Any) -> None:
    work = turn.strand.work
    turn.strand.task = {
        "number": work["started"],
        "purpose": purpose,
        "resource": arguments["Resource"],
        "arguments": arguments,
        "role": turn.run.execution.role_arn,
        "token": "",
        "timeout": None,
        "started": True,
        "submitted": None,
    }
    turn.outbox.starts.append(call_of(turn.run, turn.strand))


def _run_items(turn: Turn, items: list[Any]) -> Leave | None:
    """Make the inputs of the child executions, and let them begin."""
    selected = [_selected(turn, index, item) for index, item in enumerate(items)]
    batcher = map_settings.batcher(turn)
    groups = list(batches(selected, batcher)) if batcher else [[item] for item in selected]
    work = turn.strand.work
    work["inputs"] = [_batch(batcher, group) for group in groups] if batcher else selected
    map_run = turn.run.map_runs[work["map_run"]]
    map_run.sizes = [len(group) for group in groups]
    turn.run.touch_map_run(map_run)
    if groups:
        turn.outbox.begun_map_runs.append(map_run.arn)
        return None
    return _on_ended(turn, MapRunEnded(()))


def _batch(batcher: Mapping[str, Any], group: list[Any]) -> dict[str, Any]:
    more = {"BatchInput": batcher["BatchInput"]} if "BatchInput" in batcher else {}
    return {**more, "Items": group}


def _selected(turn: Turn, index: int, item: Any) -> Any:
    if "ItemSelector" not in turn.state:
        return item
    of_object = isinstance(item, dict) and item.keys() == {"Key", "Value"}
    described = {"Index": index, **(item if of_object else {"Value": item})}
    context = turn.context() | {"Map": {"Item": described}}
    return turn.scope(context=context).value(turn.state["ItemSelector"], "ItemSelector")


def _on_ended(turn: Turn, news: MapRunEnded) -> Leave | None:
    if news.failure:
        raise _failed(turn, news.failure)
    writer = turn.strand.work["writer"] or {}
    if "Arguments" not in writer:
        return _finish(turn, results.outputs(news.ended, writer.get("WriterConfig", {})))
    files = results.files(news.ended, turn.strand.work["map_run"], writer)
    _call(turn, WRITE_RESULTS, {**writer, "Files": files})
    return None


def _written(turn: Turn) -> Leave:
    arn, writer = turn.strand.work["map_run"], turn.strand.work["writer"]
    place = {"Bucket": writer["Arguments"]["Bucket"], "Key": results.manifest_key(arn, writer)}
    return _finish(turn, {"MapRunArn": arn, "ResultWriterDetails": place})


def _finish(turn: Turn, result: Any) -> Leave:
    _end(turn, SUCCEEDED)
    started = turn.strand.work["started"]
    turn.record("MapRunSucceeded")
    turn.record("MapStateSucceeded")
    return done(turn, result, follows=started)


def _failed(turn: Turn, failure: StateFailure) -> StateFailure:
    _end(turn, FAILED)
    turn.record("MapRunFailed", {"error": failure.error, "cause": failure.cause})
    return failure


def _end(turn: Turn, status: str) -> None:
    map_run = turn.run.map_runs[turn.strand.work["map_run"]]
    map_run.status, map_run.stopped = status, turn.now
    turn.run.touch_map_run(map_run)


TYPE = StateType(begin, resume)
