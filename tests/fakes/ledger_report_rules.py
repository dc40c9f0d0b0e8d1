"""What holds of every ledger of reports: run on memory by tests/unit, on DynamoDB by tests/embedded."""

from itertools import permutations
from typing import Any

import pytest

from sluiceway.gateways.ledger import Ledger
from sluiceway.gateways.ledger_reports import Place, check_run_place, comment_place
from sluiceway.github.contracts import ProblemFound, ProjectChecked, PullRequestChecked
from sluiceway.triggers.contracts import Commit
from tests.fakes.samples import deployment_record, run_record

REPOSITORY, SHA = "octo-org/models", "a" * 40
KEY = comment_place(REPOSITORY, 7)


def commit(sha: str = SHA) -> Commit:
    return Commit(repository=REPOSITORY, sha=sha, ref="refs/heads/x", pull_request=7)


def checked(**changes: Any) -> ProjectChecked:
    problem = ProblemFound(path="sluice.yaml", line=3, message="wrong")
    given = {"event_id": "c", "project": "pp", "commit": commit(), "order": "1", "outcome": "invalid"}
    return ProjectChecked.model_validate(
        given | {"problems": [problem], "config": {"gate": {"minimum": 0.1}}} | changes
    )


def place(owner: str, *, at: str = "t5", **changes: Any) -> Place:
    return Place(**{"owner": owner, "nonce": f"nonce of {owner}", "claimed_at": at} | changes)


class ReportLedgerRules:
    """Subclasses give a fixture `ledger`, empty for each test."""

    @pytest.mark.parametrize("arrival", list(permutations("123")))
    def test_the_newest_of_a_pull_request_stands(self, ledger: Ledger, arrival: tuple[str, ...]) -> None:
        """Its head, and what was checked of a project, in whatever order they come."""
        for order in arrival:
            head = {"event_id": "h", "commit": commit(order * 40), "order": order, "projects": ["pp"]}
            ledger.note_head(PullRequestChecked.model_validate(head))
            ledger.note_checked(checked(order=order, reason=order))
        found, kept = ledger.head(REPOSITORY, 7), ledger.checked(REPOSITORY, SHA, "pp")
        assert found is not None
        assert (found.order, found.commit.sha) == ("3", "3" * 40)
        assert kept == checked(order="3", reason="3")
        assert ledger.head(REPOSITORY, 8) is None
        assert ledger.checked(REPOSITORY, SHA, "qq") is None

    def test_of_two_heads_of_the_same_second_the_later_told_stands(self, ledger: Ledger) -> None:
        """GitHub tells times to the second."""
        for reason in ("first", "second"):
            ledger.note_checked(checked(reason=reason))
        found = ledger.checked(REPOSITORY, SHA, "pp")
        assert found is not None
        assert found.reason == "second"

    def test_a_commit_knows_its_newest_run_and_deployment(self, ledger: Ledger) -> None:
        """Older ones never replace it."""
        for run_id, at in (("p-2", "t2"), ("p-1", "t1")):
            ledger.note_commit_run(commit(), run_record(run_id=run_id, requested_at=at))
            ledger.note_commit_deployment(commit(), deployment_record(deployment_id=run_id, started_at=at))
        assert ledger.commit_run(REPOSITORY, SHA, "pp") == "p-2"
        assert ledger.commit_deployment(REPOSITORY, SHA, "pp") == "p-2"
        assert ledger.commit_run(REPOSITORY, SHA, "qq") is None

    def test_commits_that_follow_a_run_are_remembered_once(self, ledger: Ledger) -> None:
        """However often they are told to follow it."""
        for _ in range(2):
            ledger.follow_run("p-1", commit("b" * 40))
        assert ledger.followers("p-1") == [commit("b" * 40)]
        assert ledger.followers("p-2") == []

    def test_a_place_is_claimed_by_one_until_it_is_filled(self, ledger: Ledger) -> None:
        """The claim's nonce stays with the place, whoever carries it on."""
        assert ledger.claim_place(KEY, place("a"), stale_before="t3").owner == "a"
        assert ledger.claim_place(KEY, place("b"), stale_before="t3").owner == "a"
        ledger.fill_place(KEY, "nonce of a", 42)
        assert ledger.claim_place(KEY, place("b", at="t9"), stale_before="t8").github_id == 42
        assert ledger.place(check_run_place(REPOSITORY, SHA, "pp")) is None

    def test_a_claim_that_is_stale_or_released_is_taken_over_with_its_nonce(self, ledger: Ledger) -> None:
        """So that what was made meanwhile is found."""
        ledger.claim_place(KEY, place("a"), stale_before="t3")
        taken = ledger.claim_place(KEY, place("b", at="t9"), stale_before="t8")
        assert (taken.owner, taken.nonce) == ("b", "nonce of a")
        ledger.release_place(KEY, "a")
        assert ledger.claim_place(KEY, place("c", at="t9"), stale_before="t8").owner == "b"
        ledger.release_place(KEY, "b")
        assert ledger.claim_place(KEY, place("c", at="t9"), stale_before="t8").owner == "c"

    def test_a_place_whose_content_was_deleted_is_claimed_anew_by_one(self, ledger: Ledger) -> None:
        """With a nonce of its own: what is gone must not be found again."""
        lost = ledger.claim_place(KEY, place("a"), stale_before="t3")
        ledger.fill_place(KEY, lost.nonce, 42)
        found = ledger.place(KEY)
        assert found is not None
        assert ledger.empty_place(KEY, place("b"), lost=found) == place("b")
        assert ledger.empty_place(KEY, place("c"), lost=found) == place("b")
