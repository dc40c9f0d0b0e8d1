"""`codebuild:startBuild` and `codebuild:startBuild.sync` in Step Functions.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-codebuild.html
"""

import json
from typing import Any, Protocol

from botocore.exceptions import ClientError

from embedded.authority import AccessDenied
from embedded.codebuild.model import SUCCEEDED, Build
from embedded.integrations import TaskContext, TaskFailure
from embedded.record_book import RecordBook
from embedded.shapes import service_model
from embedded.spelling import UnknownMemberError, from_pascal, to_pascal

START = "arn:aws:states:::codebuild:startBuild"
START_SYNC = "arn:aws:states:::codebuild:startBuild.sync"
_RULE = "StepFunctionsGetEventForCodeBuildStartBuildRule"
_RULE_ACTIONS = ("events:PutTargets", "events:PutRule", "events:DescribeRule")


class CallingCloud(Protocol):
    """What of the cloud an integration needs."""

    @property
    def region(self) -> str:
        """The region."""

    @property
    def account_id(self) -> str:
        """The account."""

    def client(self, service: str, *, role_arn: str | None = None, session_name: str = "service") -> Any:
        """A boto3 client under a role."""

    def check(self, role_arn: str, action: str, resource: str) -> None:
        """Raise unless a role may do something."""


class StartBuild:
    """Starts builds under the machine's role; the calls go over the wire, and so through IAM."""

    def __init__(self, cloud: CallingCloud, book: RecordBook[Build]) -> None:
        self._cloud = cloud
        self._book = book
        self._model = service_model("codebuild")

    def start(self, arguments: dict[str, Any], context: TaskContext) -> dict[str, Any]:
        """Request and response: the result is StartBuild's."""
        shape = self._model.operation_model("StartBuild")
        try:
            params = from_pascal(shape.input_shape, arguments)
            answer = self._client(context).start_build(**params)
        except UnknownMemberError as error:
            raise TaskFailure("States.Runtime", str(error)) from error
        except (ClientError, AccessDenied) as error:
            raise _failure(error) from error
        return dict(to_pascal(shape.output_shape, answer))

    def start_and_wait(self, arguments: dict[str, Any], context: TaskContext) -> dict[str, Any]:
        """Run a build: the result is `{"Build": …}`; a build that did not succeed is `States.TaskFailed`."""
        self._check_rule(context)
        build_id = self.start(arguments, context)["Build"]["Id"]
        if not self._book.wait_unless(build_id, lambda build: build.is_complete, context.stopped):
            self._stop(build_id, context)
        found = self._describe(build_id, context)
        if found["BuildStatus"] != SUCCEEDED:
            raise TaskFailure("States.TaskFailed", json.dumps({"Build": found}))
        return {"Build": found}

    def _stop(self, build_id: str, context: TaskContext) -> None:
        """Step Functions ends the build of a Task that nobody waits for any more."""
        try:
            self._client(context).stop_build(id=build_id)
        except (ClientError, AccessDenied) as error:
            raise _failure(error) from error
        self._book.wait_for(build_id, lambda build: build.is_complete)

    def _describe(self, build_id: str, context: TaskContext) -> dict[str, Any]:
        try:
            found = self._client(context).batch_get_builds(ids=[build_id])["builds"][0]
        except (ClientError, AccessDenied) as error:
            raise _failure(error) from error
        return dict(to_pascal(self._model.shape_for("Build"), found))

    def _client(self, context: TaskContext) -> Any:
        session = context.execution_arn.rpartition(":")[2]
        return self._cloud.client("codebuild", role_arn=context.role_arn, session_name=session[:64])

    def _check_rule(self, context: TaskContext) -> None:
        # Step Functions learns of a build's end by a rule that it makes with the machine's role.
        arn = f"arn:aws:events:{self._cloud.region}:{self._cloud.account_id}:rule/{_RULE}"
        try:
            for action in _RULE_ACTIONS:
                self._cloud.check(context.role_arn, action, arn)
        except AccessDenied as error:
            raise _failure(error) from error


def _failure(error: Exception) -> TaskFailure:
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
    known = {shape.name for shape in service_model("codebuild").error_shapes}
    return TaskFailure(f"CodeBuild.{code if code in known else 'AWSCodeBuildException'}", str(error))
