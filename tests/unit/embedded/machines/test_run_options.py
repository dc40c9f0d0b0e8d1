"""Runs that go only a part of the way: chosen steps, previews, models that wait for approval."""

import pytest

from sluiceway.gateways.ledger import RunRecord
from tests.fakes.run_world import FILES, PROJECT, RUN, World
from tests.unit.embedded.machines.functions import Functions
from tests.unit.embedded.machines.interpreter import Machines

PREVIEW = FILES["sluice.yaml"] + b"preview: {data: {flights: few-flights}}\n"
APPROVAL = FILES["sluice.yaml"].replace(b"minimum: 0.6", b"minimum: 0.6, approval: true")


@pytest.fixture
def machines() -> Machines:
    """The machines over an empty world."""
    return Machines(Functions(World()))


def test_chosen_steps_run_and_nothing_is_judged(machines: Machines) -> None:
    """The run ends well, and says why it ends there."""
    run = _run(machines, steps=("prepare",))
    assert (run.status, run.model_version, run.deployed) == ("SUCCEEDED", None, False)
    assert "only the steps that were asked for, and what they need, ran: prepare" in run.reason
    assert [command[-1] for command in machines.functions.commands] == ["prepare"]
    assert machines.functions.world.registry.versions == {}


def test_a_preview_is_judged_and_leaves_nothing_behind(machines: Machines) -> None:
    """No version, no alias, no endpoint; its verdict and its scores stand."""
    run = _run(machines, files=FILES | {"sluice.yaml": PREVIEW}, preview=True, data={"few-flights": "e" * 64})
    world = machines.functions.world
    assert (run.status, run.model_version, run.deployed) == ("SUCCEEDED", None, False)
    assert run.gate is not None
    assert run.gate.startswith("passed: roc_auc 0.7")
    assert run.reason.endswith("a preview: nothing was registered")
    assert (world.registry.versions, world.registry.aliases, world.hosting.endpoints) == ({}, {}, {})
    assert "DeployModel" not in machines.states("run_pipeline", run.run_id)


def test_a_preview_is_compared_with_the_champion(machines: Machines) -> None:
    """And the gate's no is its end."""
    _run(machines)
    machines.functions.roc_auc = 0.5
    run = _run(machines, f"{RUN}-2", preview=True)
    assert (run.status, run.model_version) == ("REJECTED", None)
    assert list(machines.functions.world.registry.versions) == [PROJECT]


def test_a_model_that_needs_approval_is_registered_and_waits(machines: Machines) -> None:
    """The reason names the command."""
    run = _run(machines, files=FILES | {"sluice.yaml": APPROVAL})
    assert (run.status, run.model_version, run.deployed) == ("SUCCEEDED", "1", False)
    assert f"waits for approval: `sluice approve {RUN}`" in run.reason
    assert machines.functions.world.hosting.endpoints == {}


def _run(
    machines: Machines,
    run_id: str = RUN,
    *,
    files: dict[str, bytes] = FILES,
    data: dict[str, str] | None = None,
    **asked: object,
) -> RunRecord:
    world = machines.functions.world
    world.claim(run_id, files=files, **asked, **({"dataset_versions": data} if data else {}))
    ended = machines.run("run_pipeline", run_id, {"run_id": run_id})
    assert ended["status"] == "SUCCEEDED", ended
    return world.ledger.run(run_id)
