"""A deployment is verified by a real invocation."""

import pytest

from sluiceway.endpoints.contracts import VerifyDeploymentInput, VerifyDeploymentOutput
from sluiceway.endpoints.verify_deployment import verify_deployment
from sluiceway.errors import DeploymentFailed
from tests.fakes.hosting import MemoryInvocations
from tests.fakes.run_world import BUCKET, RUN, World


def test_the_sample_of_the_evaluation_is_sent_and_compared() -> None:
    """To the endpoint of the deployment."""
    world = _started()
    assert _verify(world).compared == 2
    assert world.invocations.asked == [(world.endpoint, '{"dataframe_split": {}}')]


@pytest.mark.parametrize("answer", ['{"predictions": [0.25, null]}', '{"predictions": [0.25, 0.9]}', None])
def test_another_answer_fails_the_deployment(answer: str | None) -> None:
    """NaN, a wrong value, an error."""
    world = _started()
    world.invocations = MemoryInvocations(answer)
    with pytest.raises(DeploymentFailed):
        _verify(world)


def _started() -> World:
    world = World()
    world.start(RUN, world.registered())
    return world


def _verify(world: World) -> VerifyDeploymentOutput:
    return verify_deployment(
        VerifyDeploymentInput(deployment_id=RUN),
        ledger=world.ledger,
        objects=world.objects,
        invocations=world.invocations,
        artifacts_bucket=BUCKET,
    )
