"""What holds of every ledger: run on memory by tests/unit/gateways, on DynamoDB by tests/embedded."""

from itertools import permutations
from typing import Any

import pytest

from sluiceway.datasets.contracts import ContentDigest
from sluiceway.datasets.pending import PendingDataset
from sluiceway.errors import NotFound
from sluiceway.gateways.ledger import Claim, Ledger, RunFacts
from sluiceway.gateways.ledger_schedules import FiredMoment, Turn, WaitingMoment
from sluiceway.triggers.situation import Concerned
from tests.fakes.samples import (
    AT,
    VERSION,
    branch_pointer,
    code_pointer,
    dataset_pointer,
    deployment_record,
    endpoint_record,
    event_record,
    image_record,
    run_record,
)


class LedgerRules:
    """Subclasses give a fixture `ledger`, empty for each test."""

    def test_a_run_is_claimed_once_and_its_owner_may_claim_again(self, ledger: Ledger) -> None:
        """The event that created a run owns it; everybody else learns that it is taken."""
        assert ledger.claim_run(run_record()) is Claim.WON
        assert ledger.claim_run(run_record(requested_at="later")) is Claim.MINE
        assert ledger.claim_run(run_record(event_id="e2")) is Claim.THEIRS
        assert ledger.run("p-1") == run_record()

    def test_a_branch_moves_only_from_where_it_stood(self, ledger: Ledger) -> None:
        """Of two who saw the same, the later fails; whoever lost an answer finds that it was they."""
        assert ledger.move_branch(branch_pointer(), replacing=None) is Claim.WON
        assert ledger.move_branch(branch_pointer(), replacing=None) is Claim.MINE
        assert ledger.move_branch(branch_pointer(event_id="e2"), replacing=None) is Claim.THEIRS
        assert ledger.move_branch(branch_pointer(event_id="e2"), replacing="e1") is Claim.WON
        assert ledger.branch("Octo-Org/models", "main") == branch_pointer(event_id="e2")
        assert ledger.branch("octo-org/models", "other") is None

    def test_code_is_replaced_only_where_what_was_read_still_stands(self, ledger: Ledger) -> None:
        """Whatever the clocks say; every version stays to be found."""
        first, second = code_pointer(), code_pointer(event_id="e2", order="0", code_version="cd" * 32)
        assert ledger.replace_code_pointer(first, None) is Claim.WON
        assert ledger.replace_code_pointer(second, None) is Claim.THEIRS
        assert ledger.replace_code_pointer(second, first) is Claim.WON
        assert ledger.replace_code_pointer(second, first) is Claim.MINE
        assert ledger.replace_code_pointer(code_pointer(event_id="e3"), first) is Claim.THEIRS
        assert ledger.code_pointer("pp") == second
        assert ledger.code("pp", "cd" * 32) == second

    def test_one_push_may_write_twice_and_who_read_in_between_fails(self, ledger: Ledger) -> None:
        """A branch goes to and fro: the same push again, after another one that is still at work."""
        first, again = code_pointer(), code_pointer(order="1+")
        ledger.replace_code_pointer(first, None)
        assert ledger.replace_code_pointer(again, first) is Claim.WON
        assert ledger.replace_code_pointer(code_pointer(event_id="e2", order="2"), first) is Claim.THEIRS
        assert ledger.code_pointer("pp") == again

    def test_retired_code_says_so_and_its_version_does_not(self, ledger: Ledger) -> None:
        """The latest code is retired, not the version: that can be asked for, and come back."""
        standing = code_pointer()
        retired = code_pointer(event_id="e2", order="1+", retired="gone")
        ledger.replace_code_pointer(standing, None)
        assert ledger.retire_code(retired, standing) is Claim.WON
        assert ledger.retire_code(retired, standing) is Claim.MINE
        assert ledger.retire_code(code_pointer(event_id="e3", retired="gone"), standing) is Claim.THEIRS
        assert ledger.is_retired("pp")
        assert ledger.code("pp", VERSION) == standing
        assert ledger.move_code_pointer(code_pointer(event_id="e4", order="2")) is Claim.WON
        assert not ledger.is_retired("pp")

    def test_code_that_is_kept_does_not_become_the_latest(self, ledger: Ledger) -> None:
        """That of a pull request; what is kept of a version first stays."""
        ledger.keep_code(code_pointer())
        ledger.keep_code(code_pointer(event_id="e2"))
        assert ledger.code("pp", VERSION) == code_pointer()
        assert ledger.code_pointer("pp") is None

    def test_an_end_state_never_becomes_another(self, ledger: Ledger) -> None:
        """The first end state stands; only its owner may repeat it."""
        ledger.claim_run(run_record())
        end: dict[str, Any] = {"reason": "done", "owner": "finish_run", "at": AT}
        facts = RunFacts(deployed=True, model_version="3")
        assert ledger.finish_run("p-1", "SUCCEEDED", facts=facts, **end) is Claim.WON
        assert ledger.finish_run("p-1", "SUCCEEDED", **end) is Claim.MINE
        assert ledger.finish_run("p-1", "FAILED", reason="late", owner="fail_run", at=AT) is Claim.THEIRS
        standing = ledger.run("p-1")
        assert (standing.status, standing.reason, standing.deployed) == ("SUCCEEDED", "done", True)

    def test_a_run_begins_once_and_never_after_its_end(self, ledger: Ledger) -> None:
        """Beginning again changes nothing: neither the start nor an end."""
        ledger.claim_run(run_record())
        begun = ledger.begin_run("p-1", at="t1", facts=RunFacts(image_tag="i"))
        assert (begun.status, begun.started_at, begun.image_tag) == ("RUNNING", "t1", "i")
        assert ledger.begin_run("p-1", at="t2").started_at == "t1"
        ledger.finish_run("p-1", "FAILED", reason="r", owner="o", at=AT)
        assert ledger.begin_run("p-1", at="t3").status == "FAILED"

    def test_facts_are_added_and_a_model_version_is_fixed(self, ledger: Ledger) -> None:
        """Unknown facts leave the record as it is; the first model version of a run stands."""
        ledger.claim_run(run_record(dataset_versions={"flights": VERSION}))
        ledger.note_run("p-1", RunFacts(image_digest="sha256:1"))
        ledger.note_run("p-1", RunFacts(gate="passed: roc_auc 0.81"))
        assert [ledger.record_model_version("p-1", version) for version in ("7", "8")] == ["7", "7"]
        run = ledger.run("p-1")
        assert (run.image_digest, run.gate, run.model_version) == ("sha256:1", "passed: roc_auc 0.81", "7")
        assert run.dataset_versions == {"flights": VERSION}

    def test_what_is_not_there_is_said_and_never_made(self, ledger: Ledger) -> None:
        """A change of a run that does not exist creates none."""
        for act in (
            lambda: ledger.run("p-0"),
            lambda: ledger.begin_run("p-0", at=AT),
            lambda: ledger.note_run("p-0", RunFacts(gate="x")),
            lambda: ledger.finish_run("p-0", "FAILED", reason="r", owner="o", at=AT),
            lambda: ledger.deployment("d-0"),
        ):
            with pytest.raises(NotFound):
                act()
        assert ledger.find_run("p-0") is None
        assert (ledger.event("e"), ledger.image("t"), ledger.endpoint("pp")) == (None, None, None)

    def test_listings_are_newest_first_and_filtered(self, ledger: Ledger) -> None:
        """The limit counts what is listed, not what was looked at."""
        for number in range(6):
            project = "even" if number % 2 == 0 else "odd"
            ledger.claim_run(run_record(run_id=f"r{number}", project=project, requested_at=f"t{number}"))
        assert [run.run_id for run in ledger.runs(limit=3)] == ["r5", "r4", "r3"]
        assert [run.run_id for run in ledger.runs("even", limit=2)] == ["r4", "r2"]
        assert len(ledger.runs(limit=None)) == 6

    def test_a_listing_goes_back_to_a_moment_or_on_from_one(self, ledger: Ledger) -> None:
        """A key condition of the index: what lies beyond is not even looked at."""
        for number in range(5):
            ledger.record_event(event_record(event_id=f"e{number}", recorded_at=f"t{number}", project="pp"))
            ledger.claim_run(run_record(run_id=f"r{number}", requested_at=f"t{number}"))
        assert [event.event_id for event in ledger.events(since="t3")] == ["e4", "e3"]
        assert ledger.events(project="qq", since="t3") == []
        assert [run.run_id for run in ledger.runs("pp", before="t2", limit=1)] == ["r1"]

    def test_what_was_decided_on_comes_back_as_it_was(self, ledger: Ledger) -> None:
        """The numbers of `sluice.yaml` are part of run keys, and hostile ones have empty names."""
        record = event_record(cause={"force": False, "": None}, situation={"config": {"minimum": 1.0}})
        ledger.record_event(record)
        assert repr(ledger.event("e1")) == repr(record)

    def test_an_event_ends_once(self, ledger: Ledger) -> None:
        """The first recorded outcome stands."""
        assert ledger.record_event(event_record()) is Claim.WON
        assert ledger.record_event(event_record(recorded_at="later")) is Claim.MINE
        assert ledger.record_event(event_record(outcome="refused")) is Claim.THEIRS
        assert ledger.event("e1") == event_record()
        assert [event.event_id for event in ledger.events("accepted")] == ["e1"]
        assert ledger.events("refused") == []

    def test_what_an_event_was_first_seen_to_mean_stands(self, ledger: Ledger) -> None:
        """Whoever works it off again decides on the same; each kind of sight is kept for itself."""
        first, second = Concerned(projects=("pp",)), Concerned(projects=("pp", "later"))
        assert [ledger.hold("e1", seen) for seen in (first, second)] == [first, first]
        assert ledger.hold("e2", second) == second
        assert ledger.event("e1") is None

    @pytest.mark.parametrize("arrival", list(permutations("123")))
    def test_pointers_only_move_forward(self, ledger: Ledger, arrival: tuple[str, ...]) -> None:
        """In whatever order they arrive, the newest is the latest in the end."""
        for order in arrival:
            ledger.move_code_pointer(code_pointer(order=order, event_id=order))
            ledger.move_dataset_pointer(dataset_pointer(order=order, event_id=order))
        code, dataset = ledger.code_pointer("pp"), ledger.dataset_pointer("flights")
        assert code is not None
        assert dataset is not None
        assert (code.order, dataset.order) == ("3", "3")
        assert code.datasets == ("flights",)

    def test_a_pointer_knows_its_mover_and_keeps_its_past(self, ledger: Ledger) -> None:
        """The same move again is one's own; an equal order of somebody else's is not."""
        assert ledger.move_code_pointer(code_pointer(order="5")) is Claim.WON
        assert ledger.move_code_pointer(code_pointer(order="5")) is Claim.MINE
        assert ledger.move_code_pointer(code_pointer(order="5", event_id="e2")) is Claim.THEIRS
        assert ledger.move_code_pointer(code_pointer(order="6", code_version="cd" * 32)) is Claim.WON
        assert ledger.code("pp", VERSION) is not None
        assert [pointer.order for pointer in ledger.projects()] == ["6"]
        assert ledger.dataset("flights", VERSION) is None
        assert ledger.datasets() == []

    def test_subscriptions_are_kept_beside_the_dataset(self, ledger: Ledger) -> None:
        """A dataset knows who named it."""
        ledger.subscribe("pa", ["flights", "weather"])
        ledger.subscribe("pb", ["flights"])
        ledger.move_dataset_pointer(dataset_pointer())
        assert ledger.subscribers("flights") == ["pa", "pb"]
        assert ledger.subscribers("planes") == []

    def test_what_is_pending_is_moved_by_who_saw_it_last(self, ledger: Ledger) -> None:
        """Of two that saw the same state one wins; a repetition of the winner's is the winner's."""
        first = PendingDataset(dataset="flights", revision="1", upload="u1", timer="1")
        assert ledger.pending_dataset("flights") is None
        assert ledger.move_pending_dataset(first, seen=None)
        assert ledger.move_pending_dataset(first, seen=None)
        second, third = (first.model_copy(update={"revision": revision}) for revision in "23")
        assert ledger.move_pending_dataset(second, seen=first)
        assert not ledger.move_pending_dataset(third, seen=first)
        assert ledger.pending_dataset("flights") == second

    def test_a_dataset_keeps_its_log(self, ledger: Ledger) -> None:
        """A, then B, then A again are three entries, newest first; a confirmation is none."""
        for number, version in enumerate(("aa" * 32, "bb" * 32, "aa" * 32)):
            order = f"2026-11-21T12:00:0{number}.000Z"
            pointer = dataset_pointer(version=version, order=order, moved_at=order, event_id=f"e{number}")
            assert ledger.move_dataset_pointer(pointer) is Claim.WON
            confirmed = pointer.model_copy(update={"order": f"{order}#later", "event_id": f"{number}"})
            assert ledger.confirm_dataset(pointer, confirmed)
        assert [each.version[:2] for each in ledger.dataset_log("flights")] == ["aa", "bb", "aa"]
        assert [each.version[:2] for each in ledger.dataset_versions("flights")] == ["aa", "bb"]
        assert [each.version[:2] for each in ledger.dataset_versions("flights", "b")] == ["bb"]

    def test_a_digest_belongs_to_one_version_of_one_object(self, ledger: Ledger) -> None:
        """What was read once is not read again."""
        found = ContentDigest(md5="0" * 32, sha256="1" * 64)
        ledger.record_content_digest("flights", "data/flights/a", "v1", found)
        assert ledger.content_digest("flights", "data/flights/a", "v1") == found
        assert ledger.content_digest("flights", "data/flights/a", "v2") is None

    def test_an_endpoint_moves_from_the_deployment_that_was_live(self, ledger: Ledger) -> None:
        """Who expects another deployment than the live one has lost the race."""
        assert ledger.move_endpoint(endpoint_record(), replacing=None) is Claim.WON
        assert ledger.move_endpoint(endpoint_record(), replacing=None) is Claim.MINE
        second = endpoint_record(deployment_id="d2", model_version="2")
        assert ledger.move_endpoint(second, replacing=None) is Claim.THEIRS
        assert ledger.move_endpoint(second, replacing="d1") is Claim.WON
        assert ledger.move_endpoint(second, replacing="d1") is Claim.MINE
        assert ledger.endpoints() == [second]

    def test_a_deployment_ends_once(self, ledger: Ledger) -> None:
        """Its owner may begin it again, and the first end state stands."""
        assert ledger.begin_deployment(deployment_record()) is Claim.WON
        assert ledger.begin_deployment(deployment_record()) is Claim.MINE
        assert ledger.begin_deployment(deployment_record(owner="x2")) is Claim.THEIRS
        assert ledger.finish_deployment("d1", "FAILED", reason="no", at=AT) is Claim.WON
        assert ledger.finish_deployment("d1", "FAILED", reason="no", at=AT) is Claim.MINE
        assert ledger.finish_deployment("d1", "SUCCEEDED", reason="", at=AT) is Claim.THEIRS
        assert [deployment.status for deployment in ledger.deployments("pp")] == ["FAILED"]

    def test_an_image_is_found_by_its_tag(self, ledger: Ledger) -> None:
        """Recording it again is harmless: tags are content hashes."""
        ledger.record_image(image_record())
        ledger.record_image(image_record())
        assert ledger.image("t") == image_record()

    def test_a_turn_is_taken_from_the_one_that_had_it(self, ledger: Ledger) -> None:
        """By one moment only; the same moment may ask again."""
        first, second, third = (_turn(hour) for hour in (1, 2, 3))
        assert ledger.take_turn(first, after=None) is Claim.WON
        assert ledger.take_turn(first, after=None) is Claim.MINE
        assert ledger.take_turn(second, after=None) is Claim.THEIRS
        assert ledger.take_turn(second, after=first.event_id) is Claim.WON
        assert ledger.take_turn(third, after=first.event_id) is Claim.THEIRS
        assert ledger.turn("pp", "often") == second

    def test_a_moment_waits_until_one_event_releases_it(self, ledger: Ledger) -> None:
        """Those that wait are told the oldest first; who has waited never waits again."""
        late, early = (WaitingMoment(**_moment(hour), behind="p-1") for hour in (2, 1))
        assert [ledger.let_wait(each) for each in (late, early, late)] == [Claim.WON, Claim.WON, Claim.MINE]
        assert ledger.waiting("pp", "often") == [early, late]
        assert [ledger.release(early, by=by) for by in ("a", "a", "b")] == [
            Claim.WON,
            Claim.MINE,
            Claim.THEIRS,
        ]
        assert ledger.let_wait(early) is Claim.MINE
        assert ledger.waiting("pp", "often") == [late]
        assert ledger.waiting("pp", "other") == []

    def test_the_latest_moment_of_a_schedule_is_remembered(self, ledger: Ledger) -> None:
        """Whatever comes late."""
        for hour in (2, 1):
            ledger.note_fired(FiredMoment(**_moment(hour), decision_id=f"d{hour}", order=f"{hour}"))
        found = ledger.fired("pp", "often")
        assert found is not None
        assert found.decision_id == "d2"


def _moment(hour: int) -> dict[str, str]:
    at = f"2026-11-21T{hour:02d}:00:00Z"
    return {"project": "pp", "schedule": "often", "event_id": f"pp.often.{at}", "scheduled_at": at}


def _turn(hour: int) -> Turn:
    return Turn.model_validate({**_moment(hour), "cause": _moment(hour)})
