"""Map Runs: describe, list, update.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-examine-map-run.html
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from embedded.stepfunctions.engine import Engine
from embedded.stepfunctions.model import RUNNING, SUCCEEDED, MapRun
from embedded.stepfunctions.service import arns, errors, names
from embedded.stepfunctions.service.executions import Executions
from embedded.stepfunctions.sqlite_store import SqliteStore

Params = dict[str, Any]

_COUNTED: Mapping[str, str] = {
    RUNNING: "running",
    SUCCEEDED: "succeeded",
    "FAILED": "failed",
    "TIMED_OUT": "timedOut",
    "ABORTED": "aborted",
    "PENDING_REDRIVE": "pendingRedrive",
}
_CHANGES: Mapping[str, str] = {
    "maxConcurrency": "max_concurrency",
    "toleratedFailureCount": "tolerated_count",
    "toleratedFailurePercentage": "tolerated_percentage",
}


@dataclass(frozen=True)
class MapRuns:
    """The operations on Map Runs."""

    executions: Executions
    store: SqliteStore
    engine: Engine

    def describe(self, params: Params) -> Params:
        """DescribeMapRun, with what its items and its child executions came to."""
        found = self._find(params["mapRunArn"])
        of_executions, of_items = self._counted(found)
        return {
            "mapRunArn": found.arn,
            "executionArn": found.execution_arn,
            "status": found.status,
            "startDate": found.started,
            "stopDate": found.stopped,
            "maxConcurrency": found.max_concurrency,
            "toleratedFailurePercentage": found.tolerated_percentage,
            "toleratedFailureCount": found.tolerated_count,
            "itemCounts": _counts(of_items, sum(found.sizes), found),
            "executionCounts": _counts(of_executions, len(found.sizes), found),
            "redriveCount": found.redrives,
            "redriveDate": found.redriven,
        }

    def list(self, params: Params) -> Params:
        """ListMapRuns of an execution, the newest first."""
        execution = self.executions.find(params["executionArn"])
        found, following = names.page(self.store.map_runs(execution.arn), params)
        return {"mapRuns": [_listed(each, execution.machine_arn) for each in found], **following}

    def update(self, params: Params) -> Params:
        """UpdateMapRun: limits of one that goes on."""
        found = self._find(params["mapRunArn"])
        changes = {name: params[member] for member, name in _CHANGES.items() if member in params}
        if changes.get("tolerated_percentage", 0) > 100:
            value = changes["tolerated_percentage"]
            rule = "have value less than or equal to 100"
            raise errors.constraint(value, "toleratedFailurePercentage", rule)
        if not self.engine.update_map_run(found.arn, changes):
            raise errors.validation(f"Map Run {found.arn} has ended and cannot be updated")
        return {}

    def _find(self, arn: str) -> MapRun:
        arns.check(arn, "mapRun")
        found = self.store.map_run(arn)
        if found is None:
            raise errors.references_nothing()
        return found

    def _counted(self, found: MapRun) -> tuple[Counter[str], Counter[str]]:
        """Child executions, and their items, by what became of them."""
        rows = self.store.database.rows(
            "SELECT status, json_extract(record, '$.item') FROM executions WHERE map_run_arn = ?",
            (found.arn,),
        )
        of_executions: Counter[str] = Counter()
        of_items: Counter[str] = Counter()
        for status, item in rows:
            of_executions[_COUNTED[status]] += 1
            of_items[_COUNTED[status]] += found.sizes[item]
        return of_executions, of_items


def _counts(found: Counter[str], total: int, map_run: MapRun) -> dict[str, int]:
    counted = {name: found[name] for name in _COUNTED.values()}
    written = found["succeeded"] if map_run.status == SUCCEEDED else 0
    return {
        "pending": total - sum(found.values()),
        **counted,
        "total": total,
        "resultsWritten": written,
        "failuresNotRedrivable": 0,
    }


def _listed(found: MapRun, machine_arn: str) -> Params:
    return {
        "executionArn": found.execution_arn,
        "mapRunArn": found.arn,
        "stateMachineArn": f"{machine_arn}/{found.label}",
        "startDate": found.started,
        "stopDate": found.stopped,
    }
