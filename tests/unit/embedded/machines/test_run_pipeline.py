"""A run from its plan to its end, through the three machines."""

import pytest

from sluiceway.gateways.ledger import RunRecord
from sluiceway.triggers.contracts import DeploymentFinished, ModelRegistered, RunFinished
from tests.fakes.hosting import MemoryInvocations
from tests.fakes.run_world import PROJECT, RUN, World
from tests.unit.embedded.machines.functions import Functions
from tests.unit.embedded.machines.interpreter import Machines

SECOND = f"{RUN}-2"


@pytest.fixture
def machines() -> Machines:
    """The machines over an empty world."""
    return Machines(Functions(World()))


def test_the_first_run_builds_trains_registers_and_deploys(machines: Machines) -> None:
    """In this order, and every fact is told once."""
    run = _run(machines)
    world = machines.functions.world
    assert (run.status, run.deployed, run.model_version) == ("SUCCEEDED", True, "1")
    assert machines.states("run_pipeline", RUN) == [
        "PlanRun", "ChooseImage", "BuildImage", "RunSteps", "PlanEvaluation",
        "EvaluateModels", "RegisterModel", "DecideGate", "ChooseDeployment", "DeployModel",
        "FinishRun",
    ]  # fmt: skip
    assert [type(event) for event in world.events.published] == [
        ModelRegistered, DeploymentFinished, RunFinished,
    ]  # fmt: skip
    ran = [command[-1].rpartition("/")[2] for command in machines.functions.commands]
    assert ran == ["prepare", "train", f"{run.image_tag}.json"]
    assert run.image_digest == world.images.pushed[run.image_tag or ""].digest


def test_the_second_run_builds_nothing_and_updates_the_endpoint(machines: Machines) -> None:
    """Champion and challenger share a job; the endpoint moves."""
    _run(machines)
    run = _run(machines, SECOND)
    assert (run.status, run.model_version) == ("SUCCEEDED", "2")
    assert len(machines.functions.built) == 1
    assert "BuildImage" not in machines.states("run_pipeline", SECOND)
    live = machines.functions.world.ledger.endpoint(PROJECT)
    assert live is not None
    assert (live.model_version, live.deployment_id) == ("2", SECOND)


def test_no_state_carries_much(machines: Machines) -> None:
    """URIs and ids travel, contents do not: under 32 KiB by far."""
    _run(machines)
    assert machines.largest_payload() < 4096


def test_a_rejected_model_ends_the_run_well(machines: Machines) -> None:
    """Registered, not deployed."""
    machines.functions.roc_auc = 0.5
    run = _run(machines)
    assert (run.status, run.deployed, run.reason) == ("REJECTED", False, "roc_auc 0.5 misses at least 0.6")
    assert "DeployModel" not in machines.states("run_pipeline", RUN)


def test_nan_fails_the_run(machines: Machines) -> None:
    """The reason names the metric."""
    machines.functions.roc_auc = None
    run = _run(machines, ends="FAILED")
    assert run.status == "FAILED"
    assert run.reason.startswith("metric roc_auc of the trained model is NaN")


def test_a_failing_step_fails_the_run_and_stops_there(machines: Machines) -> None:
    """With the step's name; nothing is evaluated."""
    machines.functions.training_fails = True
    run = _run(machines, ends="FAILED")
    assert run.reason.startswith("step train: Essential container in task exited; exit code 1")
    assert machines.states("run_pipeline", RUN)[-2:] == ["FailRun", "RunFailed"]


def test_a_failing_build_tells_its_log(machines: Machines) -> None:
    """Through two machines, down to pip's own words."""
    machines.functions.build_fails = True
    run = _run(machines, ends="FAILED")
    assert "no matching distribution for scikit-lern" in run.reason


def test_a_project_that_cannot_be_planned_fails_with_file_and_line(machines: Machines) -> None:
    """Before anything is built."""
    run = _run(machines, ends="FAILED", files={"sluice.yaml": b"project: flight-delay\n"})
    assert run.reason.startswith("MLproject: is missing")
    assert machines.states("run_pipeline", RUN) == ["PlanRun", "FailRun", "RunFailed"]


@pytest.mark.parametrize("answer", ['{"predictions": [0.25, 0.9]}', None])
def test_an_endpoint_that_answers_wrongly_goes_back(machines: Machines, answer: str | None) -> None:
    """The old model keeps serving, and the next good run works."""
    _run(machines)
    world = machines.functions.world
    good, world.invocations = world.invocations, MemoryInvocations(answer)
    before = world.hosting.endpoints[world.endpoint].config
    failed = _run(machines, SECOND, ends="FAILED")
    assert "the endpoint goes back to what it served before" in failed.reason
    world.hosting.settle(world.endpoint)
    assert world.hosting.endpoints[world.endpoint].config == before
    world.invocations = good
    assert _run(machines, f"{RUN}-3").model_version == "3"


def test_an_endpoint_that_never_comes_up_is_removed(machines: Machines) -> None:
    """SageMaker's reason is the run's."""
    machines.functions.endpoint_fails = "the container did not answer /ping"
    run = _run(machines, ends="FAILED")
    assert "the container did not answer /ping" in run.reason
    assert machines.functions.world.hosting.endpoints == {}


def _run(
    machines: Machines, run_id: str = RUN, *, ends: str = "SUCCEEDED", files: dict[str, bytes] | None = None
) -> RunRecord:
    world = machines.functions.world
    world.claim(run_id, **({"files": files} if files else {}))
    ended = machines.run("run_pipeline", run_id, {"run_id": run_id})
    assert ended["status"] == ends, ended
    return world.ledger.run(run_id)
