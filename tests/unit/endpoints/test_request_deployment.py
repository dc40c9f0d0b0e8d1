"""Deployments start once for each wish, and a wish that cannot be fulfilled says why."""

import pytest

from sluiceway.endpoints.contracts import DeployModelInput
from sluiceway.errors import ServiceUnavailable
from sluiceway.gateways.records import CodePointer
from sluiceway.models.version_tags import CHAMPION
from tests.fakes.run_world import AT, PROJECT, RUN, VERSION
from tests.unit.endpoints.asking import Asking


def test_a_version_is_deployed_under_an_id_of_its_own() -> None:
    """Not under its run's: the same version may be deployed again."""
    asking = Asking()
    record = asking.ask(model_version="2")
    assert (record.outcome, record.run_id) == ("requested", f"{RUN}-2")
    assert asking.executions.started == {
        record.deployment_id: DeployModelInput(run_id=f"{RUN}-2", model_version="2")
    }
    asking.carry_out(record)
    assert asking.live == "2"
    assert asking.world.ledger.run(f"{RUN}-2").deployed


def test_what_is_live_or_on_its_way_is_not_deployed_again() -> None:
    """Recorded as unchanged."""
    asking = Asking()
    first = asking.ask(model_version="1")
    asking.begin(first.deployment_id)
    assert asking.ask(model_version="1").outcome == "unchanged"
    asking.world.hosting.settle(asking.world.endpoint)
    asking.carry_out(first)
    assert asking.ask(model_version="1").reason == "version 1 is live"
    assert len(asking.executions.started) == 1


def test_what_is_live_is_deployed_again_when_something_else_is_on_its_way() -> None:
    """In a minute it is not live any more."""
    asking = Asking()
    asking.go_live(model_version="1")
    asking.begin(asking.ask(model_version="2").deployment_id)
    assert asking.ask(model_version="1").outcome == "requested"


def test_a_wish_delivered_five_times_is_one_deployment() -> None:
    """Also after its version has gone live, and gone again."""
    asking = Asking()
    wish = asking.wish(model_version="1")
    first = asking.deliver(wish)
    asking.carry_out(first)
    asking.go_live(model_version="2")
    assert {asking.deliver(wish).deployment_id for _ in range(5)} == {first.deployment_id}
    assert len(asking.executions.started) == 2


def test_a_start_whose_answer_was_lost_is_one_deployment() -> None:
    """The verdict stands, though the version is live when the event comes again."""
    asking = Asking()
    wish = asking.wish(model_version="1")
    asking.executions.lose_answers = 1
    with pytest.raises(ServiceUnavailable):
        asking.deliver(wish)
    (deployment_id,) = asking.executions.started
    asking.begin(deployment_id)
    record = asking.deliver(wish)
    assert (record.outcome, record.deployment_id) == ("requested", deployment_id)
    assert list(asking.executions.started) == [deployment_id]


def test_rolling_back_goes_further_back_each_time() -> None:
    """To what was live before, and not to and fro; the registry's alias follows."""
    asking = Asking()
    for version in ("1", "2", "3"):
        asking.go_live(model_version=version)
    assert [asking.go_live(rollback=True), asking.go_live(rollback=True)] == ["2", "1"]
    assert asking.world.registry.aliases[PROJECT, CHAMPION] == "1"
    assert asking.ask(rollback=True).reason == f"nothing was live before version 1 of {PROJECT}"
    assert asking.go_live(model_version="3") == "3"
    assert asking.go_live(rollback=True) == "1"


def test_a_run_is_approved_by_its_id() -> None:
    """What it registered goes live."""
    assert Asking().go_live(run_id=f"{RUN}-1") == "1"


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ({"model_version": "9"}, "has no model version 9: `sluice models flight-delay` lists them"),
        ({"run_id": "else-000000000000"}, "has no run else-000000000000"),
        ({"rollback": True}, "has no endpoint that could go back"),
        ({}, "name one of model_version, run_id and rollback"),
        ({"model_version": "1", "rollback": True}, "name one of"),
    ],
)
def test_a_wish_that_nothing_answers_to_is_refused(wanted: dict[str, object], reason: str) -> None:
    """With what to do instead."""
    asking = Asking()
    record = asking.ask(**wanted)
    assert record.outcome == "refused"
    assert reason in record.reason
    assert asking.executions.started == {}


def test_a_version_of_somebody_else_is_refused() -> None:
    """There is no image that could serve it."""
    asking = Asking()
    asking.world.registry.create_model_version(PROJECT, source="s3://x", run_id="r", model_id="m", tags={})
    assert "registered by no run of this stage" in asking.ask(model_version="4").reason


def test_a_run_that_the_gate_rejected_cannot_be_approved() -> None:
    """But its version can be deployed by whoever means it."""
    asking = Asking(1)
    ledger = asking.world.ledger
    ledger.claim_run(ledger.run(f"{RUN}-1").model_copy(update={"run_id": "r9", "gate": "rejected: 0.5"}))
    assert "`sluice deploy flight-delay 1`" in asking.ask(run_id="r9").reason
    ledger.claim_run(ledger.run("r9").model_copy(update={"run_id": "r8", "model_version": None}))
    assert "registered no model" in asking.ask(run_id="r8").reason
    ledger.claim_run(ledger.run("r9").model_copy(update={"run_id": "r7", "status": "RUNNING"}))
    assert "approve it when it has ended" in asking.ask(run_id="r7").reason


def test_a_project_without_an_endpoint_is_refused() -> None:
    """`deploy: null` of the code that made the model."""
    asking = Asking(1)
    asking.world.ledger.move_code_pointer(
        CodePointer(
            project=PROJECT, code_version=VERSION, uri="s3://a/k", order="1", event_id="e", trigger="upload",
            datasets=("flights",), config='{"deploy": null}', moved_at=AT,
        )
    )  # fmt: skip
    assert "is served by no endpoint" in asking.ask(model_version="1").reason
