"""Multi-node parallel jobs: the main node decides."""

from typing import Any

import pytest

from embedded.api_error import ApiError
from embedded.batch.model import container_of
from embedded.batch.nodes import node_job, variables
from tests.fakes.batch import IMAGE, BatchService, needs


def nodes(count: int = 3, **more: Any) -> dict[str, Any]:
    every = {"targetNodes": "0:", "container": {"image": IMAGE, "resourceRequirements": needs()}}
    return {"numNodes": count, "mainNode": 0, "nodeRangeProperties": [every], **more}


@pytest.fixture
def parallel(queued: BatchService) -> BatchService:
    queued.register("m", type="multinode", containerProperties={}, nodeProperties=nodes())
    return queued


def test_the_main_nodes_end_is_the_jobs(parallel: BatchService) -> None:
    """It starts first; the other nodes are stopped when it exits."""
    job_id = parallel.submit(definition="m")
    assert parallel.runner.wait(3)[0] == f"{job_id}#0"
    parallel.runner.end(f"{job_id}#0")
    ended = parallel.ended(job_id)
    assert (ended["status"], ended["nodeProperties"]["numNodes"]) == ("SUCCEEDED", 3)
    assert len(ended["attempts"]) == 1
    other = parallel.job(f"{job_id}#2")
    assert (other["status"], other["nodeDetails"]) == ("FAILED", {"nodeIndex": 2, "isMainNode": False})


def test_a_child_nodes_failure_changes_nothing(parallel: BatchService) -> None:
    """AWS takes no action on the other nodes."""
    job_id = parallel.submit(definition="m")
    parallel.runner.wait(3)
    parallel.runner.end(f"{job_id}#1", 1)
    assert parallel.ended(f"{job_id}#1")["status"] == "FAILED"
    assert parallel.job(job_id)["status"] == "RUNNING"
    parallel.until(f"{job_id}#2", lambda job: job.status == "RUNNING")
    listed = parallel.call("ListJobs", multiNodeJobId=job_id)["jobSummaryList"]
    assert [item["nodeProperties"]["nodeIndex"] for item in listed] == [0, 2]
    parallel.runner.end(f"{job_id}#0")
    parallel.ended(job_id)


def test_a_failed_main_node_is_another_attempt_of_all(parallel: BatchService) -> None:
    """Each attempt starts all nodes again."""
    job_id = parallel.submit(definition="m", retryStrategy={"attempts": 2})
    parallel.runner.wait(3)
    parallel.runner.end(f"{job_id}#0", 1)
    assert len(parallel.runner.wait(6)) == 6
    parallel.runner.end(f"{job_id}#0")
    assert len(parallel.ended(job_id)["attempts"]) == 2


def test_all_nodes_find_room_or_none(parallel: BatchService) -> None:
    """Three vCPU at once; where two are free, the job waits."""
    first = [parallel.submit(), parallel.submit()]
    parallel.runner.wait(2)
    job_id = parallel.submit(definition="m")
    parallel.until(job_id, lambda job: job.status == "RUNNABLE")
    assert set(parallel.runner.started) == set(first)
    parallel.runner.end(first[0])
    assert parallel.runner.wait(3)[2] == f"{job_id}#0"


def test_nodes_are_told_who_they_are(parallel: BatchService) -> None:
    """The main node has no address of a main node."""
    job = parallel.batch.book.get(parallel.submit(definition="m"))
    assert job is not None
    told = variables(node_job(job, 2, ()))
    assert told == {
        "AWS_BATCH_JOB_MAIN_NODE_INDEX": "0",
        "AWS_BATCH_JOB_NODE_INDEX": "2",
        "AWS_BATCH_JOB_NUM_NODES": "3",
        "AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS": "127.0.0.1",
    }
    assert "AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS" not in variables(node_job(job, 0, ()))


def test_nested_ranges_and_overrides_choose_a_nodes_container(parallel: BatchService) -> None:
    """`4:5` within `0:` counts for nodes 4 and 5; an override names a range of the definition."""
    inner = {"targetNodes": "1:1", "container": {"image": f"{IMAGE}0", "resourceRequirements": needs()}}
    given = nodes()
    ranges = [*given["nodeRangeProperties"], inner]
    parallel.register(
        "nested",
        type="multinode",
        containerProperties={},
        nodeProperties=given | {"nodeRangeProperties": ranges},
    )
    over = {"targetNodes": "1:1", "containerOverrides": {"command": ["x"]}}
    job_id = parallel.submit(definition="nested", nodeOverrides={"nodePropertyOverrides": [over]})
    job = parallel.batch.book.get(job_id)
    assert job is not None
    found = [container_of(job.nodes or {}, index) for index in range(3)]
    assert [(item["image"] == IMAGE, item["command"]) for item in found] == [
        (True, []),
        (False, ["x"]),
        (True, []),
    ]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (nodes(2, mainNode=2), "do not go together"),
        (
            nodes(2, nodeRangeProperties=[{"targetNodes": "1:", "container": {"image": "i"}}]),
            "account for all",
        ),
        (nodes(2, nodeRangeProperties=[{"targetNodes": "a", "container": {"image": "i"}}]), "is not like"),
        (nodes(2, nodeRangeProperties=[{"targetNodes": "0:", "eksProperties": {"x": 1}}]), "eksProperties"),
    ],
)
def test_nodes_that_cannot_be_are_refused(given: dict[str, Any], words: str, queued: BatchService) -> None:
    """At registration."""
    with pytest.raises(ApiError, match=words):
        queued.register("m", type="multinode", nodeProperties=given)


def test_a_node_is_ended_with_its_job_only(parallel: BatchService) -> None:
    """The message names the job."""
    job_id = parallel.submit(definition="m")
    parallel.runner.wait(3)
    with pytest.raises(ApiError, match="name the multi-node job"):
        parallel.call("TerminateJob", jobId=f"{job_id}#1", reason="r")
    parallel.call("TerminateJob", jobId=job_id, reason="enough")
    assert parallel.ended(job_id)["statusReason"] == "enough"
