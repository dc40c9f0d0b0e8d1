"""What GitHub shows: of a pull request, from its webhook to check run and comment; of a push, a status."""

import io
import zipfile
from typing import Any

import pytest

from sluiceway.gateways.ledger import RunRecord
from tests.embedded.asked_project import DATA, FEW, PROJECT, asked_archive
from tests.embedded.asked_project import asked_run as asked_run
from tests.embedded.conftest import wait_for
from tests.embedded.connected_github import REPOSITORY, ConnectedGitHub
from tests.embedded.stage import RUN_SECONDS, Stage
from tests.fakes.github import LOST_ANSWER
from tests.fakes.github_world import in_folder, payload

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(900)]
FOLDER, STATUS = f"models/{PROJECT}", f"sluiceway/{PROJECT}"
NUMBER = 2


def proposed(changes: dict[str, tuple[str, str]] | None = None) -> dict[str, bytes]:
    """The project's files as they lie in the repository."""
    with zipfile.ZipFile(io.BytesIO(asked_archive(changes))) as archive:
        return in_folder(FOLDER, {name: archive.read(name) for name in archive.namelist()})


def propose(github: ConnectedGitHub, files: dict[str, bytes], **more: Any) -> str:
    """A pull request gets a new head, and GitHub tells of it."""
    repository = github.server.repository(REPOSITORY)
    sha = repository.propose(files, changed=[f"{FOLDER}/train.py"], number=NUMBER, **more)
    told = payload("pull_request_opened", action="synchronize")
    assert github.deliver("pull_request", told | {"number": NUMBER}) == 202
    return sha


def concluded(github: ConnectedGitHub, sha: str) -> dict[str, Any]:
    """The check run of a commit, once it has its conclusion."""

    def done() -> list[dict[str, Any]]:
        return [run for run in github.server.board.checks(REPOSITORY, sha) if run["conclusion"]]

    wait_for(lambda: bool(done()), seconds=RUN_SECONDS)
    return done()[0]


def comment_on(github: ConnectedGitHub, sha: str, *, saying: str) -> str:
    """The only comment, once it is about a commit and says something."""

    def found() -> list[str]:
        bodies = github.server.board.bodies(REPOSITORY, NUMBER)
        return [body for body in bodies if sha in body and saying in body]

    wait_for(lambda: bool(found()), seconds=60)
    (body,) = github.server.board.bodies(REPOSITORY, NUMBER)
    return body


def test_a_pull_request_ends_with_the_metrics_of_its_preview(
    stage: Stage, asked_run: RunRecord, connected_github: ConnectedGitHub
) -> None:
    """Tried on less data against what is live; one check run and one comment, though an answer is lost."""
    connected_github.server.nth_change = {2: LOST_ANSWER}
    better = {"train.py": ("LogisticRegression(C=", "LogisticRegression(max_iter=300, C=")}
    sha = propose(connected_github, proposed(better))
    check = concluded(connected_github, sha)
    (run,) = [each for each in stage.runs(PROJECT) if each.commit and each.commit.sha == sha]
    assert (run.preview, run.status, check["conclusion"]) == (True, "SUCCEEDED", "success"), run.reason
    live = stage.ledger.endpoint(PROJECT)
    assert live is not None
    comment = comment_on(connected_github, sha, saying="passed the gate")
    for part in (
        f"champion (version {live.model_version})",
        f"`{FEW}` in place of `{DATA}`",
        f"behind the endpoint `{live.endpoint}`",
        "USD",
        f"`sluice watch {run.run_id}`",
    ):
        assert part in comment, comment
        assert part in check["output"]["summary"]
    assert len(connected_github.server.board.checks(REPOSITORY, sha)) == 1


def test_problems_of_a_newer_head_take_the_comment_over(
    stage: Stage, asked_run: RunRecord, connected_github: ConnectedGitHub
) -> None:
    """Annotated at their lines of the repository; nothing runs."""
    wrong = {"sluice.yaml": ("metric: accuracy", "metric: cleverness")}
    sha = propose(connected_github, proposed(wrong))
    check = concluded(connected_github, sha)
    assert check["conclusion"] == "failure"
    (annotation, *_) = check["output"]["annotations"]
    assert annotation["path"] == f"{FOLDER}/sluice.yaml"
    assert "has problems" in comment_on(connected_github, sha, saying="sluice.yaml")
    assert not [each for each in stage.runs(PROJECT) if each.commit and each.commit.sha == sha]


def test_a_push_goes_from_pending_to_its_end(
    stage: Stage, asked_run: RunRecord, connected_github: ConnectedGitHub
) -> None:
    """A commit status, by which the run can be found; and its deployment's own."""
    repository, board = connected_github.server.repository(REPOSITORY), connected_github.server.board
    pushed = {"train.py": ("LogisticRegression(C=", "LogisticRegression(max_iter=400, C=")}
    sha = repository.push(proposed(pushed))
    assert connected_github.deliver("push", payload("push", after=sha)) == 202
    wait_for(
        lambda: (board.states(REPOSITORY, sha, STATUS) or [""])[-1] in ("success", "failure"),
        seconds=RUN_SECONDS,
    )
    assert board.states(REPOSITORY, sha, STATUS)[0] == "pending"
    assert board.states(REPOSITORY, sha, STATUS).count("success") <= 1
