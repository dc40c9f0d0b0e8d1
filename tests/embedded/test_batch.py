"""Batch in the embedded cloud: over the wire, under roles, from CloudFormation and from a state machine."""

import json
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from embedded.batch import hosts
from embedded.environment import ACCOUNT_ID, REGION
from tests.embedded.conftest import CloudSession, allow, wait_for
from tests.embedded.process_image import ImageBuild

pytestmark = pytest.mark.embedded

RULE = f"arn:aws:events:{REGION}:{ACCOUNT_ID}:rule/StepFunctionsGetEventsForBatchJobsRule"
PULL = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability")


@pytest.fixture(scope="module")
def image(cloud_session: CloudSession) -> ImageBuild:
    """An image that runs the Python that is its command."""
    build = ImageBuild(cloud_session)
    assert build.run()["buildStatus"] == "SUCCEEDED"
    return build


class Stack:
    """A compute environment, a queue and a job definition, made by CloudFormation."""

    def __init__(self, cloud: CloudSession, image: ImageBuild, *, without: str = "") -> None:
        self.cloud = cloud
        self.name = f"batch-{uuid4().hex[:8]}"
        self.group = f"/jobs/{self.name}"
        cloud.client("logs").create_log_group(logGroupName=self.group)
        cloud.client("s3").create_bucket(Bucket=self.name)
        statements = [item for item in self._execution(image) if item["Action"] != without]
        self.execution_role = cloud.role(*statements)
        self.job_role = cloud.role(allow("s3:PutObject", f"arn:aws:s3:::{self.name}/*"))
        self.image = f"{image.repository['repositoryUri']}:1"
        self.outputs = self.deploy()

    def _execution(self, image: ImageBuild) -> list[dict[str, str]]:
        logs = f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:{self.group}:*"
        pull = [allow(action, image.repository["repositoryArn"]) for action in PULL]
        own = [allow("logs:CreateLogStream", logs), allow("logs:PutLogEvents", logs)]
        return [allow("ecr:GetAuthorizationToken"), *pull, *own]

    def deploy(self, operation: str = "create_stack", **changes: Any) -> dict[str, str]:
        """Create or update the stack; its outputs."""
        cloudformation = self.cloud.client("cloudformation")
        getattr(cloudformation, operation)(
            StackName=self.name, TemplateBody=json.dumps(self._template(**changes))
        )

        def stack() -> dict[str, Any]:
            return dict(cloudformation.describe_stacks(StackName=self.name)["Stacks"][0])

        wait_for(lambda: not stack()["StackStatus"].endswith("IN_PROGRESS"))
        assert stack()["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), stack()
        return {item["OutputKey"]: item["OutputValue"] for item in stack()["Outputs"]}

    def _template(self, max_vcpus: int = 4) -> dict[str, Any]:
        resources = {"Type": "FARGATE", "MaxvCpus": max_vcpus, "Subnets": ["s"], "SecurityGroupIds": ["g"]}
        order = [{"Order": 1, "ComputeEnvironment": {"Ref": "Pool"}}]
        needs = [{"Type": "VCPU", "Value": "1"}, {"Type": "MEMORY", "Value": "2048"}]
        options = {"awslogs-group": self.group, "awslogs-stream-prefix": "step"}
        container = {
            "Image": self.image,
            "ExecutionRoleArn": self.execution_role,
            "JobRoleArn": self.job_role,
            "ResourceRequirements": needs,
            "LogConfiguration": {"LogDriver": "awslogs", "Options": options},
        }
        return {
            "Resources": {
                "Pool": _resource("ComputeEnvironment", Type="MANAGED", ComputeResources=resources),
                "Queue": _resource("JobQueue", Priority="1", ComputeEnvironmentOrder=order),
                "Definition": _resource(
                    "JobDefinition",
                    Type="container",
                    PlatformCapabilities=["FARGATE"],
                    ContainerProperties=container,
                    Timeout={"AttemptDurationSeconds": 60},
                ),
            },
            "Outputs": {
                "Queue": {"Value": {"Ref": "Queue"}},
                "Definition": {"Value": {"Ref": "Definition"}},
                "Pool": {"Value": {"Fn::GetAtt": ["Pool", "ComputeEnvironmentArn"]}},
            },
        }

    def submit(self, code: str, **more: Any) -> str:
        """Submit a job that runs this Python; its id."""
        answer = self.cloud.client("batch").submit_job(
            jobName="job",
            jobQueue=self.outputs["Queue"],
            jobDefinition=self.outputs["Definition"],
            containerOverrides={"command": [code]},
            **more,
        )
        return str(answer["jobId"])

    def end(self, job_id: str) -> dict[str, Any]:
        """Wait for a job's end; what DescribeJobs then says."""
        batch = self.cloud.client("batch")
        wait_for(lambda: batch.describe_jobs(jobs=[job_id])["jobs"][0]["status"] in ("SUCCEEDED", "FAILED"))
        return dict(batch.describe_jobs(jobs=[job_id])["jobs"][0])


def _resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::Batch::{kind}", "Properties": properties}


@pytest.fixture(scope="module")
def stack(cloud_session: CloudSession, image: ImageBuild) -> Stack:
    """What jobs need to run."""
    return Stack(cloud_session, image)


def test_a_job_runs_under_its_role_and_logs_under_its_execution_role(stack: Stack) -> None:
    """The image's package is there, the lines are in the log group, the calls are on record."""
    detail = stack.end(stack.submit("print('hello')"))
    assert (detail["status"], detail["container"]["exitCode"]) == ("SUCCEEDED", 0)
    logs = stack.cloud.client("logs")
    stream = detail["container"]["logStreamName"]
    events = logs.get_log_events(logGroupName=stack.group, logStreamName=stream)["events"]
    assert [event["message"] for event in events] == ["six 1.17.0", "hello"]
    assert stack.cloud.calls_of(stack.execution_role, action="logs:PutLogEvents")[-1].decision == "Allow"


@pytest.mark.parametrize("action", ["ecr:BatchGetImage", "ecr:GetAuthorizationToken", "logs:CreateLogStream"])
def test_a_job_fails_without_a_permission(
    action: str, cloud_session: CloudSession, image: ImageBuild
) -> None:
    """And its reason names the action."""
    stack = Stack(cloud_session, image, without=action)
    detail = stack.end(stack.submit("pass"))
    assert detail["status"] == "FAILED"
    assert action in detail["statusReason"]


def test_calls_need_permissions_on_queue_and_definition(stack: Stack) -> None:
    """SubmitJob is asked about both."""
    role = stack.cloud.role(allow("batch:SubmitJob", stack.outputs["Queue"]))
    batch = stack.cloud.client("batch", stack.cloud.assume(role))
    with pytest.raises(batch.exceptions.ClientError, match="batch:SubmitJob"):
        batch.submit_job(
            jobName="j", jobQueue=stack.outputs["Queue"], jobDefinition=stack.outputs["Definition"]
        )


def test_an_update_of_the_stack_changes_its_resources(cloud_session: CloudSession, image: ImageBuild) -> None:
    """The compute environment keeps its ARN; deleting the stack removes everything."""
    stack = Stack(cloud_session, image)
    assert stack.deploy("update_stack", max_vcpus=2)["Pool"] == stack.outputs["Pool"]
    batch = cloud_session.client("batch")

    def pools() -> list[dict[str, Any]]:
        found = batch.describe_compute_environments(computeEnvironments=[stack.outputs["Pool"]])
        return list(found["computeEnvironments"])

    assert pools()[0]["computeResources"]["maxvCpus"] == 2
    cloud_session.client("cloudformation").delete_stack(StackName=stack.name)
    wait_for(lambda: pools() == [])


def _machine(stack: Stack, code: str, *, role: str) -> str:
    arguments = {
        "JobName": "from-states",
        "JobQueue": stack.outputs["Queue"],
        "JobDefinition": stack.outputs["Definition"],
        "ContainerOverrides": {"Command": [code], "Environment": [{"Name": "A", "Value": "b"}]},
        "RetryStrategy": {"Attempts": 2, "EvaluateOnExit": [{"OnReason": "*", "Action": "EXIT"}]},
        "Timeout": {"AttemptDurationSeconds": 60},
        "Tags": {"run": "r"},
    }
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::batch:submitJob.sync",
        "Arguments": arguments,
        "Output": "{% $states.result.Container.ExitCode %}",
        "End": True,
    }
    return stack.cloud.machine({"StartAt": "Task", "States": {"Task": task}}, role=role)


def _role(stack: Stack) -> str:
    return stack.cloud.role(
        *(allow(f"events:{action}", RULE) for action in ("PutTargets", "PutRule", "DescribeRule")),
        allow("batch:SubmitJob", stack.outputs["Queue"]),
        allow("batch:SubmitJob", stack.outputs["Definition"]),
        allow("batch:DescribeJobs"),
        allow("batch:TerminateJob", f"arn:aws:batch:{REGION}:{ACCOUNT_ID}:job/*"),
    )


def test_a_state_machine_runs_a_job(stack: Stack) -> None:
    """With exactly the documented permissions; the result is the job's detail in PascalCase."""
    ended = stack.cloud.run(_machine(stack, "pass", role=_role(stack)))
    assert (ended["status"], ended.get("output")) == ("SUCCEEDED", "0")


def test_a_failed_job_fails_its_task(stack: Stack) -> None:
    """With States.TaskFailed and the job as its cause; the attempt is not repeated, as its rule says."""
    ended = stack.cloud.run(_machine(stack, "raise SystemExit(4)", role=_role(stack)))
    assert (ended["status"], ended["error"]) == ("FAILED", "States.TaskFailed")
    cause = json.loads(ended["cause"])
    assert (cause["Status"], cause["Container"]["ExitCode"], len(cause["Attempts"])) == ("FAILED", 4, 1)


def test_a_stopped_execution_ends_its_job(stack: Stack) -> None:
    """With TerminateJob, under the machine's role."""
    states, batch = stack.cloud.client("stepfunctions"), stack.cloud.client("batch")
    machine = _machine(stack, "import time; time.sleep(60)", role=_role(stack))
    execution = states.start_execution(stateMachineArn=machine)["executionArn"]

    def running() -> list[dict[str, Any]]:
        return list(batch.list_jobs(jobQueue=stack.outputs["Queue"], jobStatus="RUNNING")["jobSummaryList"])

    wait_for(lambda: len(running()) == 1)
    job_id = running()[0]["jobId"]
    states.stop_execution(executionArn=execution)
    detail = stack.end(job_id)
    assert (detail["status"], detail["isTerminated"]) == ("FAILED", True)
    assert execution in detail["statusReason"]


def test_a_machine_without_permission_is_denied(stack: Stack) -> None:
    """By the name that Step Functions gives."""
    ended = stack.cloud.run(_machine(stack, "pass", role=stack.cloud.role(allow("events:*"))))
    assert (ended["status"], ended["error"]) == ("FAILED", "Batch.AWSBatchException")


def test_an_array_runs_and_is_listed(stack: Stack) -> None:
    """Each child has its index; the parent sums them up."""
    job_id = stack.submit(
        "import os; print(os.environ['AWS_BATCH_JOB_ARRAY_INDEX'])", arrayProperties={"size": 2}
    )
    detail = stack.end(job_id)
    assert (detail["status"], detail["arrayProperties"]["statusSummary"]["SUCCEEDED"]) == ("SUCCEEDED", 2)
    batch, logs = stack.cloud.client("batch"), stack.cloud.client("logs")
    listed = batch.list_jobs(arrayJobId=job_id, jobStatus="SUCCEEDED")["jobSummaryList"]
    assert [item["jobId"] for item in listed] == [f"{job_id}:0", f"{job_id}:1"]
    stream = stack.end(f"{job_id}:1")["container"]["logStreamName"]
    events = logs.get_log_events(logGroupName=stack.group, logStreamName=stream)["events"]
    assert events[-1]["message"] == "1"


def test_a_spot_interruption_is_retried_by_its_rule(stack: Stack) -> None:
    """The host of the first attempt is taken away; the second ends by itself."""
    code = "import os, time; time.sleep(600 if os.environ['AWS_BATCH_JOB_ATTEMPT'] == '1' else 0)"
    rules = [{"onStatusReason": hosts.SPOT_TASK, "action": "RETRY"}, {"onReason": "*", "action": "EXIT"}]
    job_id = stack.submit(code, retryStrategy={"attempts": 3, "evaluateOnExit": rules})
    batch = stack.cloud.client("batch")
    wait_for(lambda: batch.describe_jobs(jobs=[job_id])["jobs"][0]["status"] == "RUNNING")
    hosts.reclaim(stack.cloud.state_dir, job_id)
    detail = stack.end(job_id)
    reasons = [attempt["statusReason"] for attempt in detail["attempts"]]
    assert (detail["status"], reasons[0]) == ("SUCCEEDED", hosts.SPOT_TASK)
    assert len(reasons) == 2


def test_a_snapshot_of_a_queue_needs_its_permission(stack: Stack) -> None:
    """On the queue."""
    keys = stack.cloud.assume(stack.cloud.role(allow("batch:GetJobQueueSnapshot", stack.outputs["Queue"])))
    found = stack.cloud.client("batch", keys).get_job_queue_snapshot(jobQueue=stack.outputs["Queue"])
    assert found["frontOfQueue"]["jobs"] == []
    denied = stack.cloud.assume(stack.cloud.role(allow("batch:GetJobQueueSnapshot", stack.outputs["Pool"])))
    with pytest.raises(ClientError, match="AccessDenied"):
        stack.cloud.client("batch", denied).get_job_queue_snapshot(jobQueue=stack.outputs["Queue"])


def test_jobs_tell_of_their_status_on_the_default_bus(stack: Stack) -> None:
    """A rule on "Batch Job State Change" sees the end of a job."""
    sqs, events = stack.cloud.client("sqs"), stack.cloud.client("events")
    queue = sqs.create_queue(QueueName=f"seen-{uuid4().hex[:8]}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    detail = {"status": ["SUCCEEDED"], "jobQueue": [stack.outputs["Queue"]]}
    pattern = {"source": ["aws.batch"], "detail-type": ["Batch Job State Change"], "detail": detail}
    rule = events.put_rule(Name=f"seen-{uuid4().hex[:8]}", EventPattern=json.dumps(pattern))["RuleArn"]
    policy = allow("sqs:SendMessage", arn) | {
        "Principal": {"Service": "events.amazonaws.com"},
        "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [policy]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": document})
    events.put_targets(Rule=rule.rpartition("/")[2], Targets=[{"Id": "t", "Arn": arn}])
    job_id = stack.submit("pass")
    stack.end(job_id)
    message = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"][0]
    assert json.loads(message["Body"])["detail"]["jobId"] == job_id
