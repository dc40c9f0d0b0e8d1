"""Array jobs: children, dependencies between them, and the parent's end."""

from pathlib import Path
from typing import Any

import pytest

from embedded.api_error import ApiError
from tests.fakes.batch import BatchService

THREE = {"size": 3}


def summary(detail: dict[str, Any]) -> dict[str, int]:
    found: dict[str, int] = detail["arrayProperties"]["statusSummary"]
    return {key: value for key, value in found.items() if value}


def test_an_array_runs_a_child_for_each_index(queued: BatchService) -> None:
    """The parent is PENDING while they run, and SUCCEEDED when they all are."""
    job_id = queued.submit(arrayProperties=THREE)
    children = queued.runner.wait(3)
    assert sorted(children) == [f"{job_id}:0", f"{job_id}:1", f"{job_id}:2"]
    for name in children:
        queued.until(name, lambda job: job.status == "RUNNING")
    parent, child = queued.job(job_id), queued.job(f"{job_id}:1")
    assert (parent["status"], summary(parent)) == ("PENDING", {"RUNNING": 3})
    assert child["arrayProperties"] == {"index": 1}
    assert child["jobArn"] == f"{parent['jobArn']}:1"
    for name in children:
        queued.runner.end(name)
    ended = queued.ended(job_id)
    assert (ended["status"], summary(ended), ended["arrayProperties"]["size"]) == (
        "SUCCEEDED",
        {"SUCCEEDED": 3},
        3,
    )


def test_one_failed_child_fails_the_parent_after_the_others(queued: BatchService) -> None:
    """It waits for all of them, and says why."""
    job_id = queued.submit(arrayProperties=THREE)
    first, second, third = queued.runner.wait(3)
    queued.runner.end(first, 1)
    queued.ended(first)
    assert queued.job(job_id)["status"] == "PENDING"
    queued.runner.end(second)
    queued.runner.end(third)
    ended = queued.ended(job_id)
    assert (ended["status"], ended["statusReason"]) == ("FAILED", "Array Child Job failed")
    assert summary(ended) == {"SUCCEEDED": 2, "FAILED": 1}


def test_a_sequential_array_runs_one_child_after_the_other(queued: BatchService) -> None:
    """The next index waits; after a failure the rest fails without having run."""
    job_id = queued.submit(arrayProperties=THREE, dependsOn=[{"type": "SEQUENTIAL"}])
    assert queued.runner.wait(1) == [f"{job_id}:0"]
    assert queued.until(f"{job_id}:0", lambda job: job.status == "RUNNING")
    assert summary(queued.job(job_id)) == {"RUNNING": 1, "PENDING": 2}
    queued.runner.end(f"{job_id}:0")
    assert queued.runner.wait(2)[1:] == [f"{job_id}:1"]
    queued.runner.end(f"{job_id}:1", 1)
    assert summary(queued.ended(job_id)) == {"SUCCEEDED": 1, "FAILED": 2}
    last = queued.job(f"{job_id}:2")
    assert (last["statusReason"], last["attempts"]) == ("Dependent Job failed", [])


def test_n_to_n_waits_for_the_same_index(queued: BatchService) -> None:
    """Child 1 of the second array starts when child 1 of the first has succeeded, whatever the others do."""
    first = queued.submit(arrayProperties=THREE)
    second = queued.submit(arrayProperties=THREE, dependsOn=[{"jobId": first, "type": "N_TO_N"}])
    queued.runner.wait(3)
    queued.runner.end(f"{first}:1")
    assert queued.runner.wait(4)[3] == f"{second}:1"
    queued.runner.end(f"{first}:0", 1)
    assert queued.ended(f"{second}:0")["statusReason"] == "Dependent Job failed"


def test_n_to_n_waits_for_an_array_that_has_not_begun(queued: BatchService) -> None:
    """Children that are not there yet are no reason to fail."""
    gate = queued.submit()
    first = queued.submit(arrayProperties=THREE, dependsOn=[{"jobId": gate}])
    second = queued.submit(arrayProperties=THREE, dependsOn=[{"jobId": first, "type": "N_TO_N"}])
    queued.until(f"{second}:2", lambda job: job.status == "PENDING")
    queued.runner.end(gate, 1)
    assert queued.ended(first)["statusReason"] == "Dependent Job failed"
    assert queued.ended(second)["statusReason"] == "Array Child Job failed"


def test_a_job_may_wait_for_a_whole_array(queued: BatchService) -> None:
    """It starts after the last child."""
    array = queued.submit(arrayProperties={"size": 2})
    after = queued.submit(dependsOn=[{"jobId": array}])
    for name in queued.runner.wait(2):
        assert queued.job(after)["status"] in ("SUBMITTED", "PENDING")
        queued.runner.end(name)
    assert queued.runner.wait(3)[2] == after


def test_children_are_listed_by_their_array(queued: BatchService) -> None:
    """And not among the jobs of the queue; RUNNING where no status is named."""
    job_id = queued.submit(arrayProperties={"size": 6})
    for name in queued.runner.wait(4):
        queued.until(name, lambda job: job.status == "RUNNING")
    found = queued.call("ListJobs", arrayJobId=job_id)["jobSummaryList"]
    assert [item["arrayProperties"]["index"] for item in found] == [0, 1, 2, 3]
    waiting = queued.call("ListJobs", arrayJobId=job_id, jobStatus="RUNNABLE")["jobSummaryList"]
    assert len(waiting) == 2
    whole = queued.call("ListJobs", jobQueue="q", jobStatus="PENDING")["jobSummaryList"]
    assert [item["jobId"] for item in whole] == [job_id]
    assert queued.call("ListJobs", jobQueue="q", jobStatus="RUNNABLE")["jobSummaryList"] == []


def test_terminating_an_array_ends_its_children(queued: BatchService) -> None:
    """Those that run are ended, the others never start; the parent tells the reason."""
    job_id = queued.submit(arrayProperties={"size": 6})
    queued.runner.wait(4)
    queued.call("TerminateJob", jobId=job_id, reason="enough")
    ended = queued.ended(job_id)
    assert (ended["status"], ended["statusReason"], ended["isTerminated"]) == ("FAILED", "enough", True)
    assert len(queued.runner.started) == 4
    assert queued.job(f"{job_id}:5")["statusReason"] == "enough"


def test_cancelling_an_array_lets_running_children_end(queued: BatchService) -> None:
    """The parent is canceled when they have."""
    job_id = queued.submit(arrayProperties={"size": 6})
    running = queued.runner.wait(4)
    queued.call("CancelJob", jobId=job_id, reason="not now")
    queued.ended(f"{job_id}:5")
    assert queued.job(job_id)["status"] == "PENDING"
    for name in running:
        queued.runner.end(name)
    assert summary(queued.ended(job_id)) == {"SUCCEEDED": 4, "FAILED": 2}


def test_an_array_goes_on_after_a_restart(queued: BatchService, tmp_path: Path) -> None:
    """Children that ran are lost and retried by their rules; those that had ended stay so."""
    job_id = queued.submit(arrayProperties=THREE, retryStrategy={"attempts": 2})
    first, *_ = queued.runner.wait(3)
    queued.runner.end(first)
    queued.ended(first)
    queued.close()
    again = BatchService(tmp_path)
    assert set(again.runner.wait(2)) == {f"{job_id}:{index}" for index in range(3)} - {first}
    for name in again.runner.started:
        again.runner.end(name)
    assert again.ended(job_id)["status"] == "SUCCEEDED"
    again.close()


def test_large_arrays_are_spawned_in_portions(queued: BatchService) -> None:
    """None is left out or run twice."""
    queued.runner.code = 0
    job_id = queued.submit(arrayProperties={"size": 250})
    assert summary(queued.ended(job_id)) == {"SUCCEEDED": 250}
    assert len(queued.runner.started) == len(set(queued.runner.started)) == 250


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"arrayProperties": {"size": 10_001}}, "between 2 and 10000"),
        ({"dependsOn": [{"type": "SEQUENTIAL"}]}, "only an array job may be SEQUENTIAL"),
        ({"dependsOn": [{"jobId": "absent"}]}, "absent is not a job"),
        ({"dependsOn": [{"jobId": "x"}] * 21}, "at most 20"),
    ],
)
def test_what_arrays_and_dependencies_cannot_be_is_refused(
    params: dict[str, Any], words: str, queued: BatchService
) -> None:
    """With ClientException."""
    with pytest.raises(ApiError, match=words):
        queued.submit(**params)


def test_n_to_n_is_for_arrays_of_the_same_size(queued: BatchService) -> None:
    """Neither for a plain job nor for an array of another size."""
    plain = queued.submit()
    with pytest.raises(ApiError, match="two array jobs of the same size"):
        queued.submit(arrayProperties=THREE, dependsOn=[{"jobId": plain, "type": "N_TO_N"}])
