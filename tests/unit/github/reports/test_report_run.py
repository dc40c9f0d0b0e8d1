"""What GitHub shows of a commit, whatever the events do that tell of it."""

from itertools import permutations

import pytest

from sluiceway.errors import LostRace, NotFound, ServiceUnavailable, SluicewayError, TransientError
from sluiceway.gateways.github_rest import GitHubRefused, RateLimited
from sluiceway.gateways.ledger_reports import comment_place
from sluiceway.github.contracts import ProblemFound
from sluiceway.names import run_key
from sluiceway.triggers.contracts import DeploymentFinished
from tests.fakes.run_world import AT, BUCKET, PROJECT
from tests.fakes.samples import deployment_record
from tests.unit.github.reports.world import FIRST, REPOSITORY, RUN, SECOND, ReportWorld, commit

STATUS = f"sluiceway/{PROJECT}"
PUSHED = commit(number=None)


@pytest.fixture
def world() -> ReportWorld:
    return ReportWorld()


def pull_request(world: ReportWorld) -> None:
    """A pull request whose preview is on its way."""
    world.decided()
    world.tell(world.checked())
    world.tell(world.head())


def test_a_pull_request_shows_metrics_verdict_price_and_what_a_merge_deploys(world: ReportWorld) -> None:
    """One check run and one comment, from the check to the end of the run."""
    pull_request(world)
    world.tell(world.requested())
    assert world.check()["status"] == "in_progress"
    world.evaluated()
    world.tell(world.finished())
    assert (world.check()["status"], world.check()["conclusion"]) == ("completed", "success")
    for part in ("| **roc\\_auc** (gate) | 0.7 | 0.65 | +0.05 better |", "ml.m5.large", "a month", RUN):
        assert part in world.comment
        assert part in world.check()["output"]["summary"]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_in_whatever_order_events_come_the_end_is_the_same(order: tuple[int, ...]) -> None:
    """A finished report never goes back to pending, and each event may come twice."""
    world = ReportWorld()
    world.decided()
    requested = world.requested()
    events = [world.checked(), world.head(), requested, world.finished()]
    for number in (*order, *order):
        world.tell(events[number])
    assert world.check()["conclusion"] == "success"
    assert "passed the gate" in world.comment
    assert len(world.github.board.checks(REPOSITORY, FIRST)) == 1


def test_the_same_event_twice_changes_nothing(world: ReportWorld) -> None:
    """Also where the ledger forgot that it was told."""
    pull_request(world)
    finished = (world.requested(), world.finished())[1]
    world.tell(finished)
    written = list(world.github.written)
    world.tell(finished)
    again = finished.model_copy(update={"event_id": "another"})
    world.tell(again)
    assert world.github.written == written


def test_a_late_run_of_an_older_commit_never_replaces_the_newer_report(world: ReportWorld) -> None:
    """Its own check run is told; the comment stays with the newest commit."""
    pull_request(world)
    world.tell(world.requested())
    world.decided(SECOND)
    world.tell(world.checked(SECOND, order="2"))
    world.tell(world.head(SECOND, order="2"))
    world.tell(world.head(order="1").model_copy(update={"event_id": "late"}))
    before = world.comment
    world.tell(world.finished())
    assert SECOND in before
    assert world.comment == before
    assert world.check(FIRST)["conclusion"] == "success"
    assert world.check(SECOND)["status"] == "in_progress"


def test_a_commit_with_the_inputs_of_an_earlier_run_shows_that_run(world: ReportWorld) -> None:
    """Nothing runs twice; the earlier run's end reaches both commits."""
    pull_request(world)
    world.tell(world.requested())
    world.decided(SECOND, "unchanged", run_id=RUN)
    world.tell(world.checked(SECOND, order="2"))
    world.tell(world.head(SECOND, order="2"))
    assert world.check(SECOND)["status"] == "in_progress"
    world.tell(world.finished())
    assert world.check(SECOND)["conclusion"] == "success"
    assert "an earlier run of the same inputs" in world.comment


def test_problems_are_told_at_their_lines(world: ReportWorld) -> None:
    """As annotations, once, however often the check run is written."""
    problem = ProblemFound(path="models/sluice.yaml", line=3, message="gate.metric is missing")
    checked = world.checked(outcome="invalid", asked=None, problems=(problem,), config={})
    world.tell(checked)
    world.tell(checked.model_copy(update={"event_id": "again", "order": "2", "reason": "again"}))
    world.tell(world.head())
    assert world.check()["conclusion"] == "failure"
    assert [each["line"] for each in world.check()["output"]["annotations"]] == [3]
    assert "`models/sluice.yaml:3` gate.metric is missing" in world.comment.replace("\\_", "_")


def test_a_fork_is_told_that_it_was_only_validated(world: ReportWorld) -> None:
    """Neutral: neither a failure nor a pass."""
    world.tell(world.checked(outcome="planned", asked=None, reason="a fork: validated and planned only"))
    assert world.check()["conclusion"] == "neutral"


def test_a_decision_that_is_being_made_is_waited_for_then_asked_for_again(world: ReportWorld) -> None:
    """A decision that starts no run is told by no other event."""
    with pytest.raises(LostRace):
        world.tell(world.checked())
    assert world.check()["status"] == "in_progress"
    assert world.waited == [0.5, 1.0, 2.0]
    world.decided(outcome="refused", reason="there is no such dataset")
    world.tell(world.checked())
    assert world.check()["conclusion"] == "failure"


def test_a_pull_request_that_changes_no_project_gets_no_comment(world: ReportWorld) -> None:
    """One that did before is told so."""
    assert world.tell(world.head(projects=())) is not None
    assert world.github.board.bodies(REPOSITORY, 7) == []
    world.tell(world.head(order="2").model_copy(update={"event_id": "h2"}))
    world.tell(world.head(SECOND, order="3", projects=()))
    assert "changes no project" in world.comment


def test_a_push_gets_a_commit_status(world: ReportWorld) -> None:
    """Pending, then the end; never twice the same."""
    world.tell(world.requested(at=PUSHED, trigger="push", preview=False))
    finished = world.finished(status="FAILED", reason="step train: exit code 1")
    world.tell(finished)
    world.tell(finished.model_copy(update={"event_id": "again"}))
    assert world.github.board.states(REPOSITORY, FIRST, STATUS) == ["pending", "error"]
    assert world.github.board.bodies(REPOSITORY, 7) == []


def test_runs_without_a_commit_are_told_to_nobody(world: ReportWorld) -> None:
    """Uploads have none; and a schedule's runs do not judge a commit that its own run has judged."""
    uploaded = world.requested(trigger="upload", at=PUSHED)
    assert world.tell(uploaded) is not None
    later = world.requested("p-2", at=PUSHED, trigger="schedule", requested_at="2026-11-22T12:00:00.000Z")
    assert world.tell(later) is None
    assert world.tell(later.model_copy(update={"run_id": "nobody"})) is None


def test_a_token_that_may_not_write_checks_gets_statuses(world: ReportWorld) -> None:
    """Check runs are a GitHub App's; the comment is written all the same."""
    world.github.writes_checks = False
    pull_request(world)
    world.tell((world.requested(), world.finished())[1])
    assert world.github.board.states(REPOSITORY, FIRST, STATUS) == ["pending", "success"]
    assert world.github.board.check_runs == {}
    assert "passed the gate" in world.comment


def test_a_deployment_is_told_beside_its_commit(world: ReportWorld) -> None:
    """However long after the run."""
    world.requested(at=PUSHED, trigger="push", preview=False)
    record = deployment_record(deployment_id="d1", project=PROJECT, run_id=RUN)
    world.world.ledger.begin_deployment(record)
    world.world.ledger.finish_deployment("d1", "SUCCEEDED", reason="", at=AT)
    told = {"endpoint": "e", "model_version": "1", "status": "SUCCEEDED", "reason": ""}
    world.tell(DeploymentFinished(event_id="d1.deployed", deployment_id="d1", project=PROJECT, **told))
    assert world.github.board.states(REPOSITORY, FIRST, f"{STATUS}/deployment") == ["success"]


@pytest.mark.parametrize("operation", ["make_check_run", "make_comment", "mend_comment", "mend_check_run"])
def test_a_lost_answer_makes_nothing_twice(world: ReportWorld, operation: str) -> None:
    """What was made is found by its nonce when the event comes again."""
    world.decided()
    world.github.lost_answers = [operation]
    events = [world.checked(), world.head(), world.requested(), world.finished()]
    failures = 0
    for event in events:
        try:
            world.tell(event)
        except ServiceUnavailable:
            failures += 1
            world.wait(minutes=3)
            world.tell(event)
    assert failures == 1
    assert world.check()["conclusion"] == "success"
    assert "passed the gate" in world.comment


@pytest.mark.parametrize(
    ("operation", "refusal"),
    [
        ("make_comment", GitHubRefused("403: the conversation is locked", 403)),
        ("make_check_run", GitHubRefused("422: No commit found for SHA", 422)),
        ("make_comment", NotFound("404: there is no such pull request")),
        ("find_comment", NotFound("404: there is no such pull request")),
    ],
)
def test_what_github_refuses_for_good_is_recorded_and_stops_nothing_else(
    world: ReportWorld, operation: str, refusal: SluicewayError
) -> None:
    """A locked conversation, a vanished commit: the run is not touched, and the rest is told."""
    world.decided()
    world.github.refusals = [(operation, refusal)]
    world.tell(world.head())
    record = world.tell(world.checked())
    assert record is not None
    outcomes = {
        event.outcome: event.reason for event in world.world.ledger.events() if event.event == "Reported"
    }
    assert str(refusal) in outcomes["refused"]
    assert len(world.github.board.bodies(REPOSITORY, 7)) == 1


def test_a_rate_limit_is_tried_again_later_and_then_all_is_told(world: ReportWorld) -> None:
    """The queue waits; nothing is recorded before everything was told."""
    world.decided()
    world.github.refusals = [("make_comment", RateLimited("403: rate limit", until=0.0))]
    world.tell(world.checked())
    with pytest.raises(TransientError):
        world.tell(world.head())
    assert world.tell(world.head()) is not None
    assert len(world.github.board.bodies(REPOSITORY, 7)) == 1


def test_a_comment_that_somebody_deleted_is_written_once_more(world: ReportWorld) -> None:
    """It is wanted by the next event; the one after finds it."""
    pull_request(world)
    world.github.board.delete_comment(REPOSITORY, world.github.board.comments[REPOSITORY, 7][0]["id"])
    world.tell(world.requested())
    world.tell(world.finished())
    assert "passed the gate" in world.comment


def test_two_that_tell_at_the_same_time_end_with_the_truth(world: ReportWorld) -> None:
    """The run ends while its beginning is being told: the one that comes late looks once more, and mends."""
    requested = world.requested(at=PUSHED, trigger="push")
    world.github.before["add_status"] = lambda: world.tell(world.finished()) and None
    world.tell(requested)
    assert world.github.board.states(REPOSITORY, FIRST, STATUS) == ["success", "pending", "success"]


def test_two_that_make_the_comment_at_the_same_time_make_one(world: ReportWorld) -> None:
    """Who does not own the place waits for its turn; then it only mends."""
    world.decided()
    world.tell(world.checked())
    rival = world.head().model_copy(update={"event_id": "rival"})

    def meanwhile() -> None:
        with pytest.raises(LostRace):
            world.tell(rival)

    world.github.before["make_comment"] = meanwhile
    world.tell(world.head())
    world.tell(rival)
    assert len(world.github.board.bodies(REPOSITORY, 7)) == 1


def test_a_marker_that_somebody_copied_is_not_taken_for_ours(world: ReportWorld) -> None:
    """Nobody knows the nonce before our comment stands; who copies it comes later."""
    world.github.board.add_comment(REPOSITORY, 7, "<!-- sluiceway:report 0 -->\nmine")
    world.github.lost_answers = ["make_comment"]
    with pytest.raises(ServiceUnavailable):
        world.tell(world.head())
    ours = world.github.board.bodies(REPOSITORY, 7)[1]
    world.github.board.add_comment(REPOSITORY, 7, ours)
    world.wait(minutes=3)
    world.tell(world.head())
    kept = world.github.board.comments[REPOSITORY, 7]
    assert world.world.ledger.place(comment_place(REPOSITORY, 7)).github_id == kept[1]["id"]
    assert kept[0]["body"].endswith("mine")


def test_damaged_results_never_keep_a_report_back(world: ReportWorld) -> None:
    """What cannot be read is left out."""
    pull_request(world)
    world.tell(world.requested())
    world.evaluated()
    world.world.objects.put(BUCKET, run_key(RUN, "plan.json"), b"{}")
    world.world.objects.put(BUCKET, run_key(RUN, "train", "result.json"), b"not json")
    world.tell(world.finished())
    assert world.check()["conclusion"] == "success"
