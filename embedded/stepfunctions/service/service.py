"""Step Functions' API as one table of operations."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from embedded.stepfunctions.engine import Engine
from embedded.stepfunctions.integrations.activities import ActivityBoard
from embedded.stepfunctions.service import arns, errors
from embedded.stepfunctions.service.activities import Activities, Callbacks
from embedded.stepfunctions.service.aliases import Aliases
from embedded.stepfunctions.service.configuration import GroupExists
from embedded.stepfunctions.service.deleting import Deleting
from embedded.stepfunctions.service.executions import Executions
from embedded.stepfunctions.service.histories import Histories
from embedded.stepfunctions.service.machines import Machines
from embedded.stepfunctions.service.map_runs import MapRuns
from embedded.stepfunctions.service.records import Catalog
from embedded.stepfunctions.service.starting import Starting
from embedded.stepfunctions.service.tags import Tagging
from embedded.stepfunctions.service.testing import Testing
from embedded.stepfunctions.service.validation import Validation
from embedded.stepfunctions.service.versions import Versions
from embedded.stepfunctions.sqlite_store import SqliteStore
from embedded.stepfunctions.tasks import TaskRunner
from embedded.wire import Caller

Params = dict[str, Any]
Operation = Callable[[Params], Params]


OPERATIONS: Mapping[str, str] = {
    "CreateStateMachine": "machines.create",
    "DescribeStateMachine": "machines.describe",
    "UpdateStateMachine": "machines.update",
    "ListStateMachines": "machines.list",
    "DeleteStateMachine": "machines.delete",
    "ValidateStateMachineDefinition": "validation.validate",
    "PublishStateMachineVersion": "versions.publish",
    "ListStateMachineVersions": "versions.list",
    "DeleteStateMachineVersion": "versions.delete",
    "CreateStateMachineAlias": "aliases.create",
    "UpdateStateMachineAlias": "aliases.update",
    "DescribeStateMachineAlias": "aliases.describe",
    "ListStateMachineAliases": "aliases.list",
    "DeleteStateMachineAlias": "aliases.delete",
    "StartExecution": "starting.start",
    "StopExecution": "executions.stop",
    "DescribeExecution": "executions.describe",
    "ListExecutions": "executions.list",
    "GetExecutionHistory": "histories.get",
    "DescribeStateMachineForExecution": "executions.describe_machine",
    "RedriveExecution": "executions.redrive",
    "TestState": "testing.test",
    "DescribeMapRun": "map_runs.describe",
    "ListMapRuns": "map_runs.list",
    "UpdateMapRun": "map_runs.update",
    "CreateActivity": "activities.create",
    "DescribeActivity": "activities.describe",
    "ListActivities": "activities.list",
    "DeleteActivity": "activities.delete",
    "GetActivityTask": "activities.get_task",
    "SendTaskSuccess": "callbacks.succeed",
    "SendTaskFailure": "callbacks.fail",
    "SendTaskHeartbeat": "callbacks.beat",
    "TagResource": "tagging.tag",
    "UntagResource": "tagging.untag",
    "ListTagsForResource": "tagging.list",
}
"""The operations that are done, and who does them."""
REFUSED_OPERATIONS: Mapping[str, str] = {
    "StartSyncExecution": "StateMachineTypeNotSupported: there are no Express workflows"
}
"""The operations that are refused, and how."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the service needs of the cloud."""

    place: arns.Place
    log_group_exists: GroupExists
    serves: Callable[[str], bool]
    """Whether a Task's `Resource` can be called."""
    tasks: TaskRunner
    """Makes the calls of states that are tried."""


class StepFunctions:
    """The service."""

    def __init__(
        self, around: Surroundings, *, store: SqliteStore, engine: Engine, board: ActivityBoard
    ) -> None:
        self.catalog = Catalog(store.database)
        self._deleting = Deleting(store)
        self.machines = Machines(
            around.place, self.catalog, around.log_group_exists, around.serves, self._deleting.begin
        )
        self.starting = Starting(self.machines, store, engine)
        self.executions = Executions(self.machines, store, engine)
        self.histories = Histories(self.executions, store)
        self.map_runs = MapRuns(self.executions, store, engine)
        self.versions, self.aliases = Versions(self.machines), Aliases(self.machines)
        self.activities = Activities(around.place, self.catalog, board)
        self.callbacks = Callbacks(engine)
        self.tagging = Tagging(self.catalog)
        self.testing = Testing(around.place, around.tasks)
        self.validation = Validation(around.serves)
        self._deleting.connect(self.machines, engine)

    def close(self) -> None:
        """Finish what is done beside the operations."""
        self._deleting.close()

    def perform(self, operation: str, params: Params) -> Params:
        """An operation for somebody in here; the parameters are held against the model already."""
        return self._operations()[operation](params)

    @property
    def operations(self) -> Mapping[str, Callable[[Params, Caller], Params]]:
        """All operations by name, as `JsonService` takes them."""
        return {name: _without_caller(operation) for name, operation in self._operations().items()}

    def _operations(self) -> dict[str, Operation]:
        done = {name: attrgetter(path)(self) for name, path in OPERATIONS.items()}
        return done | {"StartSyncExecution": _start_sync}


def _without_caller(operation: Operation) -> Callable[[Params, Caller], Params]:
    return lambda params, _caller: operation(params)


def _start_sync(params: Params) -> Params:
    """StartSyncExecution is for Express workflows, which are refused at creation."""
    arns.machine(params["stateMachineArn"])
    raise errors.type_not_supported()
