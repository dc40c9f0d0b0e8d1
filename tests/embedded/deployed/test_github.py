"""From a signed request at the function's URL to the run in the ledger; what is not signed gets nowhere."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sluiceway.gateways.ledger import EventRecord, RunRecord
from sluiceway.github.names import delivery_event_id
from tests.embedded.conftest import wait_for
from tests.embedded.connected_github import REPOSITORY, ConnectedGitHub
from tests.embedded.deployed.test_privileges import sluice
from tests.embedded.stage import PROBE, RUN_SECONDS, Stage, points, probe_archive
from tests.fakes.github_repository import FakeRepository
from tests.fakes.github_world import in_folder, payload
from tests.unit.github.archives import unzipped

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(900)]
PROJECT, DATA = "heard", "heard-points"
FOLDER = f"models/{PROJECT}"
WRITER = "Codertocat"


@pytest.fixture
def repository(connected_github: ConnectedGitHub) -> FakeRepository:
    """`octo-org/models`, where one person may push."""
    found = connected_github.server.repository(REPOSITORY)
    found.permissions[WRITER] = "write"
    return found


@pytest.fixture(scope="session", autouse=True)
def _data(stage: Stage) -> None:
    """Without data a push waits. That the runs here come to an end is other tests' business."""
    stage.put(f"data/{DATA}/first.csv", points(100))
    wait_for(lambda: stage.ledger.dataset_pointer(DATA) is not None, seconds=RUN_SECONDS)


def files(number: int, *, project: str = PROJECT, data: str = DATA, more: str = "") -> dict[str, bytes]:
    """The probe under another name, in its folder; another code version for each number."""
    told = (PROBE / "sluice.yaml").read_text() + more
    for old, new in (
        ("project: probe", f"project: {project}"),
        ("[points]", f"[{data}]"),
        ("data.points", f"data.{data}"),
    ):
        assert old in told
        told = told.replace(old, new)
    changes: dict[str, str | None] = {"sluice.yaml": told, "number.txt": str(number)}
    return in_folder(f"models/{project}", unzipped(probe_archive(changes)))


def runs_of(stage: Stage, sha: str) -> list[RunRecord]:
    """Runs of a commit."""
    return [run for run in stage.runs(PROJECT) if run.commit and run.commit.sha == sha]


def run_of(stage: Stage, sha: str) -> RunRecord:
    """The one run of a commit, once it is in the ledger: how it goes on is other tests' business."""
    wait_for(lambda: bool(runs_of(stage, sha)), seconds=RUN_SECONDS)
    (run,) = runs_of(stage, sha)
    return run


def recorded(stage: Stage, event_id: str) -> EventRecord:
    """An event, once it is recorded."""
    wait_for(lambda: stage.ledger.event(event_id) is not None, seconds=90)
    found = stage.ledger.event(event_id)
    assert found is not None
    return found


def test_a_push_that_is_told_of_many_times_at_once_is_one_run(
    stage: Stage, connected_github: ConnectedGitHub, repository: FakeRepository
) -> None:
    """Under the same and under different ids of the delivery; the run knows its commit."""
    sha = repository.push(files(201))
    told = payload("push", after=sha)
    guids = ["first-delivery", "first-delivery", "first-delivery", "second-delivery", "third-delivery"]
    with ThreadPoolExecutor(5) as pool:
        statuses = list(pool.map(lambda guid: connected_github.deliver("push", told, guid=guid), guids))
    assert statuses == [202] * 5
    run = run_of(stage, sha)
    assert (run.trigger, run.preview) == ("push", False)
    assert {recorded(stage, delivery_event_id(guid)).outcome for guid in guids} == {"accepted"}
    assert len(runs_of(stage, sha)) == 1


def test_a_pull_request_is_tried_as_a_preview(
    stage: Stage, connected_github: ConnectedGitHub, repository: FakeRepository
) -> None:
    """Its code is kept under its version; what is latest stays what it is."""
    before = stage.ledger.code_pointer(PROJECT)
    sha = repository.propose(files(202), changed=[f"{FOLDER}/train.py"], number=3)
    told = payload("pull_request_opened") | {"number": 3}
    assert connected_github.deliver("pull_request", told) == 202
    run = run_of(stage, sha)
    assert run.commit is not None
    assert (run.preview, run.commit.pull_request) == (True, 3)
    assert stage.ledger.code_pointer(PROJECT) == before


def comment(line: str, *, by: str, number: int) -> dict[str, Any]:
    """A comment on an issue."""
    written = {"id": number, "body": line, "user": {"login": by}}
    return payload("comment_on_an_issue", comment=written)


def test_a_command_in_a_comment_is_followed_for_who_may_push(
    stage: Stage, connected_github: ConnectedGitHub, repository: FakeRepository
) -> None:
    """And recorded as refused for everybody else."""
    line = f"/sluice run {PROJECT} --step prepare --force"
    before = {run.run_id for run in stage.runs(PROJECT)}
    for by, number in (("stranger", 71), (WRITER, 72)):
        connected_github.deliver(
            "issue_comment", comment(line, by=by, number=number), guid=f"comment-{number}"
        )
    assert recorded(stage, delivery_event_id("comment-71")).outcome == "refused"
    assert recorded(stage, delivery_event_id("comment-72")).outcome == "requested"

    def new() -> list[RunRecord]:
        return [run for run in stage.runs(PROJECT) if run.run_id not in before]

    wait_for(lambda: bool(new()), seconds=RUN_SECONDS)
    (run,) = new()
    assert (run.trigger, run.steps) == ("webhook", ("prepare",))
    assert run.asked_by == f"{WRITER} on {REPOSITORY}#2"


def test_a_release_runs_its_commit(
    stage: Stage, connected_github: ConnectedGitHub, repository: FakeRepository
) -> None:
    """Whatever the branch holds: the tag says which commit."""
    sha = repository.tags["v0.0.1"] = repository.commit(files(205))
    assert connected_github.deliver("release", payload("release_published")) == 202
    run = run_of(stage, sha)
    assert (run.trigger, run.preview) == ("webhook", False)
    assert run.commit is not None
    assert run.commit.ref == "refs/tags/v0.0.1"


def test_a_dispatch_runs_what_its_branch_holds(
    stage: Stage, connected_github: ConnectedGitHub, repository: FakeRepository
) -> None:
    """With the inputs that somebody filled in."""
    sha = repository.push(files(206))
    inputs = {"project": PROJECT, "step": "prepare", "force": "true"}
    told = payload("workflow_dispatch", inputs=inputs)
    assert connected_github.deliver("workflow_dispatch", told, guid="dispatched") == 202
    run = run_of(stage, sha)
    assert (run.trigger, run.steps, run.commit and run.commit.sha) == ("webhook", ("prepare",), sha)
    assert run.asked_by == f"{WRITER} on {REPOSITORY}"


def test_what_is_not_signed_gets_nowhere(
    stage: Stage, connected_github: ConnectedGitHub, repository: FakeRepository
) -> None:
    """401, and nothing is written, queued or fetched."""
    sha = repository.push(files(203), branch="forged")
    told = payload("push", after=sha, ref="refs/heads/main")
    for secret in ("guessed", "It's a Secret to Everybody"):
        assert connected_github.deliver("push", told, guid="forged-delivery", secret=secret) == 401
    assert connected_github.deliver("push", {"ref": 7}, guid="nonsense") == 400
    # A delivery that is sent after them, and is through, shows that they are not still on their way.
    assert connected_github.deliver("push", payload("push_of_a_tag"), guid="told-later") == 202
    assert recorded(stage, delivery_event_id("told-later")).outcome == "ignored"
    for guid in ("forged-delivery", "nonsense"):
        assert stage.ledger.event(delivery_event_id(guid)) is None
    assert not [path for path in connected_github.server.paths() if sha in path]


def test_what_nobody_heard_is_found_by_the_schedule(
    stage: Stage, connected_github: ConnectedGitHub, repository: FakeRepository
) -> None:
    """A push without a webhook, and a command whose delivery failed: a twin of the schedule fires at once."""
    sha = repository.push(files(204))
    line = f"/sluice run {PROJECT} --step train --force"
    missed = comment(line, by=WRITER, number=73)
    lost = repository.delivered("issue_comment", missed, guid="lost-delivery")
    talk = repository.delivered("issue_comment", comment("nice", by=WRITER, number=74), guid="lost-talk")
    lost["delivered_at"] = talk["delivered_at"] = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    _fire_now(stage)
    # The command runs the latest code: by then it may be the same commit's.
    wait_for(lambda: "push" in {run.trigger for run in runs_of(stage, sha)}, seconds=RUN_SECONDS)
    assert recorded(stage, delivery_event_id("lost-delivery")).outcome == "requested"
    assert recorded(stage, delivery_event_id("lost-talk")).outcome == "ignored"


def test_a_project_that_its_branch_holds_no_more_fires_no_more(
    stage: Stage, connected_github: ConnectedGitHub, repository: FakeRepository
) -> None:
    """Its schedules go with the push that takes its folder away; the ledger says why."""
    client, group = stage.cloud.client("scheduler"), stage.settings["schedule_group"]

    def scheduled() -> list[Any]:
        return list(client.list_schedules(GroupName=group, NamePrefix="brief.")["Schedules"])

    nightly = '\nschedule: {name: nightly, cron: "0 3 * * *"}\n'
    kept, brief = files(206), files(1, project="brief", data="never-uploaded", more=nightly)
    connected_github.deliver("push", payload("push", after=repository.push(kept | brief)))
    wait_for(lambda: len(scheduled()) == 1, seconds=90)
    connected_github.deliver("push", payload("push", after=repository.push(kept)))
    wait_for(lambda: not scheduled(), seconds=90)
    retired = [event for event in stage.ledger.events() if event.event == "ProjectRetired"]
    (told,) = [event for event in retired if event.project == "brief"]
    assert told.outcome == "accepted"
    assert "no longer holds it" in told.reason


def _fire_now(stage: Stage) -> None:
    scheduler = stage.cloud.client("scheduler")
    (listed,) = scheduler.list_schedules(GroupName="sluiceway-local-github")["Schedules"]
    schedule = scheduler.get_schedule(Name=listed["Name"], GroupName=listed["GroupName"])
    soon = datetime.now(UTC) + timedelta(seconds=2)
    scheduler.create_schedule(
        Name="reconcile-twin",
        GroupName=listed["GroupName"],
        ScheduleExpression=f"at({soon:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        ActionAfterCompletion="DELETE",
        Target=schedule["Target"],
    )


def test_the_command_tells_how_the_stage_is_connected(
    stage: Stage, connected_github: ConnectedGitHub
) -> None:
    """And nothing that is secret."""
    told = sluice(stage, "github", "status", "--json")
    assert json.loads(told)["repositories"] == {REPOSITORY: {"branches": ["main"], "hook_id": 7}}
    assert connected_github.secret not in told
    assert "PRIVATE KEY" not in told
