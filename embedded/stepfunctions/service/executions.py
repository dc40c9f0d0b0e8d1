"""Executions: describe, list, stop, redrive, and what machine they run."""

import threading
from typing import Any

from embedded.api_error import ApiError
from embedded.stepfunctions.engine import Engine
from embedded.stepfunctions.model import Execution
from embedded.stepfunctions.service import arns, errors, listing, redriving
from embedded.stepfunctions.service.configuration import NO_LOGGING, NO_TRACING
from embedded.stepfunctions.service.machines import Machines, configured
from embedded.stepfunctions.service.records import Configuration, Redrives
from embedded.stepfunctions.sqlite_store import SqliteStore

Params = dict[str, Any]

# How long, and for how many redrives, a client token of RedriveExecution is remembered.
_TOKEN_SECONDS, _TOKENS = 900.0, 10


class Executions:
    """The operations on executions that were started."""

    def __init__(self, machines: Machines, store: SqliteStore, engine: Engine) -> None:
        self._machines = machines
        self._store = store
        self._engine = engine
        self._lock = threading.Lock()

    def describe(self, params: Params) -> Params:
        """DescribeExecution."""
        execution = self.find(params["executionArn"])
        return {
            **_identity(execution),
            "traceHeader": execution.trace_header,
            "error": execution.error,
            "cause": execution.cause,
            **_data(execution, whole=params.get("includedData") != "METADATA_ONLY"),
            **redriving.described(execution, self._engine.clock.now()),
        }

    def describe_machine(self, params: Params) -> Params:
        """DescribeStateMachineForExecution: what the execution runs, whatever its machine is now."""
        execution = self.find(params["executionArn"])
        kept = execution.attributes
        return {
            "stateMachineArn": execution.machine_arn,
            "name": execution.machine_name,
            "updateDate": kept.get("updated", execution.started),
            "revisionId": kept.get("revision"),
            "mapRunArn": execution.map_run_arn,
            "label": execution.machine_arn.partition("/")[2] or None,
            **configured(_configuration(execution), whole=params.get("includedData") != "METADATA_ONLY"),
        }

    def list(self, params: Params) -> Params:
        """ListExecutions, of a machine, a version, an alias or a Map Run; the latest first."""
        column, arn = self._listed_by(params)
        found, following = listing.page_of(self._store, column, arn, params)
        return {"executions": [_summary(execution) for execution in found], **following}

    def stop(self, params: Params) -> Params:
        """StopExecution; one that has ended is left as it is."""
        execution = self.find(params["executionArn"])
        stopped = self._engine.stop(execution.arn, params.get("error"), params.get("cause"))
        ended = stopped or self.find(execution.arn)
        return {"stopDate": ended.stopped}

    def redrive(self, params: Params) -> Params:
        """RedriveExecution: once for each client token."""
        arn, token = params["executionArn"], params.get("clientToken")
        with self._lock:
            execution = self.find(arn)
            now = self._engine.clock.now()
            known = self._tokens(arn, now)
            if token in known:
                return {"redriveDate": known[token]}
            self._check_redrivable(execution, now)
            redriven = self._engine.redrive(arn).redriven
            if token and redriven:
                kept = dict([*known.items(), (token, redriven)][-_TOKENS:])
                self._machines.catalog.redrives.put(arn, Redrives(tokens=kept))
        return {"redriveDate": redriven}

    def find(self, arn: str) -> Execution:
        """An execution by its ARN."""
        arns.check(arn, "execution", "express")
        execution = self._store.execution(arn)
        if execution is None:
            raise errors.no_execution(arn)
        return execution

    def _tokens(self, arn: str, now: float) -> dict[str, float]:
        found = self._machines.catalog.redrives.find(arn)
        tokens = found.tokens if found else {}
        return {token: at for token, at in tokens.items() if now - at < _TOKEN_SECONDS}

    def _check_redrivable(self, execution: Execution, now: float) -> None:
        reason = redriving.obstacle(execution, now)
        if reason is None and execution.map_run_arn:
            reason = "Execution is a child of a Map Run and is redriven with its parent"
        if reason is not None:
            raise ApiError("ExecutionNotRedrivable", reason)

    def _listed_by(self, params: Params) -> tuple[str, str]:
        machine_arn, map_run_arn = params.get("stateMachineArn"), params.get("mapRunArn")
        if bool(machine_arn) == bool(map_run_arn):
            raise errors.validation("Either a stateMachineArn or a mapRunArn must be specified")
        if map_run_arn:
            arns.check(map_run_arn, "mapRun")
            return "map_run_arn", map_run_arn
        if params.get("statusFilter") == "PENDING_REDRIVE":
            raise errors.validation("The status filter PENDING_REDRIVE needs a mapRunArn")
        return self._of_machine(str(machine_arn))

    def _of_machine(self, arn: str) -> tuple[str, str]:
        reference = arns.machine(arn)
        self._machines.find(reference.machine_arn.partition("/")[0], named=arn)
        if reference.qualifier is None:
            return "machine_arn", arn
        return ("version_arn" if reference.version is not None else "alias_arn"), arn


def _data(execution: Execution, *, whole: bool) -> Params:
    found: Params = {"inputDetails": {"included": whole}, "outputDetails": {"included": whole}}
    if whole:
        found |= {"input": execution.input, "output": execution.output}
    if execution.output is None:
        del found["outputDetails"]
    return found


def _summary(execution: Execution) -> Params:
    return {
        **_identity(execution),
        "itemCount": execution.attributes.get("itemCount"),
        "redriveCount": execution.redrives,
        "redriveDate": execution.redriven,
    }


def _identity(execution: Execution) -> Params:
    """Which execution it is, of what, and how far it came."""
    return {
        "executionArn": execution.arn,
        "stateMachineArn": execution.machine_arn,
        "name": execution.name,
        "status": execution.status,
        "startDate": execution.started,
        "stopDate": execution.stopped,
        "mapRunArn": execution.map_run_arn,
        "stateMachineVersionArn": execution.version_arn,
        "stateMachineAliasArn": execution.alias_arn,
    }


def _configuration(execution: Execution) -> Configuration:
    return Configuration(
        definition=execution.definition,
        role_arn=execution.role_arn,
        logging=execution.attributes.get("logging", dict(NO_LOGGING)),
        tracing=execution.attributes.get("tracing", dict(NO_TRACING)),
    )
