"""`codebuild:startBuild` and `codebuild:startBuild.sync` in Step Functions.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-codebuild.html
"""

import json
from collections.abc import Callable
from typing import Any

from embedded.codebuild.model import SUCCEEDED, Build
from embedded.integrations import TaskContext, TaskFailure
from embedded.job_watch import JobWatch
from embedded.record_book import RecordBook
from embedded.service_task import ServiceTask
from embedded.stepfunctions.integrations.calling import CallingCloud, Calls
from embedded.stepfunctions.integrations.failures import OptimisedNames

START = "arn:aws:states:::codebuild:startBuild"
START_SYNC = "arn:aws:states:::codebuild:startBuild.sync"


class StartBuild:
    """Starts builds under the machine's role."""

    def __init__(self, cloud: CallingCloud, book: RecordBook[Build]) -> None:
        self._watch = JobWatch(book, lambda build: build.is_complete)
        self._codebuild = ServiceTask(
            calls=Calls(cloud),
            names=OptimisedNames("codebuild", "CodeBuild", "AWSCodeBuild", "AWSCodeBuildException"),
            rule="StepFunctionsGetEventForCodeBuildStartBuildRule",
        )

    def request(self, arguments: dict[str, Any], context: TaskContext) -> dict[str, Any]:
        """Request and response: the result is StartBuild's."""
        return self._codebuild.request("StartBuild", arguments, context)

    def submit(self, arguments: dict[str, Any], context: TaskContext) -> dict[str, Any]:
        """Start a build, whose end the machine's role must be allowed to hear of."""
        self._codebuild.check_rule(context)
        return self.request(arguments, context)

    def when_ended(self, submitted: dict[str, Any], tell: Callable[[], None]) -> None:
        """Call `tell` once the build has ended."""
        self._watch.when_ended(submitted["Build"]["Id"], tell)

    def result(self, submitted: dict[str, Any], context: TaskContext) -> dict[str, Any]:
        """`{"Build": …}`; a build that did not succeed is `States.TaskFailed`."""
        build_id = submitted["Build"]["Id"]
        found = self._codebuild.ask("BatchGetBuilds", context, ids=[build_id])["builds"]
        if not found:
            raise TaskFailure("States.TaskFailed", f"Build {build_id} is not there any more")
        detail = self._codebuild.detail("Build", found[0])
        if detail["BuildStatus"] != SUCCEEDED:
            raise TaskFailure("States.TaskFailed", json.dumps({"Build": detail}))
        return {"Build": detail}

    def cancel(self, submitted: dict[str, Any], context: TaskContext) -> None:
        """Step Functions ends the build of a Task that nobody waits for any more."""
        self._codebuild.ask("StopBuild", context, id=submitted["Build"]["Id"])
