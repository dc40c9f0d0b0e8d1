"""Activities, and the tokens by which their tasks, and those that wait for a callback, are answered."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from embedded.api_error import ApiError
from embedded.stepfunctions import tokens
from embedded.stepfunctions.documents import dumps
from embedded.stepfunctions.engine import Engine
from embedded.stepfunctions.integrations.activities import ActivityBoard
from embedded.stepfunctions.service import arns, configuration, errors, names, tags
from embedded.stepfunctions.service.records import Activity, Catalog
from embedded.stepfunctions.tasks import Failed, Succeeded

Params = dict[str, Any]

_CODES: Mapping[type[Exception], str] = {
    tokens.InvalidToken: "InvalidToken",
    tokens.TaskDoesNotExist: "TaskDoesNotExist",
    tokens.TaskTimedOut: "TaskTimedOut",
}


@dataclass(frozen=True)
class Activities:
    """The operations on activities."""

    place: arns.Place
    catalog: Catalog
    board: ActivityBoard

    def create(self, params: Params) -> Params:
        """CreateActivity; the same name again is the same activity."""
        configuration.check_encryption(params.get("encryptionConfiguration"))
        name = names.check_name(params["name"])
        arn = arns.make(self.place, "activity", name)
        activity = self.catalog.activities.find(arn)
        if activity is None:
            kept = tags.checked({}, params.get("tags", ()), arn)
            with self.catalog.database.transaction():
                self.catalog.tags.put(arn, kept)
                activity = self.catalog.activities.put(arn, Activity(arn=arn, name=name, created=time.time()))
        return {"activityArn": arn, "creationDate": activity.created}

    def describe(self, params: Params) -> Params:
        """DescribeActivity."""
        return _described(self._find(params)) | {"encryptionConfiguration": configuration.ENCRYPTION}

    def list(self, params: Params) -> Params:
        """ListActivities, by name."""
        found, following = names.page(self.catalog.activities.all(), params)
        return {"activities": [_described(activity) for activity in found], **following}

    def delete(self, params: Params) -> Params:
        """DeleteActivity; one that is not there is no error."""
        arns.check(params["activityArn"], "activity")
        with self.catalog.database.transaction():
            self.catalog.activities.remove(params["activityArn"])
            self.catalog.tags.remove(params["activityArn"])
        return {}

    def get_task(self, params: Params) -> Params:
        """GetActivityTask: waits for a task for up to a minute; without one the answer is empty."""
        activity = self._find(params)
        call = self.board.take(activity.arn, params.get("workerName"))
        return {"taskToken": call.token, "input": dumps(call.arguments)} if call else {}

    def _find(self, params: Params) -> Activity:
        arns.check(params["activityArn"], "activity")
        activity = self.catalog.activities.find(params["activityArn"])
        if activity is None:
            raise errors.no_activity(params["activityArn"])
        return activity


@dataclass(frozen=True)
class Callbacks:
    """The operations with task tokens."""

    engine: Engine

    def succeed(self, params: Params) -> Params:
        """SendTaskSuccess."""
        try:
            output = json.loads(params["output"])
        except (ValueError, RecursionError) as error:
            raise ApiError("InvalidOutput", f"Invalid Output: '{error}'") from error
        return self._told(lambda: tokens.answer(self.engine, params["taskToken"], Succeeded(output)))

    def fail(self, params: Params) -> Params:
        """SendTaskFailure."""
        failed = Failed(params.get("error"), params.get("cause"))
        return self._told(lambda: tokens.answer(self.engine, params["taskToken"], failed))

    def beat(self, params: Params) -> Params:
        """SendTaskHeartbeat."""
        return self._told(lambda: tokens.beat(self.engine, params["taskToken"]))

    def _told(self, tell: Callable[[], None]) -> Params:
        try:
            tell()
        except tuple(_CODES) as error:
            raise ApiError(_CODES[type(error)], str(error)) from error
        return {}


def _described(activity: Activity) -> Params:
    return {"activityArn": activity.arn, "name": activity.name, "creationDate": activity.created}
