"""Handlers of wishes: what EventBridge and the schedule send goes in."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lambdas.endpoints import request_deployment, sweep_registry
from lambdas.triggers import request_runs
from sluiceway.endpoints.request_deployment import Deploying
from sluiceway.models.version_tags import CHAMPION
from sluiceway.triggers.request_runs import Requesting
from tests.fakes.lambda_context import CONTEXT
from tests.fakes.run_world import AT, PROJECT
from tests.fakes.samples import code_pointer
from tests.fakes.world import MACHINE, World
from tests.unit.endpoints.asking import MACHINE as DEPLOY_MODEL
from tests.unit.endpoints.asking import Asking

ASKED = json.loads((Path(__file__).parents[2] / "events" / "run_asked.json").read_text())


@pytest.fixture
def asking(monkeypatch: pytest.MonkeyPatch) -> Asking:
    """Three registered versions behind the handlers."""
    asking = Asking()
    world = asking.world
    deploying = Deploying(
        ledger=world.ledger,
        registry=world.registry,
        executions=asking.executions,
        deploy_model_arn=DEPLOY_MODEL,
    )
    names = SimpleNamespace(ledger_table="t", mlflow_tracking_uri="u", event_bus="b")
    monkeypatch.setattr(request_deployment, "_deploying", lambda: deploying)
    monkeypatch.setattr(sweep_registry, "environment", lambda _: names)
    monkeypatch.setattr(sweep_registry, "ledger", lambda _: world.ledger)
    monkeypatch.setattr(sweep_registry, "registry", lambda _: world.registry)
    monkeypatch.setattr(sweep_registry, "events", lambda _: world.events)
    return asking


def test_a_deployment_is_requested_from_an_event_of_the_bus(asking: Asking) -> None:
    """Delivered twice, it is one; what cannot be read is answered, not raised."""
    event = ASKED | {"detail-type": "DeploymentAsked", "detail": {"project": PROJECT, "model_version": "2"}}
    first, again = (request_deployment.handler(event, CONTEXT) for _ in range(2))
    assert first == again
    assert [each["outcome"] for each in first] == ["requested"]
    assert list(asking.executions.started) == [first[0]["deployment_id"]]
    (refused,) = request_deployment.handler(
        event | {"id": "2", "detail": {"project": PROJECT, "model_version": 2}}, CONTEXT
    )
    assert refused["outcome"] == "refused"


@pytest.mark.parametrize(
    "event", [{}, {"detail-type": "RegistryChanged", "detail": {"event_id": "e", "project": PROJECT}}]
)
def test_the_registry_is_swept_by_schedule_and_by_event(asking: Asking, event: dict[str, Any]) -> None:
    """All of it, or one project."""
    asking.world.ledger.move_code_pointer(code_pointer(project=PROJECT, moved_at=AT))
    asking.world.registry.set_alias(PROJECT, CHAMPION, "3")
    assert sweep_registry.handler(event, CONTEXT) == {"looked_at": 1, "asked": [PROJECT]}


def test_a_wish_of_another_account_is_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    """A project that nobody knows is refused, and a detail that is none as well."""
    world = World()
    on = Requesting(
        ledger=world.ledger, events=world.events, executions=world.executions, run_pipeline_arn=MACHINE
    )
    monkeypatch.setattr(request_runs, "_requesting", lambda: on)
    (unknown,) = request_runs.handler(ASKED, CONTEXT)
    (unreadable,) = request_runs.handler(ASKED | {"id": "2", "detail": {"projekt": "x"}}, CONTEXT)
    assert "there is no such code of the project 'flight-delay'" in unknown["reason"]
    assert "projekt: Extra inputs are not permitted" in unreadable["reason"]
    assert {event.event_id for event in world.ledger.events()} == {
        unknown["event_id"],
        unreadable["event_id"],
    }
