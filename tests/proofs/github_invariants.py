"""What must hold of a followed repository: it ends at the branch's head; nothing foreign has effects."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sluiceway.contract import Contract
from sluiceway.gateways.table import Item
from sluiceway.github.check_pull_request import ignored, propose
from sluiceway.github.contracts import ProjectChecked, PullRequestChecked, PushTold
from sluiceway.github.names import delivery_event_id, event_id
from sluiceway.triggers.contracts import RunAsked
from tests.fakes.memory_github import _pull_request
from tests.proofs.commits import HELD, REPOSITORY, STRANGERS, VERSIONS
from tests.proofs.invariants import Invariants
from tests.proofs.projects import PROJECTS
from tests.proofs.quiet import Quiet
from tests.proofs.watching import _worker_of

if TYPE_CHECKING:
    from tests.proofs.github_cloud import GitHubCloud


class GitHubInvariants(Invariants):
    """Those of every cloud, and these."""

    _cloud: GitHubCloud

    def written(self, key: tuple[str, str], before: Item | None, after: Item) -> None:
        super().written(key, before, after)
        if key[0].startswith("REPOSITORY#") and key[1].startswith("BRANCH#"):
            self._moved(before, after)
        if after.get("event") == "GitHubDelivered":
            self._done(after)
        if key[0].startswith("PROJECT#") and after.get("code_version") in STRANGERS:
            self.say("foreign", f"code of a stranger is kept as {key}")

        if key[1] == "CODE" and after.get("retired") and after["project"] in HELD[after["commit"]["sha"]]:
            self.say("retired", f"{after['project']} by a commit that holds it")

    def _moved(self, before: Item | None, after: Item) -> None:
        """From where it stood, to where the branch was at some moment since the worker began to look."""
        standing = before["event_id"] if before else ""
        if after.get("begun") is not None:
            return
        if after["event_id"] != event_id("push", REPOSITORY, "main", after["sha"], standing):
            self.say("forward", f"the push {after['event_id']} did not follow {standing}")
        if after["sha"] not in self._heads_seen():
            self.say("head", f"the branch is said to be at {after['sha'][:8]}, where it was long ago")

    def _heads_seen(self) -> list[str]:
        """Where the branch was since the worker got its work."""
        worker, _ = _worker_of(self._cloud)
        heads = self._cloud.heads
        until = [*(since for since, _ in heads), self.moment + 1][1:]
        return [sha for (_, sha), end in zip(heads, until, strict=False) if end > worker.started]

    def _done(self, after: Item) -> None:
        """Who is done with a push has seen that the branch stands at its head."""
        _, message = _worker_of(self._cloud)
        told = getattr(message.body, "told", None)
        if not isinstance(told, PushTold) or after["outcome"] in ("refused", "ignored"):
            return
        standing = self._cloud.ledger.branch(REPOSITORY, "main")
        if standing is None or standing.sha not in self._heads_seen():
            self.say("head", f"the push of {told.after[:8]} is done, and the branch stands elsewhere")

    def published(self, event: Contract) -> None:
        if isinstance(event, ProjectChecked | PullRequestChecked):
            self._cloud.told.pop(event.event_id, None)  # says how things stood when it was looked
        if isinstance(event, RunAsked):
            self._subscribers[event.event_id].add(event.project)
        super().published(event)

    def _forced(self, event_id: str) -> bool:
        told = self._cloud.told
        return any(getattr(told.get(f"{event_id} {project}"), "force", False) for project in ("one", "two"))

    # Once all is quiet.

    def check_quiet(self) -> None:
        for look in _QUIET:
            look(self)
        self.check()

    def _at_the_head(self) -> None:
        self.check_followed()
        head = self._cloud.repository.branches.get("main")
        for project, version in VERSIONS.get(head or "", {}).items():
            code = self._item(f"PROJECT#{project}", "CODE")
            if code is None or code["code_version"] != version or "retired" in code:
                self.say("head", f"the latest code of {project} is not that of the head {head}")

    def _nothing_left_behind(self) -> None:
        """What the head does not hold is retired, and that was told."""
        held = HELD.get(self._cloud.repository.branches.get("main", ""), frozenset(PROJECTS))
        for project in PROJECTS.keys() - held:
            code = self._item(f"PROJECT#{project}", "CODE")
            if code is not None and "retired" not in code:
                self.say("retired", f"{project} goes on, and the head does not hold it")
            elif code is not None and f"{code['event_id']}.{project}.retired" not in self._cloud.told:
                self.say("told", f"that {project} is retired")

    def check_followed(self) -> None:
        """The branch stands where its head is."""
        head = self._cloud.repository.branches.get("main")
        standing = self._cloud.ledger.branch(REPOSITORY, "main")
        if (standing.sha if standing else None) != head:
            self.say("head", f"{standing} was taken in, and the head is {head}")

    def _run_at_the_head(self) -> None:
        for project in VERSIONS.get(self._cloud.repository.branches.get("main", ""), {}):
            code: dict[str, Any] = self._item(f"PROJECT#{project}", "CODE") or {"datasets": ["none"]}
            latest = {name: self._item(f"DATASET#{name}", "LATEST") for name in code["datasets"]}
            if all(latest.values()) and not self._was_run(project, code, latest):
                self.say("wanted", f"{project} never ran with {latest}")

    def _handled(self) -> None:
        for delivery in self._cloud.deliveries:
            if self._item(f"EVENT#{delivery_event_id(delivery.delivery_id)}", "EVENT") is None:
                self.say("recorded", f"nothing is on record of {delivery}")
        if self._cloud.missed:
            self.say("reconciled", f"{self._cloud.missed} are still missed after an hour")

    def _checked(self) -> None:
        from tests.proofs.github_cloud import SETTINGS

        for found in self._cloud.repository.pulls.values():
            request = _pull_request(found)
            proposal = propose(REPOSITORY, request, SETTINGS)
            if ignored(REPOSITORY, request, SETTINGS) is None and not self._outcome(proposal.event_id):
                self.say("previews", f"the head {request.sha[:8]} of #{request.number} was never checked")

    def _must_be_told(self, run: Item) -> bool:
        """But for what is wrong in a commit that was overtaken while its worker was killed."""
        return run.get("finished_by") != "refuse_run" or self._outcome(run["event_id"]) is not None

    def _outcome(self, event_id: str) -> Item | None:
        return self._item(f"EVENT#{event_id}", "EVENT")

    def _one_preview(self) -> None:
        """Whatever was told: who comments asks for another one, and says so."""
        runs = [run for run in self._runs() if run["preview"] and not run.get("asked_by")]
        commits = Counter(
            (run["commit"]["pull_request"], run["commit"]["sha"], run["project"]) for run in runs
        )
        told = Counter(
            (event.commit.pull_request, event.commit.sha, event.project)
            for event in self._cloud.told.values()
            if isinstance(event, RunAsked) and event.preview and not event.asked_by and event.commit
        )
        for counted, what in ((commits, "previews"), (told, "wishes for previews")):
            if counted and max(counted.values()) > 1:
                self.say("previews", f"{what} of one head: {counted.most_common(1)}")

    def _nothing_foreign(self) -> None:
        for run in self._runs():
            if run.get("code_version") in STRANGERS:
                self.say("foreign", f"{run['run_id']} runs what nobody allowed")
            if str(run.get("asked_by", "")).startswith("mallory"):
                self.say("foreign", f"{run['run_id']} was asked for by a stranger")

    def _wished(self) -> None:
        for item in self._events():
            told = f"{item['event_id']} {item.get('project')}"
            wished = item["event"] == "CommandWritten" and item["outcome"] == "requested"
            if wished and not {told, item["event_id"]} & self._cloud.told.keys():
                self.say("told", f"the wish of {item['event_id']}")

    def _subscribers_decided(self) -> None:
        for told, projects in self._subscribers.items():
            for project in projects:
                if self._outcome(f"{told}.{project}") is None:
                    self.say("decided", f"{told} for {project}")


_QUIET = (
    Quiet._all_recorded,
    Quiet._newest_data,
    Quiet._executions,
    Quiet._told,
    GitHubInvariants._at_the_head,
    GitHubInvariants._nothing_left_behind,
    GitHubInvariants._run_at_the_head,
    GitHubInvariants._handled,
    GitHubInvariants._checked,
    GitHubInvariants._one_preview,
    GitHubInvariants._nothing_foreign,
    GitHubInvariants._wished,
    GitHubInvariants._subscribers_decided,
)
