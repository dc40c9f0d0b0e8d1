"""Which models are scored, by which image."""

import pytest

from sluiceway.endpoints.promote_model import live_record
from sluiceway.errors import InvalidModel
from sluiceway.gateways.ledger import DeploymentRecord
from sluiceway.models.contracts import PlanEvaluationInput, PlanEvaluationOutput
from sluiceway.models.plan_evaluation import plan_evaluation
from sluiceway.models.version_tags import CHAMPION, IMAGE_TAG
from sluiceway.training.contracts import EvaluationJob, LoggedModel
from tests.fakes.run_world import AT, BUCKET, PROJECT, RUN, World, plan_uri


def test_the_first_model_is_scored_alone() -> None:
    """By its own image, with what its training step got."""
    world = World()
    plan = world.trained()
    (task,) = _plan(world).jobs
    job = _job(world, task.job_uri)
    assert job.holdout_uri == f"s3://{BUCKET}/runs/{RUN}/prepare/output/holdout.parquet"
    assert [candidate.role for candidate in job.candidates] == ["challenger"]
    assert task.result_uri == f"s3://{BUCKET}/runs/{RUN}/evaluation/{plan.image_tag}/result.json"
    assert (task.vcpu, task.memory) == ("1", "2048")


def test_challenger_and_champion_of_one_image_share_a_job() -> None:
    """They need the same environment."""
    world = World()
    _make_live(world, world.trained().image_tag)
    (task,) = _plan(world).jobs
    assert [candidate.role for candidate in _job(world, task.job_uri).candidates] == [
        "challenger",
        "champion",
    ]


def test_a_champion_of_another_image_has_a_job_of_its_own() -> None:
    """With that image's job definition."""
    world = World()
    world.trained()
    old = world.build("b" * 64)
    _make_live(world, old.tag)
    first, second = _plan(world).jobs
    assert second.job_definition == old.job_definition_arn != first.job_definition


def test_without_an_endpoint_the_registry_names_the_champion() -> None:
    """Projects that deploy nothing are compared, too."""
    world = World()
    tag = world.trained().image_tag
    world.registry.ensure_registered_model(PROJECT)
    made = world.registry.create_model_version(
        PROJECT, source="s3://a/old", run_id="r", model_id="m", tags={IMAGE_TAG: tag}
    )
    world.registry.set_alias(PROJECT, CHAMPION, made.version)
    candidates = _job(world, _plan(world).jobs[0].job_uri).candidates
    assert candidates[1].artifact_uri == "s3://a/old"


def test_asked_again_the_same_champion_is_scored() -> None:
    """Though another one has become live meanwhile."""
    world = World()
    tag = world.trained().image_tag
    _make_live(world, tag)
    first = _plan(world)
    _make_live(world, world.build("b" * 64).tag, replacing="old")
    assert _plan(world) == first


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"model": None}, "logged no MLflow model"),
        ({"metrics": {"loss": None, "f1": 0.5}}, "NaN or infinity as metric loss"),
        (
            {"model": LoggedModel(model_id="m", name="model", artifact_uri="s3://a/m", has_signature=False)},
            "no signature",
        ),
    ],
)
def test_a_model_that_cannot_go_on_is_refused(changed: dict[str, object], says: str) -> None:
    """The reason names what is missing and what to do."""
    world = World()
    world.trained(**changed)
    with pytest.raises(InvalidModel, match=says):
        _plan(world)


def test_missing_held_out_rows_are_refused() -> None:
    """The reason names what the step did write."""
    world = World()
    plan = world.trained()
    key = f"runs/{RUN}/prepare/result.json"
    world.objects.put(
        BUCKET, key, world.objects.get(BUCKET, key).replace(b"holdout.parquet", b"other.parquet")
    )
    with pytest.raises(InvalidModel, match=r"other\.parquet"):
        _plan(world)
    assert plan.config.evaluate.holdout == "prepare/holdout.parquet"


def _plan(world: World) -> PlanEvaluationOutput:
    given = PlanEvaluationInput(run_id=RUN, plan_uri=plan_uri())
    return plan_evaluation(given, ledger=world.ledger, objects=world.objects, registry=world.registry)


def _job(world: World, uri: str) -> EvaluationJob:
    return EvaluationJob.model_validate_json(world.objects.get(BUCKET, uri.removeprefix(f"s3://{BUCKET}/")))


def _make_live(world: World, tag: str, *, replacing: str | None = None) -> None:
    deployment = DeploymentRecord(
        deployment_id="old" if replacing is None else "new",
        project=PROJECT,
        run_id="r",
        endpoint="e",
        model_version="1",
        image_tag=tag,
        artifact_uri="s3://a/old",
        owner="old",
        started_at=AT,
    )
    world.ledger.move_endpoint(live_record(deployment), replacing=replacing)
