"""Decides whether a registered model may go on, and writes down why."""

from sluiceway.gateways.ledger import Ledger, RunFacts
from sluiceway.gateways.objects import Objects, read_contract
from sluiceway.gateways.registry import Registry
from sluiceway.models.contracts import DecideGateInput, DecideGateOutput
from sluiceway.models.gate import decide
from sluiceway.models.scores import read_scores
from sluiceway.models.version_tags import CHAMPION, GATE, GATE_REASON
from sluiceway.training.contracts import RunPlan


def decide_gate(
    given: DecideGateInput, *, ledger: Ledger, objects: Objects, registry: Registry
) -> DecideGateOutput:
    """Apply the project's gate. A model that passes without wanting an endpoint becomes champion here."""
    plan = read_contract(objects, given.plan_uri, RunPlan)
    decision = decide(plan.config.gate, read_scores(objects, given.result_uris))
    verdict = "passed" if decision.passed else "rejected"
    ledger.note_run(plan.run_id, RunFacts(gate=f"{verdict}: {decision.reason}"))
    tags = {GATE: verdict, GATE_REASON: decision.reason}
    registry.set_version_tags(plan.project, given.model_version, tags)
    if decision.passed and plan.config.deploy is None:
        registry.set_alias(plan.project, CHAMPION, given.model_version)
    deploy = decision.passed and plan.config.deploy is not None
    return DecideGateOutput(passed=decision.passed, deploy=deploy, reason=decision.reason)
