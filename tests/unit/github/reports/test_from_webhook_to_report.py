"""From a pull request's webhook to what GitHub shows of it: every use case between, on one GitHub."""

from typing import Any

import pytest

from sluiceway.contract import Contract
from sluiceway.gateways.github_reports import GitHubReports
from sluiceway.gateways.github_rest import GitHubRest, Token
from sluiceway.gateways.records import DatasetPointer, RunFacts
from sluiceway.github.report_events import TOLD
from sluiceway.github.report_facts import Facts
from sluiceway.github.report_run import Reporting, report_run
from sluiceway.training.run_finished import run_finished
from sluiceway.triggers.contracts import CodePushed, RunAsked
from sluiceway.triggers.request_runs import request_runs
from sluiceway.triggers.requesting import Requesting
from tests.fakes.executions import MemoryExecutions
from tests.fakes.github import TOKEN, FakeGitHub
from tests.fakes.github_world import REPOSITORY, GitHubWorld, in_folder, payload
from tests.fakes.samples import AT, dataset_pointer, project_files

FOLDER, STATUS = "models/flights", "sluiceway/flight-delay"
DATA: DatasetPointer = dataset_pointer()


class Writer(Token):
    """A token that may write check runs, as an App's may."""

    writes_checks = True


class Pump:
    """Carries each event of the bus to those who listen, in order."""

    def __init__(self, world: GitHubWorld) -> None:
        self.world = world
        self.requesting = Requesting(
            ledger=world.ledger, events=world.events, executions=MemoryExecutions(), run_pipeline_arn="arn:x"
        )
        reports = GitHubReports(GitHubRest(world.server.url, Writer(TOKEN)))
        facts = Facts(
            ledger=world.ledger,
            objects=world.objects,
            artifacts_bucket="artifacts",
            endpoint_prefix="sluiceway-x",
        )
        self.reporting = Reporting(facts=facts, connect=lambda: reports, now=world.now, wait=lambda _: None)
        self.carried = 0
        world.ledger.move_dataset_pointer(DATA)

    def carry(self) -> None:
        """Everything that was published and not yet carried; wishes first, as they are quickest."""
        while self.carried < len(self.world.events.published):
            new = self.world.events.published[self.carried :]
            self.carried += len(new)
            for event in sorted(new, key=lambda each: not isinstance(each, RunAsked)):
                self._hear(event)

    def _hear(self, event: Contract) -> None:
        if isinstance(event, RunAsked | CodePushed):
            request_runs(event, self.requesting)
        if isinstance(event, tuple(TOLD.values())):
            report_run(event, self.reporting)

    def end(self, **facts: Any) -> None:
        """The newest run ends well."""
        run = self.world.ledger.runs()[0]
        end = {"reason": "", "owner": "finish_run", "at": AT, "facts": RunFacts(**facts)}
        self.world.ledger.finish_run(run.run_id, "SUCCEEDED", **end)
        self.world.events.publish(run_finished(self.world.ledger.run(run.run_id)))
        self.carry()


@pytest.fixture
def pump(world: GitHubWorld) -> Pump:
    return Pump(world)


def propose(world: GitHubWorld, pump: Pump, **more: Any) -> str:
    """A pull request is opened, or gets a new head; what follows is carried to its end."""
    files = in_folder(
        FOLDER, project_files(train_py=more.pop("code", "print('better')\n"), **more.pop("files", {}))
    )
    changed = more.pop("changed", [f"{FOLDER}/train.py"])
    sha = world.repository.propose(files, changed=changed, **more)
    world.deliver("pull_request", payload("pull_request_opened", action="synchronize"))
    pump.carry()
    return sha


def only_comment(github: FakeGitHub) -> str:
    (body,) = github.board.bodies(REPOSITORY, 2)
    return body


def test_a_pull_request_is_tried_and_told(github: FakeGitHub, world: GitHubWorld, pump: Pump) -> None:
    """A check run that ends with the run's verdict, and one comment."""
    sha = propose(world, pump)
    (check,) = github.board.checks(REPOSITORY, sha)
    assert (check["name"], check["status"]) == (STATUS, "in_progress")
    pump.end(gate="passed: roc_auc 0.7 meets at least 0.6")
    (check,) = github.board.checks(REPOSITORY, sha)
    assert check["conclusion"] == "success"
    assert "flight-delay passed the gate" in only_comment(github)
    assert "behind the endpoint `sluiceway-x-flight-delay`" in only_comment(github)


def test_a_new_head_takes_the_comment_over_and_one_without_projects_clears_it(
    github: FakeGitHub, world: GitHubWorld, pump: Pump
) -> None:
    """GitHub tells times to the second: heads of the same second count as they come."""
    propose(world, pump)
    second = propose(world, pump, code="print('best')\n")
    assert second in only_comment(github)
    third = propose(world, pump, code="print('other')\n", changed=["README.md"])
    assert third in only_comment(github)
    assert "changes no project" in only_comment(github)


def test_a_new_head_with_the_same_project_shows_the_run_that_there_was(
    github: FakeGitHub, world: GitHubWorld, pump: Pump
) -> None:
    """Nothing is trained again."""
    propose(world, pump)
    pump.end(gate="passed: roc_auc 0.7 meets at least 0.6")
    world.time = world.time.replace(hour=13)
    second = world.repository.propose(
        in_folder(FOLDER, project_files(train_py="print('better')\n")) | {"README.md": b"new"},
        changed=[f"{FOLDER}/train.py", "README.md"],
    )
    world.deliver("pull_request", payload("pull_request_opened", action="synchronize"))
    pump.carry()
    (check,) = github.board.checks(REPOSITORY, second)
    assert check["conclusion"] == "success"
    assert "an earlier run of the same inputs" in only_comment(github)
    assert len(world.ledger.runs()) == 1


def test_problems_stand_at_the_lines_of_the_repository(
    github: FakeGitHub, world: GitHubWorld, pump: Pump
) -> None:
    """With the project's folder in their paths, as GitHub's annotations want it."""
    broken = project_files()["sluice.yaml"].decode().replace("minimum: 0.6", "minimum: high")
    sha = propose(world, pump, files={"sluice_yaml": broken})
    (check,) = github.board.checks(REPOSITORY, sha)
    assert check["conclusion"] == "failure"
    (first, *_) = check["output"]["annotations"]
    assert (first["path"], first["start_line"]) == (f"{FOLDER}/sluice.yaml", 10)


def test_a_fork_is_only_validated(github: FakeGitHub, world: GitHubWorld, pump: Pump) -> None:
    """Told as neutral, with what the owner may do."""
    sha = propose(world, pump, head="stranger/models")
    (check,) = github.board.checks(REPOSITORY, sha)
    assert check["conclusion"] == "neutral"
    assert "from the fork stranger/models" in check["output"]["summary"]
    assert world.ledger.runs() == []


def test_a_push_gets_a_status_from_pending_to_its_end(
    github: FakeGitHub, world: GitHubWorld, pump: Pump
) -> None:
    """On the commit that was pushed."""
    world.push()
    pump.carry()
    pump.end(gate="passed: roc_auc 0.7 meets at least 0.6")
    sha = world.repository.branches["main"]
    assert github.board.states(REPOSITORY, sha, STATUS) == ["pending", "success"]
