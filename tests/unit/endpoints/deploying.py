"""Deployments in memory, brought as far as a test needs them."""

from sluiceway.endpoints.check_deployment import check_deployment
from sluiceway.endpoints.contracts import (
    CheckDeploymentInput,
    CheckDeploymentOutput,
    FailDeploymentInput,
    FailDeploymentOutput,
    PromoteModelInput,
    PromoteModelOutput,
)
from sluiceway.endpoints.fail_deployment import fail_deployment
from sluiceway.endpoints.promote_model import promote_model
from sluiceway.triggers.contracts import DeploymentFinished
from tests.fakes.run_world import PREFIX, RUN, World

SECOND = f"{RUN}-2"


def live_world() -> World:
    """A world in which version 1 is live."""
    world = World()
    world.start(RUN, world.registered())
    world.hosting.settle(world.endpoint)
    promote(world, RUN)
    return world


def check(world: World, deployment_id: str) -> CheckDeploymentOutput:
    """How far it is."""
    given = CheckDeploymentInput(deployment_id=deployment_id)
    return check_deployment(given, ledger=world.ledger, hosting=world.hosting)


def promote(world: World, deployment_id: str) -> PromoteModelOutput:
    """Make it live."""
    given = PromoteModelInput(deployment_id=deployment_id)
    return promote_model(given, ledger=world.ledger, registry=world.registry, events=world.events)


def fail(world: World, deployment_id: str, version: str = "2") -> FailDeploymentOutput:
    """End it badly."""
    given = FailDeploymentInput(
        deployment_id=deployment_id,
        run_id=deployment_id,
        model_version=version,
        error="DeploymentFailed",
        cause="the answers differ",
    )
    return fail_deployment(
        given, ledger=world.ledger, hosting=world.hosting, events=world.events, prefix=PREFIX
    )


def finished(world: World) -> list[tuple[str, str]]:
    """Deployment and status of everything that was told."""
    return [
        (event.deployment_id, event.status)
        for event in world.events.published
        if isinstance(event, DeploymentFinished)
    ]
