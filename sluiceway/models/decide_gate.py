"""Decides whether a registered model may go on, and writes down why."""

from sluiceway.gateways.ledger import Ledger, RunFacts
from sluiceway.gateways.objects import Objects, read_contract
from sluiceway.gateways.registry import Registry
from sluiceway.models.contracts import DecideGateInput, DecideGateOutput
from sluiceway.models.gate import Decision, decide
from sluiceway.models.scores import read_scores
from sluiceway.models.version_tags import CHAMPION, GATE, GATE_REASON
from sluiceway.training.contracts import RunPlan


def decide_gate(
    given: DecideGateInput, *, ledger: Ledger, objects: Objects, registry: Registry
) -> DecideGateOutput:
    """Apply the project's gate. A model that passes without wanting an endpoint becomes champion here."""
    plan = read_contract(objects, given.plan_uri, RunPlan)
    if not plan.whole:
        return _not_judged(plan)
    decision = decide(plan.config.gate, read_scores(objects, given.result_uris))
    ledger.note_run(plan.run_id, RunFacts(gate=f"{_verdict(decision)}: {decision.reason}"))
    if given.model_version is None:
        reason = f"{decision.reason}; a preview: nothing was registered"
        return DecideGateOutput(passed=decision.passed, deploy=False, reason=reason)
    tags = {GATE: _verdict(decision), GATE_REASON: decision.reason}
    registry.set_version_tags(plan.project, given.model_version, tags)
    if decision.passed and plan.config.deploy is None:
        _crown(plan.project, given.model_version, ledger, registry)
    return _registered(plan, decision)


def _not_judged(plan: RunPlan) -> DecideGateOutput:
    ran = ", ".join(step.name for step in plan.steps)
    reason = f"only the steps that were asked for, and what they need, ran: {ran}; nothing was evaluated"
    return DecideGateOutput(passed=True, deploy=False, reason=reason)


def _verdict(decision: Decision) -> str:
    return "passed" if decision.passed else "rejected"


def _crown(project: str, version: str, ledger: Ledger, registry: Registry) -> None:
    """The ledger remembers that the platform moved the alias, and nobody else."""
    registry.set_alias(project, CHAMPION, version)
    ledger.note_champion(project, version)


def _registered(plan: RunPlan, decision: Decision) -> DecideGateOutput:
    deploy = decision.passed and plan.config.deploy is not None
    if deploy and plan.config.gate.approval:
        reason = f"{decision.reason}; waits for approval: `sluice approve {plan.run_id}` deploys it"
        return DecideGateOutput(passed=True, deploy=False, reason=reason)
    return DecideGateOutput(passed=decision.passed, deploy=deploy, reason=decision.reason)
