"""Deployments that people ask for, in words or by moving an alias in the registry, in the proofs."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Sequence
from typing import Any
from unittest.mock import patch

from sluiceway.endpoints import start_deployment as starting
from sluiceway.endpoints.contracts import (
    DeployModelInput,
    FailDeploymentInput,
    PromoteModelInput,
    StartDeploymentInput,
    SweepRegistryInput,
)
from sluiceway.endpoints.fail_deployment import fail_deployment
from sluiceway.endpoints.promote_model import promote_model
from sluiceway.endpoints.request_deployment import Deploying, request_deployment
from sluiceway.endpoints.sweep_registry import sweep_registry
from sluiceway.errors import DeploymentFailed, LostRace
from sluiceway.gateways.executions import execution_arn
from sluiceway.gateways.table import Item
from sluiceway.models.version_tags import CHAMPION
from sluiceway.triggers.contracts import DeploymentAsked
from tests.fakes.hosting import MemoryHosting
from tests.fakes.run_world import AT, HOSTING, PREFIX, PROJECT, RUN
from tests.fakes.samples import code_pointer
from tests.proofs.cloud import SimulatedCloud
from tests.proofs.driver import Story
from tests.proofs.invariants import Invariants
from tests.proofs.services import Bus
from tests.proofs.workers import Outside
from tests.unit.endpoints.asking import MACHINE, Asking

VERSIONS = ("1", "2", "3", "4")
BAD = "4"
"""The version whose answers differ from those of its evaluation."""
_WRITES = frozenset({"create", "update", "delete", "ensure_model", "ensure_config", "start", "set_alias"})


@functools.cache
def _registered() -> Asking:
    """Four versions that were registered, and nothing that is live."""
    asking = Asking(len(VERSIONS))
    asking.world.ledger.move_code_pointer(code_pointer(project=PROJECT, moved_at=AT))
    return asking


class DeploymentInvariants(Invariants):
    """Those of wishes for deployments."""

    _cloud: DeploymentCloud

    def written(self, key: tuple[str, str], before: Item | None, after: Item) -> None:
        super().written(key, before, after)
        ended = key[0].startswith("DEPLOYMENT#") and before and before["status"] != "IN_PROGRESS"
        if ended and before and before["status"] != after["status"]:
            self.say("ended", f"{key[0]} was {before['status']} and became {after['status']}")

    def check_quiet(self) -> None:
        self._one_for_each_wish()
        self._alias()
        self.check()

    def _one_for_each_wish(self) -> None:
        decided = [each for each in self._events() if each["event"] == "DeploymentAsked"]
        started = {each["deployment_id"] for each in decided if each.get("deployment_id")}
        if started != self._cloud.deploys.keys():
            self.say("executions", f"decided {sorted(started)}, started {sorted(self._cloud.deploys)}")
        for each in decided:
            given = self._cloud.deploys.get(each.get("deployment_id", ""))
            if given and each["run_id"] != given.run_id:
                self.say("decided", f"{each['event_id']} is said to be about {each['run_id']}")
        undecided = {f"{each}.{PROJECT}" for each in self._cloud.wishes} - {e["event_id"] for e in decided}
        if undecided:
            self.say("decided", f"{undecided}")

    def _alias(self) -> None:
        live = self._cloud.ledger.endpoint(PROJECT)
        alias, served = self._cloud.registered.aliases.get((PROJECT, CHAMPION)), live and live.model_version
        if alias != served:
            self.say("alias", f"the alias is at {alias}, and {served} is live")


class DeploymentCloud(SimulatedCloud):
    """A stage that serves one project."""

    INVARIANTS = DeploymentInvariants
    ALONE = frozenset({"deploy"})

    def __init__(self) -> None:
        super().__init__()
        world = _registered().world
        dict.update(self.table.items, copy.deepcopy(world.ledger._table.items))  # type: ignore[attr-defined]
        self.stored.bodies.update(world.objects.bodies)
        self.stored.versions.update(copy.deepcopy(world.objects.versions))
        self.registered, self.hosted = copy.deepcopy(world.registry), MemoryHosting()
        self.deploys: dict[str, DeployModelInput] = {}
        self.begun: set[str] = set()
        self.wishes: list[str] = []
        self.registry = Outside(self.registered, "registry", writes=_WRITES, lists=frozenset())
        self.hosting = Outside(self.hosted, "hosting", writes=_WRITES, lists=frozenset())
        self.machines = Outside(DeployMachines(self), "executions", writes=_WRITES, lists=frozenset())
        self.events = self._outside(DeploymentBus(self), "events")

    def wish(self, **wanted: Any) -> None:
        """Somebody asks."""
        name = f"wish-{len(self.wishes)}"
        self.come(DeploymentAsked.model_validate({"event_id": name, "project": PROJECT, **wanted}))

    def come(self, asked: DeploymentAsked) -> None:
        """A wish is on the bus."""
        if asked.event_id not in self.wishes:
            self.wishes.append(asked.event_id)
        self.send("wish", asked)

    def drain(self) -> None:
        """The registry is swept in the end."""
        super().drain()
        self.send("sweep", None)
        super().drain()

    def _works(self) -> Any:
        return {"wish": self._request, "sweep": self._sweep, "deploy": self._deploy}

    def _request(self, asked: DeploymentAsked) -> None:
        request_deployment(
            asked,
            Deploying(
                ledger=self.ledger,
                registry=self.registry,
                executions=self.machines,
                deploy_model_arn=MACHINE,
                now=self.now,
            ),
        )

    def _sweep(self, _: None) -> None:
        sweep_registry(SweepRegistryInput(), ledger=self.ledger, registry=self.registry, events=self.events)

    def _deploy(self, name: str) -> None:
        """An execution that finds the endpoint taken waits for a minute."""
        try:
            self._carry_out(name)
        except LostRace:
            for message in self.pending.values():
                if message.channel == "deploy" and message.body == name:
                    message.due = self.clock + 60
            raise

    def _carry_out(self, name: str) -> None:
        """The states of `deploy_model`; what was done is not done again."""
        given = self.deploys[name]
        if name not in self.begun:
            with patch.object(starting, "before_now", lambda _: "2026-01-01T00:00:00.000Z"):
                starting.start_deployment(
                    StartDeploymentInput(deployment_id=name, **given.model_dump()),
                    ledger=self.ledger,
                    objects=self.objects,
                    registry=self.registry,
                    hosting=self.hosting,
                    settings=HOSTING,
                )
            self.begun.add(name)
        self._settle_endpoint()
        try:
            if given.model_version == BAD:
                raise DeploymentFailed("the answers differ")
            promoted = PromoteModelInput(deployment_id=name)
            promote_model(promoted, ledger=self.ledger, registry=self.registry, events=self.events)
        except DeploymentFailed as error:
            self._fail_deployment(name, given, str(error))

    def _fail_deployment(self, name: str, given: DeployModelInput, cause: str) -> None:
        told = {"run_id": given.run_id, "model_version": given.model_version, "error": "E", "cause": cause}
        failed = FailDeploymentInput.model_validate({"deployment_id": name, **told})
        fail_deployment(failed, ledger=self.ledger, hosting=self.hosting, events=self.events, prefix=PREFIX)
        self._settle_endpoint()

    def _settle_endpoint(self) -> None:
        for name, endpoint in list(self.hosted.endpoints.items()):
            if endpoint.changing:
                self.hosted.settle(name)


class DeploymentBus(Bus):
    """Wishes are delivered."""

    def publish(self, event: Any) -> None:
        super().publish(event)
        if isinstance(event, DeploymentAsked):
            self._cloud.come(event)  # type: ignore[attr-defined]


class DeployMachines:
    """Executions of `deploy_model`."""

    def __init__(self, cloud: DeploymentCloud) -> None:
        self._cloud = cloud

    def start(self, machine_arn: str, name: str, given: DeployModelInput) -> str:
        """A second start is the first one."""
        if name not in self._cloud.deploys:
            self._cloud.deploys[name] = given
            self._cloud.send("deploy", name)
        return execution_arn(machine_arn, name)


def _version(cloud: DeploymentCloud, number: int) -> None:
    cloud.wish(model_version=("1", "2", "3", "4", "9")[number % 5])


def _run(cloud: DeploymentCloud, number: int) -> None:
    cloud.wish(run_id=f"{RUN}-{number % 5 + 1}")


def _roll_back(cloud: DeploymentCloud, _: int) -> None:
    cloud.wish(rollback=True)


def _move_alias(cloud: DeploymentCloud, number: int) -> None:
    cloud.registered.set_alias(PROJECT, CHAMPION, VERSIONS[number % 3])


def _sweep(cloud: DeploymentCloud, _: int) -> None:
    cloud.send("sweep", None)


_CAUSES: Sequence[Callable[[DeploymentCloud, int], None]] = (
    _version, _version, _version, _run, _roll_back, _roll_back,
    _move_alias, _move_alias, _move_alias, _sweep, _sweep,
)  # fmt: skip
DEPLOYMENTS = Story(DeploymentCloud, _CAUSES, _CAUSES)
"""Wishes for deployments, rollbacks, and aliases that people move."""
