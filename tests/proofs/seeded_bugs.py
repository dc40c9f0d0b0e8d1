"""Mistakes that designs like this one are made with, each a small patch: the machine must find every one.

A bug is a context in which the product has it. To add one: a function in `_BUGS`, whose docstring names it.
"""

import itertools
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from typing import Any
from unittest.mock import patch

from sluiceway.datasets import manifest
from sluiceway.datasets import settle_dataset as settling
from sluiceway.gateways.items import maybe, to_item, to_listed_item
from sluiceway.gateways.ledger import Claim, CodePointer, DatasetPointer, Ledger, RunRecord
from sluiceway.training import finish_run as finishing
from sluiceway.triggers import collect_uploads as uploads_use_case
from sluiceway.triggers import refuse_run as refusing
from sluiceway.triggers import request_runs as requesting
from sluiceway.triggers import turns, uploads
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


def code_pointer_moves_back() -> Patches:
    """the latest code is whatever was collected last"""

    def move(self: Any, item: Any, _order: str) -> Claim:
        self._table.put(item)
        return Claim.WON

    return [patch.object(Ledger, "_move", move)]


def data_pointer_moves_back() -> Patches:
    """the latest version is whatever was settled last"""

    def replace(self: Any, pointer: DatasetPointer, *, standing: Any) -> bool:
        key = f"DATASET#{pointer.dataset}"
        self._table.put(to_item(key, f"VERSION#{pointer.version}", pointer))
        self._table.put(to_listed_item(key, "LATEST", pointer, kind="DATASET", at=pointer.moved_at))
        return True

    return [patch.object(Ledger, "replace_dataset_pointer", replace)]


def ordered_by_the_workers_clock() -> Patches:
    """pointers are ordered by when they were collected, not by when S3 took the upload"""
    real = Ledger.move_code_pointer

    def move(self: Any, pointer: CodePointer) -> Claim:
        return real(self, pointer.model_copy(update={"order": f"{pointer.moved_at}#"}))

    return [patch.object(Ledger, "move_code_pointer", move)]


def unnamed_execution() -> Patches:
    """an execution gets a name of its own at each start"""

    def start(run: RunRecord, on: Any) -> None:
        on.executions.start(
            on.run_pipeline_arn, f"{run.run_id}-{next(_number)}", RunPipelineInput(run_id=run.run_id)
        )

    return [patch.object(requesting, "_start", start)]


def outcome_first() -> Patches:
    """the outcome of an upload is recorded before its effects"""

    def collect(upload: Any, on: Any) -> Any:
        known = on.ledger.event(upload.event_id)
        if known is None:
            on.ledger.record_event(on.record(upload, outcome="accepted", reason=""))
            uploads_use_case._collect(upload, on)
        return known

    return [patch.object(world, "collect_upload", collect)]


def published_before_the_pointer_moves() -> Patches:
    """`CodePushed` is published before the pointer moves"""
    return _done_last("move_code_pointer", Claim.WON)


def counter_in_the_run_id() -> Patches:
    """each try gets the next number"""
    real = requesting.run_id

    def numbered(inputs: Any, *, rerun: int = 0) -> str:
        return real(inputs, rerun=rerun + next(_number))

    return [patch.object(requesting, "run_id", numbered)]


def nobody_waits_for_the_rest() -> Patches:
    """a timer looks as soon as it comes, whatever was uploaded since"""
    return [patch.object(settling, "moment_to_look", lambda *_, now, **__: now)]


def timer_ends_all_the_same() -> Patches:
    """a timer ends though something was uploaded while it looked"""

    def after(seen: Any, given: Any, *_: Any, **__: Any) -> Any:
        return settling.end_look(seen, by=given.token)

    return [patch.object(settling, "_after", after)]


def handed_over_and_never_sent() -> Patches:
    """a timer that died between writing its successor and sending it does not send it again"""
    return [patch.object(settling, "_overtaken", lambda given, *_: None)]


def timers_overwrite_each_other() -> Patches:
    """what is pending is written without a condition"""

    def move(self: Any, wanted: Any, *, seen: Any) -> bool:
        self._table.put(to_item(f"DATASET#{wanted.dataset}", "PENDING", wanted))
        return True

    return [patch.object(Ledger, "move_pending_dataset", move)]


def _eventual(name: str, model: Any, key: Callable[[str], tuple[str, str]]) -> Patches:
    return [patch.object(Ledger, name, lambda self, given: maybe(model, self._table.stale(*key(given))))]


def eventual_read_of_code() -> Patches:
    """the code pointer is read without consistency"""
    return _eventual("code_pointer", CodePointer, lambda project: (f"PROJECT#{project}", "CODE"))


def eventual_read_of_data() -> Patches:
    """the dataset pointer is read without consistency"""
    return _eventual("dataset_pointer", DatasetPointer, lambda dataset: (f"DATASET#{dataset}", "LATEST"))


def event_id_made_anew() -> Patches:
    """each delivery publishes under an id of its own"""
    real = cloud._Bus.publish

    def publish(self: Any, event: Any) -> None:
        real(self, event.model_copy(update={"event_id": f"{event.event_id}-{next(_number)}"}))

    return [patch.object(cloud._Bus, "publish", publish)]


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


def _done_last(method: str, answer: Any) -> Patches:
    """A write of the ledger is put off until the event's outcome is recorded."""
    real, record = getattr(Ledger, method), Ledger.record_event

    def put_off(self: Any, *given: Any, **named: Any) -> Any:
        here = current()
        if here is None:
            return real(self, *given, **named)
        here.__dict__.setdefault("put_off", []).append((given, named))
        return answer

    def record_event(self: Any, event: Any) -> Claim:
        for given, named in getattr(current(), "__dict__", {}).pop("put_off", []):
            real(self, *given, **named)
        return record(self, event)

    return [patch.object(Ledger, method, put_off), patch.object(Ledger, "record_event", record_event)]


def subscribed_last() -> Patches:
    """a project subscribes after its push was published"""
    return _done_last("subscribe", None)


def timer_lost_on_a_crash() -> Patches:
    """the outcome of an upload of data is recorded before the message that settles it is sent"""
    real = uploads_use_case.COLLECTORS["data"]

    def collect(upload: Any, on: Any) -> Any:
        dataset = uploads.dataset_of(upload.key)
        on.ledger.record_event(on.record(upload, outcome="accepted", reason="", dataset=dataset))
        return real(upload, on)

    return [patch.dict(uploads_use_case.COLLECTORS, {"data": collect})]


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


def version_ids_in_the_version() -> Patches:
    """a dataset version is a hash of S3's version ids"""

    def version_of(objects: Any) -> str:
        import hashlib

        return hashlib.sha256(repr([(each.key, each.version_id) for each in objects]).encode()).hexdigest()

    return [patch.object(manifest, "version_of", version_of)]


def known_by_its_key() -> Patches:
    """an upload is known by its key, whichever version of it"""
    real = uploads._event_id
    return [patch.object(uploads, "_event_id", lambda bucket, key, *_: real(bucket, key))]


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
    """a moment waits for a run that may have ended meanwhile"""

    def let_wait(fired: Any, going: str, on: Any) -> None:
        if fired.waited_as is None:
            on.ledger.let_wait(turns.WaitingMoment(**turns._moment(fired).model_dump(), behind=going))

    return [patch.object(turns, "let_wait", let_wait)]


def nobody_is_woken() -> Patches:
    """the end of a run wakes nobody who waits for it"""
    return [patch.object(cloud, "resume_schedule", lambda *_, **__: None)]


_BUGS: tuple[Callable[[], Patches], ...] = (
    no_claim, claim_without_owner, claim_that_expires, code_pointer_moves_back, data_pointer_moves_back,
    ordered_by_the_workers_clock, unnamed_execution, outcome_first, published_before_the_pointer_moves,
    counter_in_the_run_id, nobody_waits_for_the_rest, timer_ends_all_the_same,
    handed_over_and_never_sent, timers_overwrite_each_other, eventual_read_of_code, eventual_read_of_data,
    event_id_made_anew, decision_not_recorded, known_events_are_not_asked_for, decided_on_what_is_seen_now,
    told_to_whoever_subscribes_now, subscribed_last, timer_lost_on_a_crash, refusals_are_numbered,
    end_is_overwritten, begun_after_its_end, planned_with_what_is_latest, started_by_its_claimer_only,
    tried_again_unless_it_succeeded, acknowledged_all_the_same, version_ids_in_the_version, known_by_its_key,
    end_told_before_it_stands, overlap_by_listing, waits_without_looking_again, nobody_is_woken,
)  # fmt: skip

BUGS: Mapping[str, Callable[[], Patches]] = {bug.__name__: bug for bug in _BUGS}
"""By name."""


def seeded(name: str) -> AbstractContextManager[ExitStack]:
    """A context in which the product has the bug."""
    stack = ExitStack()
    for each in BUGS[name]():
        stack.enter_context(each)
    return stack
