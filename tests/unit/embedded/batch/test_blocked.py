"""A queue that is blocked says why, and what is done about it."""

from pathlib import Path
from typing import Any

import pytest

from embedded.api_error import ApiError
from embedded.batch.model import Job
from tests.fakes.batch import BatchService, needs

CAPACITY = "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY"
TOO_SMALL = "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE"
WRONG = "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT"
BIG = {"resourceRequirements": needs("8")}


def limit(reason: str, seconds: int = 600) -> dict[str, Any]:
    return {"reason": reason, "state": "RUNNABLE", "maxTimeSeconds": seconds, "action": "CANCEL"}


def is_blocked(job: Job) -> bool:
    return job.status == "RUNNABLE" and job.status_reason is not None


def is_free(job: Job) -> bool:
    return job.status == "RUNNABLE" and job.status_reason is None


def test_a_job_that_is_too_large_blocks_its_queue_and_says_so(queued: BatchService) -> None:
    """DescribeJobs, ListJobs and one event "Batch Job Queue Blocked" tell why; those behind it wait."""
    big, behind = queued.submit(containerOverrides=BIG), queued.submit()
    detail = queued.until(big, is_blocked)
    assert detail["statusReason"].startswith(f"{TOO_SMALL} - ")
    listed = queued.call("ListJobs", jobQueue="q", jobStatus="RUNNABLE")["jobSummaryList"]
    assert {item["jobId"]: item.get("statusReason") for item in listed} == {
        big: detail["statusReason"],
        behind: None,
    }
    blocked = [event for kind, event in queued.events if kind == "Batch Job Queue Blocked"]
    assert [(event["jobId"], event["statusReason"]) for event in blocked] == [(big, detail["statusReason"])]


def test_a_blocked_queue_goes_on_when_its_environment_grows(queued: BatchService) -> None:
    """The reason is gone with its cause."""
    big = queued.submit(containerOverrides=BIG)
    queued.until(big, is_blocked)
    queued.call("UpdateComputeEnvironment", computeEnvironment="ce", computeResources={"maxvCpus": 8})
    assert queued.runner.wait(1) == [big]
    assert queued.until(big, lambda job: job.status == "RUNNING").get("statusReason") is None


def test_a_time_limit_cancels_the_job_at_the_head(queued: BatchService) -> None:
    """After its time in that state for that reason, and not before; then the next one starts."""
    queued.call("UpdateJobQueue", jobQueue="q", jobStateTimeLimitActions=[limit(TOO_SMALL)])
    big, behind = queued.submit(containerOverrides=BIG), queued.submit()
    queued.until(big, is_blocked)
    queued.now += 599_000
    queued.batch.scheduler.wake()
    assert queued.job(big)["status"] == "RUNNABLE"
    queued.now += 1_000
    queued.batch.scheduler.wake()
    detail = queued.ended(big)
    assert detail["statusReason"] == f"Canceled by JobStateTimeLimit action due to reason: {TOO_SMALL}"
    assert queued.runner.wait(1) == [behind]


def test_a_time_limit_for_another_reason_does_nothing(queued: BatchService) -> None:
    """Actions are chosen by their reason."""
    queued.call("UpdateJobQueue", jobQueue="q", jobStateTimeLimitActions=[limit(CAPACITY)])
    big = queued.submit(containerOverrides=BIG)
    queued.until(big, is_blocked)
    queued.now += 86_400_000
    queued.call("UpdateJobQueue", jobQueue="q", priority=2)
    queued.call("UpdateJobQueue", jobQueue="q", priority=3)
    assert queued.job(big)["status"] == "RUNNABLE"


def test_the_time_goes_on_over_a_restart(queued: BatchService, tmp_path: Path) -> None:
    """Since when a job blocks its queue is written down."""
    queued.call("UpdateJobQueue", jobQueue="q", jobStateTimeLimitActions=[limit(TOO_SMALL)])
    big = queued.submit(containerOverrides=BIG)
    queued.until(big, is_blocked)
    queued.close()
    again = BatchService(tmp_path)
    again.now += 600_000
    again.batch.scheduler.wake()
    assert again.ended(big)["isCancelled"]
    again.close()


def test_missing_capacity_is_told_and_goes_by(queued: BatchService) -> None:
    """As an instance type that EC2 has none of; with capacity the job starts."""
    queued.batch.scheduler.lack("ce", "g5.xlarge")
    job_id = queued.submit()
    detail = queued.until(job_id, is_blocked)
    assert detail["statusReason"] == (
        f"{CAPACITY} - Service cannot fulfill the capacity requested for instance type [g5.xlarge]"
    )
    queued.batch.scheduler.lack("ce", None)
    assert queued.runner.wait(1) == [job_id]


def test_a_disabled_environment_blocks_its_queues(queued: BatchService) -> None:
    """No other is there."""
    queued.call("UpdateComputeEnvironment", computeEnvironment="ce", state="DISABLED")
    assert queued.until(queued.submit(), is_blocked)["statusReason"].startswith("ACTION_REQUIRED")


def test_gpus_are_counted(queued: BatchService) -> None:
    """A g4dn.xlarge has one for four vCPU: eight vCPU are two jobs, and a job of two fits on no instance."""
    queued.environment("gpu", maxvCpus=8, instanceTypes=["g4dn.xlarge"])
    order = [{"order": 1, "computeEnvironment": "gpu"}]
    queued.call("CreateJobQueue", jobQueueName="g", priority=1, computeEnvironmentOrder=order)
    one = {"resourceRequirements": needs(gpus="1")}
    jobs = [queued.submit(queue="g", containerOverrides=one) for _ in range(3)]
    assert set(queued.runner.wait(2)) == set(jobs[:2])
    assert queued.until(jobs[2], is_free)
    queued.runner.end(jobs[0])
    assert queued.runner.wait(3)[2] == jobs[2]
    two = queued.submit(queue="g", containerOverrides={"resourceRequirements": needs(gpus="2")})
    assert queued.until(two, is_blocked)["statusReason"].startswith(f"{WRONG} - ")


def test_an_interrupted_host_is_the_attempts_status_reason(queued: BatchService) -> None:
    """And rules on `Host EC2*` decide about another attempt; an own failure is none."""
    rules = [{"onStatusReason": "Host EC2*", "action": "RETRY"}, {"onReason": "*", "action": "EXIT"}]
    job_id = queued.submit(retryStrategy={"attempts": 3, "evaluateOnExit": rules})
    queued.runner.wait(1)
    queued.batch.scheduler.reclaim(job_id)
    queued.runner.wait(2)
    first = queued.job(job_id)["attempts"][0]
    assert first["statusReason"].startswith("Host EC2 (instance i-")
    assert first["statusReason"].endswith(") terminated.")
    queued.runner.end(job_id, 1)
    assert len(queued.ended(job_id)["attempts"]) == 2


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (limit(TOO_SMALL, 60), "between 600 and 86400"),
        (limit("UNDETERMINED"), "reason UNDETERMINED is none of"),
        (limit(TOO_SMALL) | {"action": "TERMINATE"}, "action CANCEL"),
    ],
)
def test_time_limits_that_batch_has_not_are_refused(
    action: dict[str, Any], words: str, queued: BatchService
) -> None:
    """By the queue."""
    with pytest.raises(ApiError, match=words):
        queued.call("UpdateJobQueue", jobQueue="q", jobStateTimeLimitActions=[action])


def test_a_pending_job_is_canceled_when_what_it_waits_for_has_ended(queued: BatchService) -> None:
    """Not at once; RUNNABLE ones are."""
    first = queued.submit()
    pending = queued.submit(dependsOn=[{"jobId": first}])
    queued.runner.wait(1)
    queued.until(pending, lambda job: job.status == "PENDING")
    queued.call("CancelJob", jobId=pending, reason="not now")
    detail = queued.job(pending)
    assert (detail["status"], detail["isCancelled"]) == ("PENDING", True)
    queued.runner.end(first)
    assert queued.ended(pending)["statusReason"] == "not now"


def test_the_front_of_a_queue_is_shown(queued: BatchService) -> None:
    """The RUNNABLE jobs in order, each with the moment since when it stands there, and what is in use."""
    jobs = [queued.submit() for _ in range(6)]
    queued.runner.wait(4)
    queued.until(jobs[5], lambda job: job.status == "RUNNABLE")
    found = queued.call("GetJobQueueSnapshot", jobQueue="q")
    arns = [queued.job(job_id)["jobArn"] for job_id in jobs[4:]]
    assert [item["jobArn"] for item in found["frontOfQueue"]["jobs"]] == arns
    use = found["queueUtilization"]["totalCapacityUsage"]
    assert use == [{"capacityUnit": "VCPU", "quantity": 4.0}]


def test_the_position_in_a_queue_has_its_time(queued: BatchService) -> None:
    """It begins anew when those before have gone."""
    jobs = [queued.submit() for _ in range(6)]
    queued.runner.wait(4)
    queued.until(jobs[5], lambda job: job.status == "RUNNABLE")
    queued.now += 5_000
    queued.runner.end(jobs[0])
    queued.runner.wait(5)
    queued.until(jobs[4], lambda job: job.status == "RUNNING")
    queued.now += 1_000
    queued.until(queued.submit(), lambda job: job.status == "RUNNABLE")
    front = queued.call("GetJobQueueSnapshot", jobQueue="q")["frontOfQueue"]["jobs"]
    assert [item["earliestTimeAtPosition"] for item in front] == [1_000_005_000, 1_000_006_000]


def test_what_is_in_a_queue_ends_with_it(queued: BatchService) -> None:
    """Also what runs, and what waits for it."""
    running = queued.submit()
    array = queued.submit(arrayProperties={"size": 4})
    pending = queued.submit(dependsOn=[{"jobId": running}])
    queued.runner.wait(4)
    queued.call("UpdateJobQueue", jobQueue="q", state="DISABLED")
    queued.call("DeleteJobQueue", jobQueue="q")
    for job_id in (running, array, pending):
        assert queued.ended(job_id)["statusReason"] == "The job queue was deleted"


def test_too_many_tags_for_a_task_fail_the_job(queued: BatchService) -> None:
    """Only where they are propagated."""
    tags = {f"k{number}": "v" for number in range(40)}
    queued.register("tagged", tags={f"d{number}": "v" for number in range(20)})
    failed = queued.submit(definition="tagged", tags=tags, propagateTags=True)
    assert queued.ended(failed)["status"] == "FAILED"
    queued.submit(definition="tagged", tags=tags)
    assert len(queued.runner.wait(1)) == 1


def test_events_name_the_job_among_its_tags(queued: BatchService) -> None:
    """As AWS shows them."""
    job_id = queued.submit(tags={"run": "r"})
    queued.runner.wait(1)
    assert queued.events[0][1]["tags"] == {"resourceArn": queued.job(job_id)["jobArn"], "run": "r"}
