"""`codebuild:startBuild` and `codebuild:startBuild.sync` in Step Functions.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-codebuild.html
"""

import json
from typing import Any

from embedded.codebuild.model import SUCCEEDED, Build
from embedded.integrations import TaskContext, TaskFailure
from embedded.record_book import RecordBook
from embedded.service_task import CallingCloud, ServiceTask
from embedded.shapes import service_model

START = "arn:aws:states:::codebuild:startBuild"
START_SYNC = "arn:aws:states:::codebuild:startBuild.sync"


class StartBuild:
    """Starts builds under the machine's role."""

    def __init__(self, cloud: CallingCloud, book: RecordBook[Build]) -> None:
        self._book = book
        self._codebuild = ServiceTask(
            cloud=cloud,
            service="codebuild",
            prefix="CodeBuild",
            errors=frozenset(shape.name for shape in service_model("codebuild").error_shapes),
            rule="StepFunctionsGetEventForCodeBuildStartBuildRule",
        )

    def start(self, arguments: dict[str, Any], context: TaskContext) -> dict[str, Any]:
        """Request and response: the result is StartBuild's."""
        return self._codebuild.request("StartBuild", arguments, context)

    def start_and_wait(self, arguments: dict[str, Any], context: TaskContext) -> dict[str, Any]:
        """Run a build: the result is `{"Build": …}`; a build that did not succeed is `States.TaskFailed`."""
        self._codebuild.check_rule(context)
        build_id = self.start(arguments, context)["Build"]["Id"]
        if not self._book.wait_unless(build_id, lambda build: build.is_complete, context.stopped):
            self._stop(build_id, context)
        found = self._codebuild.ask("batch_get_builds", context, ids=[build_id])["builds"][0]
        detail = self._codebuild.detail("Build", found)
        if detail["BuildStatus"] != SUCCEEDED:
            raise TaskFailure("States.TaskFailed", json.dumps({"Build": detail}))
        return {"Build": detail}

    def _stop(self, build_id: str, context: TaskContext) -> None:
        """Step Functions ends the build of a Task that nobody waits for any more."""
        self._codebuild.ask("stop_build", context, id=build_id)
        self._book.wait_for(build_id, lambda build: build.is_complete)
