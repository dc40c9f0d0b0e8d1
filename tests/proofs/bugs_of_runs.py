"""Mistakes in how runs are decided on, claimed, started and ended."""

import itertools
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from sluiceway.gateways.items import maybe, to_listed_item
from sluiceway.gateways.ledger import Claim, CodePointer, DatasetPointer, Ledger, RunRecord
from sluiceway.training import finish_run as finishing
from sluiceway.triggers import refuse_run as refusing
from sluiceway.triggers import request_runs as requesting
from sluiceway.triggers import turns
from sluiceway.triggers.contracts import RunPipelineInput
from sluiceway.triggers.request_runs import Decision
from sluiceway.triggers.situation import Concerned
from tests.fakes import world
from tests.proofs import cloud
from tests.proofs.workers import current

Patches = list[Any]
_number = itertools.count()


def no_claim() -> Patches:
    """a run is written without a condition"""

    def claim_run(self: Any, record: RunRecord) -> Claim:
        self._table.put(
            to_listed_item(f"RUN#{record.run_id}", "RUN", record, kind="RUN", at=record.requested_at)
        )
        return Claim.WON

    return [patch.object(Ledger, "claim_run", claim_run)]


def claim_without_owner() -> Patches:
    """after a failed condition the owner is not read back"""
    real = Ledger.claim_run

    def claim_run(self: Any, record: RunRecord) -> Claim:
        return Claim.WON if real(self, record) is Claim.WON else Claim.THEIRS

    return [patch.object(Ledger, "claim_run", claim_run)]


def claim_that_expires() -> Patches:
    """a claim is a lock that is free again after five minutes by one's own clock"""
    real = Ledger.claim_run

    def claim_run(self: Any, record: RunRecord) -> Claim:
        standing = self.find_run(record.run_id)
        if standing and standing.status == "REQUESTED" and _minutes(record) - _minutes(standing) > 5:
            self._table.put(
                to_listed_item(f"RUN#{record.run_id}", "RUN", record, kind="RUN", at=record.requested_at)
            )
            return Claim.WON
        return real(self, record)

    return [patch.object(Ledger, "claim_run", claim_run)]


def _minutes(record: RunRecord) -> float:
    from datetime import datetime

    return datetime.fromisoformat(record.requested_at).timestamp() / 60


def unnamed_execution() -> Patches:
    """an execution gets a name of its own at each start"""

    def start(run: RunRecord, on: Any) -> None:
        on.executions.start(
            on.run_pipeline_arn, f"{run.run_id}-{next(_number)}", RunPipelineInput(run_id=run.run_id)
        )

    return [patch.object(requesting, "_start", start)]


def counter_in_the_run_id() -> Patches:
    """each try gets the next number"""
    real = requesting.run_id

    def numbered(inputs: Any, *, rerun: int = 0) -> str:
        return real(inputs, rerun=rerun + next(_number))

    return [patch.object(requesting, "run_id", numbered)]


def _eventual(name: str, model: Any, key: Callable[[str], tuple[str, str]]) -> Patches:
    return [patch.object(Ledger, name, lambda self, given: maybe(model, self._table.stale(*key(given))))]


def eventual_read_of_code() -> Patches:
    """the code pointer is read without consistency"""
    return _eventual("code_pointer", CodePointer, lambda project: (f"PROJECT#{project}", "CODE"))


def eventual_read_of_data() -> Patches:
    """the dataset pointer is read without consistency"""
    return _eventual("dataset_pointer", DatasetPointer, lambda dataset: (f"DATASET#{dataset}", "LATEST"))


def decision_not_recorded() -> Patches:
    """what an event meant to a project is forgotten"""
    real = Ledger.record_event

    def record(self: Any, event: Any) -> Claim:
        return Claim.WON if event.event in ("CodePushed", "DatasetVersioned") else real(self, event)

    return [patch.object(Ledger, "record_event", record)]


def known_events_are_not_asked_for() -> Patches:
    """an event whose outcome is recorded is worked off again"""
    return [patch.object(Ledger, "event", lambda *_: None)]


def decided_on_what_is_seen_now() -> Patches:
    """an event that is worked off again decides on what has come since"""
    return [patch.object(Ledger, "hold", lambda _self, _id, seen: seen)]


def told_to_whoever_subscribes_now() -> Patches:
    """an old event that is told again concerns projects that came later"""
    real = Ledger.hold

    def hold(self: Any, event_id: str, seen: Any) -> Any:
        return seen if isinstance(seen, Concerned) else real(self, event_id, seen)

    return [patch.object(Ledger, "hold", hold)]


def refusals_are_numbered() -> Patches:
    """each refusal is a failed run of its own"""
    real = refusing.refused_run_id
    return [
        patch.object(
            refusing, "refused_run_id", lambda project, event: real(project, f"{event}{next(_number)}")
        )
    ]


def end_is_overwritten() -> Patches:
    """who ends a run last is right"""

    def finish(self: Any, run_id: str, status: Any, *, owner: str, at: str, **more: Any) -> Claim:
        item = self._table.get(f"RUN#{run_id}", "RUN")
        values = {"status": status, "finished_by": owner, "finished_at": at, "reason": more["reason"]}
        self._table.put(item | values)
        return Claim.WON

    return [patch.object(Ledger, "finish_run", finish)]


def begun_after_its_end() -> Patches:
    """a run that is begun again is RUNNING"""

    def begin(self: Any, run_id: str, *, at: str, facts: Any = None) -> RunRecord:
        item = self._table.get(f"RUN#{run_id}", "RUN")
        self._table.put(item | {"status": "RUNNING", "started_at": at})
        return self.run(run_id)

    return [patch.object(Ledger, "begin_run", begin)]


def planned_with_what_is_latest() -> Patches:
    """a run takes the versions that are the latest when it begins"""
    real = Ledger.begin_run

    def begin(self: Any, run_id: str, **given: Any) -> RunRecord:
        run = self.run(run_id)
        latest = {name: self.dataset_pointer(name).version for name in run.dataset_versions}
        item = self._table.get(f"RUN#{run_id}", "RUN")
        self._table.put(item | {"dataset_versions": latest})
        return real(self, run_id, **given)

    return [patch.object(Ledger, "begin_run", begin)]


def started_by_its_claimer_only() -> Patches:
    """only the call that won the claim starts the run"""

    def start(run: RunRecord, on: Any) -> None:
        if getattr(current(), "won", None) == run.run_id:
            real(run, on)

    real, claim = requesting._start, Ledger.claim_run

    def claim_run(self: Any, record: RunRecord) -> Claim:
        found = claim(self, record)
        setattr(current(), "won", record.run_id if found is Claim.WON else None)  # noqa: B010
        return found

    return [patch.object(requesting, "_start", start), patch.object(Ledger, "claim_run", claim_run)]


def tried_again_unless_it_succeeded() -> Patches:
    """a run that goes on or was rejected does not count"""

    def request(cause: Any, inputs: Any, found: Any, on: Any) -> Decision:
        for rerun in itertools.count():
            wanted = requesting._run(cause, inputs, rerun=rerun, found=found, on=on)
            claim = on.ledger.claim_run(wanted)
            standing = on.ledger.run(wanted.run_id)
            if standing.status == "REQUESTED":
                requesting._start(standing, on)
            if claim.ours:
                on.events.publish(requesting._run_requested(standing))
                return Decision("requested", "", standing.run_id)
            if standing.status == "SUCCEEDED":
                return Decision("unchanged", "", standing.run_id)
        raise AssertionError("unreachable")

    return [patch.object(requesting, "_request", request)]


def acknowledged_all_the_same() -> Patches:
    """an error is logged, and the message is gone"""
    real = world.request_runs

    def request(cause: Any, on: Any) -> Any:
        try:
            return real(cause, on)
        except Exception:
            return []

    return [patch.object(world, "request_runs", request)]


def end_told_before_it_stands() -> Patches:
    """`RunFinished` is published before the end state is recorded"""
    real = finishing.finish_run

    def finish(given: Any, *, ledger: Any, events: Any) -> Any:
        run = ledger.run(given.run_id)
        events.publish(finishing.run_finished(run.model_copy(update={"status": "SUCCEEDED"})))
        return real(given, ledger=ledger, events=events)

    return [patch.object(cloud, "finish_run", finish)]


def overlap_by_listing() -> Patches:
    """whether a run of the schedule goes on is looked up in the listing of runs"""

    def take_turn(fired: Any, ledger: Any, _decide: Any) -> Any:
        going = [run for run in ledger.runs(fired.project, limit=None) if run.schedule == fired.schedule]
        standing = next((run for run in going if not run.ended and run.event_id != fired.event_id), None)
        return turns.Going(standing.run_id, fired.scheduled_at) if standing else None

    return [patch.object(requesting, "take_turn", take_turn)]


def waits_without_looking_again() -> Patches:
    """a moment waits for a run that has just ended: read without consistency, and not looked at again"""

    def going(standing: Any, ledger: Any, decide: Any) -> Any:
        record = decide(turns.ScheduleFired.model_validate(standing.cause))
        run = maybe(RunRecord, ledger._table.stale(f"RUN#{record.run_id}", "RUN"))
        ended = run is None or run.ended or run.schedule != standing.schedule
        return None if ended else turns.Going(run.run_id, standing.scheduled_at)

    def let_wait(fired: Any, going: str, on: Any) -> None:
        if fired.waited_as is None:
            on.ledger.let_wait(turns.WaitingMoment(**turns._moment(fired).model_dump(), behind=going))

    return [patch.object(turns, "_going", going), patch.object(turns, "let_wait", let_wait)]


def nobody_is_woken() -> Patches:
    """the end of a run wakes nobody who waits for it"""
    return [patch.object(cloud, "resume_schedule", lambda *_, **__: None)]
