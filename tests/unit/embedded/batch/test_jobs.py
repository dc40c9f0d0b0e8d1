"""Jobs really run: as processes, in order, with their variables, logs and endings."""

import signal
from typing import Any

import pytest

from embedded.api_error import ApiError
from embedded.batch.model import HOST_LOST, TIMED_OUT
from embedded.wire import Caller
from tests.fakes.embedded_cloud import HOST, FakeCloud
from tests.unit.embedded.batch.processes import ROLE, Service


def test_a_job_runs_with_its_variables_and_its_lines_are_logged(service: Service, cloud: FakeCloud) -> None:
    """ENV of the image, the job's environment, Batch's variables and the job role's credentials."""
    names = "GREETING MINE AWS_BATCH_JOB_ATTEMPT AWS_BATCH_JQ_NAME"
    code = f"import os; print(*(os.environ[name] for name in '{names}'.split()))"
    code += "; print(os.environ['AWS_ACCESS_KEY_ID']); open('f', 'w').write('x')"
    job_id = service.submit(code, overrides={"environment": [{"name": "MINE", "value": "v"}]})
    detail = service.end(job_id)
    assert (detail["status"], detail["container"]["exitCode"]) == ("SUCCEEDED", 0)
    assert detail["statusReason"] == "Essential container in task exited"
    assert cloud.logs.lines[detail["container"]["logStreamName"]] == ["hello v 1 q", f"{ROLE}/{job_id}"]
    assert detail["container"]["logStreamName"].startswith("step/default/")


def test_every_status_is_an_event_in_order(service: Service) -> None:
    """From SUBMITTED to SUCCEEDED."""
    service.end(service.submit("pass"))
    statuses = [event["status"] for event in service.events]
    assert statuses == ["SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED"]


def test_a_failing_job_is_retried_by_its_rules(service: Service) -> None:
    """Two attempts, each with its exit code; then FAILED."""
    strategy = {"attempts": 3, "evaluateOnExit": [{"onExitCode": "7", "action": "EXIT"}]}
    code = "import os, sys; sys.exit(3 if os.environ['AWS_BATCH_JOB_ATTEMPT'] == '1' else 7)"
    detail = service.end(service.submit(code, retryStrategy=strategy))
    assert detail["status"] == "FAILED"
    assert [item["container"]["exitCode"] for item in detail["attempts"]] == [3, 7]


def test_an_attempt_that_exceeds_its_timeout_is_ended_and_not_retried(service: Service) -> None:
    """SIGTERM first, SIGKILL after the grace."""
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    make = service.batch.jobs._submission.job
    params = {"jobName": "j", "jobQueue": "q", "jobDefinition": "d", "retryStrategy": {"attempts": 3}}
    params["containerOverrides"] = {"command": [code]}
    job = service.batch.scheduler.submit(
        lambda order: make(params, order).model_copy(update={"timeout_seconds": 1})
    )
    detail = service.end(job.job_id)
    assert (detail["status"], detail["statusReason"]) == ("FAILED", TIMED_OUT)
    assert [item["container"]["exitCode"] for item in detail["attempts"]] == [128 + signal.SIGKILL]


def test_a_running_job_is_terminated(service: Service) -> None:
    """With the reason that was given; what waits is cancelled without ever starting."""
    running = service.submit("import time; time.sleep(60)", retryStrategy={"attempts": 3})
    waiting = service.submit("pass", dependsOn=[{"jobId": running}])
    service.until(running, "RUNNING")
    service.call("CancelJob", jobId=waiting, reason="not now")
    service.call("TerminateJob", jobId=running, reason="enough")
    detail = service.end(running)
    assert (detail["status"], detail["statusReason"], detail["isTerminated"]) == ("FAILED", "enough", True)
    assert detail["container"]["exitCode"] == 128 + signal.SIGTERM
    cancelled = service.end(waiting)
    assert (cancelled["statusReason"], cancelled["isCancelled"], cancelled["attempts"]) == (
        "not now",
        True,
        [],
    )


def test_a_job_waits_for_those_it_depends_on(service: Service) -> None:
    """It fails when one of them does."""
    first = service.submit("raise SystemExit(1)")
    detail = service.end(service.submit("pass", dependsOn=[{"jobId": first}]))
    assert (detail["status"], detail["statusReason"]) == ("FAILED", "Dependent Job failed")


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("ecr:GetAuthorizationToken", "ResourceInitializationError: unable to pull secrets or registry auth"),
        (
            "ecr:BatchGetImage",
            "ecr:BatchGetImage on resource: arn:aws:ecr:us-east-1:000000000000:repository/env",
        ),
    ],
)
def test_a_job_needs_its_execution_roles_permissions(
    action: str, words: str, service: Service, cloud: FakeCloud
) -> None:
    """Without them it fails before it starts, and says which one is missing."""
    cloud.denied.add(action)
    detail = service.end(service.submit("pass"))
    assert detail["status"] == "FAILED"
    assert words in detail["statusReason"]


def test_a_job_whose_roles_do_not_trust_its_task_fails(
    service: Service, cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ECS says so when it starts the task: Batch takes any role in a definition."""
    monkeypatch.setattr(cloud, "untrusted", {"ecs-tasks.amazonaws.com"})
    detail = service.end(service.submit("pass"))
    assert detail["status"] == "FAILED"
    assert "that was provided for this task" in detail["statusReason"]


def test_an_image_that_is_not_there_fails_the_job(service: Service) -> None:
    """As a container runtime would say it."""
    service.register(f"{HOST}/env:absent")
    assert service.end(service.submit("pass"))["statusReason"].startswith("CannotPullContainerError")


def test_a_job_in_flight_is_lost_with_the_server_and_retried(service: Service, cloud: FakeCloud) -> None:
    """The next server writes the attempt down as lost and starts another."""
    job_id = service.submit("import time; time.sleep(60)", retryStrategy={"attempts": 2})
    service.until(job_id, "RUNNING")
    service.batch.scheduler.close()
    again = Service(cloud)
    again.until(job_id, "RUNNING")
    assert [item.status_reason for item in again.batch.book.get(job_id).attempts] == [HOST_LOST]
    again.call("TerminateJob", jobId=job_id, reason="test ends")
    again.end(job_id)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"jobName": "a b"}, "jobName 'a b'"),
        ({"jobQueue": "absent"}, "job-queue/absent does not exist"),
        ({"jobDefinition": "d:9"}, "d:9 does not exist"),
        ({"timeout": {"attemptDurationSeconds": 5}}, "minimum of 60"),
        ({"retryStrategy": {"attempts": 11}}, "between 1 and 10"),
        ({"arrayProperties": {"size": 1}}, "between 2 and 10000"),
        ({"eksPropertiesOverride": {"podProperties": {}}}, "eksPropertiesOverride is not supported"),
        (
            {"containerOverrides": {"resourceRequirements": [{"type": "MEMORY", "value": "1"}]}},
            "MEMORY 1 does not",
        ),
        (
            {"containerOverrides": {"environment": [{"name": "AWS_BATCH_X", "value": ""}]}},
            "AWS_BATCH_X is reserved",
        ),
    ],
)
def test_a_submission_that_cannot_run_is_refused(
    params: dict[str, Any], words: str, service: Service
) -> None:
    """With ClientException, at once."""
    with pytest.raises(ApiError, match=words):
        service.call("SubmitJob", **{"jobName": "j", "jobQueue": "q", "jobDefinition": "d", **params})


def test_a_job_that_never_fits_waits_until_its_queue_is_gone(service: Service) -> None:
    """Its status says why it waits."""
    big = {"resourceRequirements": [{"type": "VCPU", "value": "8"}, {"type": "MEMORY", "value": "16384"}]}
    job_id = service.submit("pass", overrides=big)
    with service.batch.book.changed:
        assert service.batch.book.changed.wait_for(lambda: service.batch.book.get(job_id).status_reason, 20)
    assert service.batch.book.get(job_id).status_reason.startswith(
        "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE"
    )
    service.call("UpdateJobQueue", jobQueue="q", state="DISABLED")
    service.call("DeleteJobQueue", jobQueue="q")
    assert service.end(job_id)["statusReason"] == "The job queue was deleted"


def test_a_caller_must_be_allowed_to_pass_the_roles(service: Service, cloud: FakeCloud) -> None:
    """RegisterJobDefinition asks for iam:PassRole on each role that it hands to containers."""
    cloud.denied.add("iam:PassRole")
    caller = Caller("k", "arn:aws:sts::000000000000:assumed-role/operator/s", "000000000000", "us-east-1")
    needs = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}]
    container = {"image": "i", "jobRoleArn": ROLE, "resourceRequirements": needs}
    params = {"jobDefinitionName": "x", "type": "container", "containerProperties": container}
    with pytest.raises(ApiError, match="iam:PassRole"):
        service.batch.operations["RegisterJobDefinition"](params, caller)


def test_jobs_are_listed_by_status_and_name(service: Service) -> None:
    """RUNNING where nothing is asked for."""
    job_id = service.submit("pass")
    service.end(job_id)
    assert service.call("ListJobs", jobQueue="q")["jobSummaryList"] == []
    by_status = service.call("ListJobs", jobQueue="q", jobStatus="SUCCEEDED")["jobSummaryList"]
    by_name = service.call("ListJobs", jobQueue="q", filters=[{"name": "JOB_NAME", "values": ["J*"]}])[
        "jobSummaryList"
    ]
    assert [item["jobId"] for item in by_status] == [item["jobId"] for item in by_name] == [job_id]


def test_definitions_have_revisions(service: Service) -> None:
    """A name means the latest active one."""
    service.register(f"{HOST}/env:2")
    service.call("DeregisterJobDefinition", jobDefinition="d:2")
    found = service.call("DescribeJobDefinitions", jobDefinitionName="d")["jobDefinitions"]
    assert [(item["revision"], item["status"]) for item in found] == [(1, "ACTIVE"), (2, "INACTIVE")]
    assert service.batch.catalog.definition("d")["revision"] == 1
