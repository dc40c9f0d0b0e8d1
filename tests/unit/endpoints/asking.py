"""Wishes for deployments, and what becomes of them, in memory."""

from itertools import count

from sluiceway.endpoints.contracts import (
    DeployModelInput,
    StartDeploymentInput,
    SweepRegistryInput,
    SweepRegistryOutput,
)
from sluiceway.endpoints.request_deployment import Deploying, request_deployment
from sluiceway.endpoints.start_deployment import start_deployment
from sluiceway.endpoints.sweep_registry import sweep_registry
from sluiceway.gateways.ledger import EventRecord
from sluiceway.gateways.records import RunFacts
from sluiceway.triggers.contracts import DeploymentAsked
from tests.fakes.executions import MemoryExecutions
from tests.fakes.run_world import AT, PROJECT, RUN, World
from tests.unit.endpoints.deploying import promote

MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:deploy_model"


class Asking:
    """A world in which several versions were registered, and people who ask."""

    def __init__(self, versions: int = 3) -> None:
        self.world, self.executions = World(), MemoryExecutions()
        self.runs = {str(number): f"{RUN}-{number}" for number in range(1, versions + 1)}
        for run_id in self.runs.values():
            self.world.registered(run_id)
            self.world.ledger.note_run(run_id, RunFacts(gate="passed: roc_auc 0.7"))
            self.world.ledger.finish_run(run_id, "SUCCEEDED", reason="r", owner="finish_run", at=AT)
        self._ids = count(1)

    def wish(self, **wanted: object) -> DeploymentAsked:
        """A wish under an id of its own."""
        return DeploymentAsked.model_validate(
            {"event_id": f"e{next(self._ids)}", "project": PROJECT, **wanted}
        )

    def deliver(self, asked: DeploymentAsked) -> EventRecord:
        """One delivery of a wish."""
        on = Deploying(
            ledger=self.world.ledger,
            registry=self.world.registry,
            executions=self.executions,
            deploy_model_arn=MACHINE,
            now=lambda: AT,
        )
        (record,) = request_deployment(asked, on)
        return record

    def ask(self, **wanted: object) -> EventRecord:
        """A wish, delivered once."""
        return self.deliver(self.wish(**wanted))

    def begin(self, deployment_id: str | None) -> str:
        """The machine's first state."""
        assert deployment_id is not None
        given = self.executions.started[deployment_id]
        assert isinstance(given, DeployModelInput)
        start_deployment(
            StartDeploymentInput(deployment_id=deployment_id, **given.model_dump()),
            ledger=self.world.ledger,
            objects=self.world.objects,
            registry=self.world.registry,
            hosting=self.world.hosting,
            settings=self.world.hosting_settings,
        )
        return deployment_id

    def go_live(self, **wanted: object) -> str:
        """A wish that is fulfilled; the version that is live then."""
        self.carry_out(self.ask(**wanted))
        return self.live

    def carry_out(self, record: EventRecord) -> None:
        """All that the machine does."""
        deployment_id = self.begin(record.deployment_id)
        self.world.hosting.settle(self.world.endpoint)
        promote(self.world, deployment_id)

    @property
    def live(self) -> str:
        """The version that is live by the ledger."""
        found = self.world.ledger.endpoint(PROJECT)
        assert found is not None
        return found.model_version

    def sweep(self, project: str | None = None) -> SweepRegistryOutput:
        """Look once whether somebody moved the alias."""
        return sweep_registry(
            SweepRegistryInput(project=project),
            ledger=self.world.ledger,
            registry=self.world.registry,
            events=self.world.events,
        )

    def wishes(self) -> list[DeploymentAsked]:
        """What sweeps have asked for."""
        return [event for event in self.world.events.published if isinstance(event, DeploymentAsked)]
