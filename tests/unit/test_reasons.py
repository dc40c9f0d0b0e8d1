"""How long a reason may be."""

from sluiceway.endpoints.contracts import FailDeploymentOutput
from sluiceway.reasons import LONGEST, shortened
from sluiceway.triggers.contracts import RunFinished

LONG = "what failed\n" + "é" * 3 * LONGEST + "\nwhat was said last"


def test_a_long_reason_keeps_its_beginning_and_its_end() -> None:
    """And says how much is missing; a short one stays as it is."""
    cut = shortened(LONG)
    assert len(cut) <= LONGEST
    assert cut.startswith("what failed\n")
    assert cut.endswith("\nwhat was said last")
    assert f"[… {len(LONG) - LONGEST} characters left out …]" in cut
    assert shortened("x" * LONGEST) == "x" * LONGEST


def test_a_contract_cuts_the_reason_that_it_is_given() -> None:
    """So that it fits into the cause of a Fail state, an item of the ledger, and an event."""
    failed = FailDeploymentOutput(deployment_id="d", error="DeploymentFailed", reason=LONG)
    told = RunFinished(
        event_id="r.finished", run_id="r", project="flights", status="FAILED", reason=LONG,
        model_version=None, deployed=False,
    )  # fmt: skip
    assert failed.reason == told.reason == shortened(LONG)
