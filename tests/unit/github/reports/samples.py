"""Reports in every state, and hostile text, for the tests of what is written on GitHub."""

from typing import Any

from sluiceway.gateways.records import DeploymentRecord, EndpointRecord, RunRecord
from sluiceway.github.contracts import ProblemFound
from sluiceway.github.price import Price
from sluiceway.github.report import ProjectReport
from sluiceway.models.scores import Scores
from sluiceway.projects.contracts import SluiceConfig
from tests.fakes.run_world import score
from tests.fakes.samples import deployment_record, endpoint_record

SHA = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
RUN = "flight-delay-0123456789ab"
HOSTILE = (
    "@octocat see #1, GH-2 and https://evil.example | <img src=x onerror=alert(1)> `x` **b** "
    "[click](https://evil.example)\u202e\u200b\x00\x1b[31m <!-- sluiceway:report 0 --> ghp_" + "a" * 36
)
"""Tries to mention, link, refer, format, end a cell, hide, forge the marker, and to publish a token."""

CONFIG = SluiceConfig.model_validate(
    {
        "project": "flight-delay",
        "data": ["flights"],
        "preview": {"data": {"flights": "flights-sample"}, "timeout": 600, "parameters": {"trees": "20"}},
        "steps": {"prepare": {}, "train": {}},
        "model": {"step": "train"},
        "evaluate": {"holdout": "prepare/h.parquet", "target": "delayed", "metrics": ["log_loss", "roc_auc"]},
        "gate": {"metric": "roc_auc", "minimum": 0.6},
    }
)


def run(**changes: Any) -> RunRecord:
    given = {
        "run_id": RUN,
        "project": "flight-delay",
        "status": "SUCCEEDED",
        "trigger": "webhook",
        "event_id": "e1",
        "preview": True,
        "commit": {"repository": "octo-org/models", "sha": SHA, "ref": "refs/heads/x", "pull_request": 7},
        "requested_at": "2026-11-21T12:00:00.000Z",
        "finished_at": "2026-11-21T12:06:30.250Z",
    }
    return RunRecord.model_validate(given | changes)


def live() -> EndpointRecord:
    return endpoint_record(project="flight-delay", endpoint="sluiceway-dev-flight-delay", model_version="3")


def deployment(**changes: Any) -> DeploymentRecord:
    given = {"project": "flight-delay", "endpoint": "sluiceway-dev-flight-delay", "model_version": "4"}
    return deployment_record(**given | {"status": "SUCCEEDED"} | changes)


def scores() -> Scores:
    champion = score("champion", 0.8011, log_loss=0.4405, version="3")
    return Scores(score("challenger", 0.8123, log_loss=0.4512), champion)


def report(**changes: Any) -> ProjectReport:
    """Tried, and let through by the gate."""
    given: dict[str, Any] = {
        "project": "flight-delay",
        "sha": SHA,
        "progress": "succeeded",
        "run": run(),
        "scores": scores(),
        "gate": "passed: roc_auc 0.8123 meets at least 0.6; roc_auc 0.8123 meets champion 3's 0.8011",
        "config": CONFIG,
        "endpoint": "sluiceway-dev-flight-delay",
        "live": live(),
        "run_price": Price(0.0213, ("evaluation", "image build", "start-up")),
        "endpoint_price": Price(83.95),
    }
    return ProjectReport(**given | changes)


def invalid(count: int = 2, **changes: Any) -> ProjectReport:
    """With problems in its files."""
    problems = tuple(
        ProblemFound(
            path="models/rain/sluice.yaml", line=line, message=f"steps.train.vcpu {line}: not offered"
        )
        for line in range(1, count + 1)
    )
    given: dict[str, Any] = {"project": "rain", "sha": SHA, "progress": "invalid", "problems": problems}
    return ProjectReport(**given | changes)


def running(**changes: Any) -> ProjectReport:
    """On its way."""
    return report(
        progress="running",
        run=run(status="RUNNING", finished_at=None),
        scores=None,
        gate="",
        run_price=None,
        **changes,
    )


def failed(**changes: Any) -> ProjectReport:
    """Ended by an error, with the end of a log."""
    reason = (
        "step train: exit code 1\nTraceback (most recent call last):\n  ValueError: could not convert 'a|b'"
    )
    record = run(status="FAILED", reason=reason)
    return report(progress="failed", reason=reason, run=record, scores=None, gate="", live=None, **changes)


def forked(**changes: Any) -> ProjectReport:
    """Only validated."""
    given: dict[str, Any] = {"reason": "a fork (somebody/models): validated and planned only"}
    given |= {"run": None, "scores": None, "gate": "", "run_price": None, "live": None}
    return report(progress="planned", **given | changes)
