"""Step Functions' API as one table of operations."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
        return {
            "CreateStateMachine": self.machines.create,
            "DescribeStateMachine": self.machines.describe,
            "UpdateStateMachine": self.machines.update,
            "ListStateMachines": self.machines.list,
            "DeleteStateMachine": self.machines.delete,
            "ValidateStateMachineDefinition": self.validation.validate,
            "PublishStateMachineVersion": self.versions.publish,
            "ListStateMachineVersions": self.versions.list,
            "DeleteStateMachineVersion": self.versions.delete,
            "CreateStateMachineAlias": self.aliases.create,
            "UpdateStateMachineAlias": self.aliases.update,
            "DescribeStateMachineAlias": self.aliases.describe,
            "ListStateMachineAliases": self.aliases.list,
            "DeleteStateMachineAlias": self.aliases.delete,
            "StartExecution": self.starting.start,
            "StartSyncExecution": _start_sync,
            "StopExecution": self.executions.stop,
            "DescribeExecution": self.executions.describe,
            "ListExecutions": self.executions.list,
            "GetExecutionHistory": self.histories.get,
            "DescribeStateMachineForExecution": self.executions.describe_machine,
            "RedriveExecution": self.executions.redrive,
            "TestState": self.testing.test,
            "DescribeMapRun": self.map_runs.describe,
            "ListMapRuns": self.map_runs.list,
            "UpdateMapRun": self.map_runs.update,
            "CreateActivity": self.activities.create,
            "DescribeActivity": self.activities.describe,
            "ListActivities": self.activities.list,
            "DeleteActivity": self.activities.delete,
            "GetActivityTask": self.activities.get_task,
            "SendTaskSuccess": self.callbacks.succeed,
            "SendTaskFailure": self.callbacks.fail,
            "SendTaskHeartbeat": self.callbacks.beat,
            "TagResource": self.tagging.tag,
            "UntagResource": self.tagging.untag,
            "ListTagsForResource": self.tagging.list,
        }


def _without_caller(operation: Operation) -> Callable[[Params, Caller], Params]:
    return lambda params, _caller: operation(params)


def _start_sync(params: Params) -> Params:
    """StartSyncExecution is for Express workflows, which are refused at creation."""
    arns.machine(params["stateMachineArn"])
    raise errors.type_not_supported()
