"""What the gate decides is written down."""

from sluiceway.models.contracts import DecideGateInput, DecideGateOutput
from sluiceway.models.decide_gate import decide_gate
from sluiceway.models.version_tags import CHAMPION, GATE, GATE_REASON
from sluiceway.names import run_key
from sluiceway.training.contracts import RunPlan
from tests.fakes.run_world import BUCKET, PROJECT, RUN, World, plan_uri, result_of, score


def test_a_passed_gate_asks_for_a_deployment() -> None:
    """Ledger and version say why."""
    world = World()
    decided = _decide(world, world.registered(), 0.7)
    assert (decided.passed, decided.deploy) == (True, True)
    tags = world.registry.get_model_version(PROJECT, "1").tags
    assert (tags[GATE], tags[GATE_REASON]) == ("passed", decided.reason)
    assert world.ledger.run(RUN).gate == f"passed: {decided.reason}"


def test_a_rejected_model_is_not_deployed() -> None:
    """The reason names the bound that it misses."""
    world = World()
    decided = _decide(world, world.registered(), 0.5)
    assert (decided.passed, decided.deploy) == (False, False)
    assert decided.reason == "roc_auc 0.5 misses at least 0.6"


def test_without_an_endpoint_the_model_that_passes_is_champion() -> None:
    """So that the next one has something to beat."""
    world = World()
    version = world.registered()
    key = run_key(RUN, "plan.json")
    plan = RunPlan.model_validate_json(world.objects.get(BUCKET, key))
    config = plan.config.model_copy(update={"deploy": None})
    world.write(key, plan.model_copy(update={"config": config}))
    assert _decide(world, version, 0.7).deploy is False
    assert world.registry.aliases[PROJECT, CHAMPION] == version


def _decide(world: World, version: str, roc_auc: float) -> DecideGateOutput:
    world.write("result.json", result_of(score("challenger", roc_auc)))
    uris = (f"s3://{BUCKET}/result.json",)
    given = DecideGateInput(run_id=RUN, plan_uri=plan_uri(), model_version=version, result_uris=uris)
    return decide_gate(given, ledger=world.ledger, objects=world.objects, registry=world.registry)
