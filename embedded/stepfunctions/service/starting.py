"""StartExecution: which configuration an ARN stands for, and once for each name.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
"""

import random
import threading
import uuid
from dataclasses import dataclass
from typing import Any

from embedded.stepfunctions.engine import Engine
from embedded.stepfunctions.model import RUNNING, Execution
from embedded.stepfunctions.service import arns, errors, names
from embedded.stepfunctions.service.machines import Machines
from embedded.stepfunctions.service.records import Alias, Configuration, Machine
from embedded.stepfunctions.sqlite_store import SqliteStore

Params = dict[str, Any]

KEPT_SECONDS = 90 * 86_400.0
"""How long executions are kept, and their names are taken."""


@dataclass(frozen=True)
class _Target:
    """What an execution will run."""

    machine: Machine
    configuration: Configuration
    updated: float
    revision: str | None
    version_arn: str | None = None
    alias_arn: str | None = None


class Starting:
    """Starts executions."""

    def __init__(self, machines: Machines, store: SqliteStore, engine: Engine) -> None:
        self._machines = machines
        self._store = store
        self._engine = engine
        self._lock = threading.Lock()
        self._random = random.Random()  # noqa: S311 - it shares out executions, no secrets

    def start(self, params: Params) -> Params:
        """StartExecution: the same name and input, while it runs, is the same execution."""
        target = self._target(params["stateMachineArn"])
        name = names.check_name(params.get("name") or str(uuid.uuid4()))
        given = names.check_json(params.get("input", "{}"))
        arn = arns.execution_arn(target.machine.arn, name)
        with self._lock:
            known = self._known(arn)
            execution = known or self._made(arn, name, target, given=given)
            if known is None:
                execution.trace_header = params.get("traceHeader")
                self._engine.start(execution)
            elif known.status != RUNNING or known.input != given:
                raise errors.execution_exists(arn)
        return {"executionArn": arn, "startDate": execution.started}

    def _known(self, arn: str) -> Execution | None:
        known = self._store.execution(arn)
        if known and known.stopped and known.stopped < self._engine.clock.now() - KEPT_SECONDS:
            self._store.forget(stopped_before=self._engine.clock.now() - KEPT_SECONDS)
            return None
        return known

    def _target(self, arn: str) -> _Target:
        reference = arns.machine(arn)
        machine = self._machines.active(reference.machine_arn, named=arn)
        if reference.alias:
            alias = self._machines.catalog.aliases.find(arn)
            return self._version(machine, self._routed(alias, arn), named=arn, alias_arn=arn)
        if reference.version is not None:
            return self._version(machine, arn, named=arn)
        return _Target(machine, machine.configuration, machine.updated, machine.revision)

    def _routed(self, alias: Alias | None, arn: str) -> str:
        if alias is None:
            raise errors.no_machine(arn)
        weights = [route.weight for route in alias.routes]
        return self._random.choices(alias.routes, weights)[0].version_arn

    def _version(self, machine: Machine, arn: str, *, named: str, alias_arn: str | None = None) -> _Target:
        version = self._machines.catalog.versions.find(arn)
        if version is None:
            raise errors.no_machine(named)
        return _Target(
            machine,
            version.configuration,
            version.created,
            version.revision,
            version_arn=arn,
            alias_arn=alias_arn,
        )

    def _made(self, arn: str, name: str, target: _Target, *, given: str) -> Execution:
        kept = target.configuration
        return Execution(
            arn=arn,
            name=name,
            machine_arn=target.machine.arn,
            machine_name=target.machine.name,
            role_arn=kept.role_arn,
            definition=kept.definition,
            input=given,
            started=self._engine.clock.now(),
            version_arn=target.version_arn,
            alias_arn=target.alias_arn,
            attributes={
                "logging": kept.logging,
                "tracing": kept.tracing,
                "updated": target.updated,
                "revision": target.revision,
            },
        )
