"""Multi-node parallel jobs: the main node first, then the others; the main node's end is the job's.

Source: https://docs.aws.amazon.com/batch/latest/userguide/multi-node-parallel-jobs.html (and
mnp-env-vars.html). All nodes run on this machine, so the main node's address is the loopback.
"""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from embedded.batch.model import Attempt, Job, container_of
from embedded.supervision import StopSignal

MAIN_ENDED = "The main node of the job has exited"
MAIN_ADDRESS = "127.0.0.1"


class Runner(Protocol):
    """Runs one attempt of a job."""

    def run(
        self, job: Job, environment_arn: str, stop: StopSignal, on_running: Callable[..., Any]
    ) -> Attempt:
        """Run until the end; `on_running(log_stream=…, task_arn=…, started_at=…)` at its start."""


class NodeRunner:
    """Runs an attempt of a multi-node job; each node's job is told of by `put`."""

    def __init__(self, runner: Runner, find: Callable[[str], Job | None], put: Callable[[Job], Any]) -> None:
        self._runner = runner
        self._find = find
        self._put = put

    def run(
        self, job: Job, environment_arn: str, stop: StopSignal, on_running: Callable[..., Any]
    ) -> Attempt:
        """Run all nodes; the attempt is the main node's."""
        main, count = int(job.main_node or 0), int(job.node_count or 1)
        signals = {index: StopSignal() for index in range(count) if index != main}
        threads: list[threading.Thread] = []

        def up(**found: Any) -> None:
            on_running(**found)
            for index, signal in signals.items():
                threads.append(_started(partial(self._node, job, index, environment_arn, signal)))

        attempt = self._node(job, main, environment_arn, stop, up)
        for signal in signals.values():
            signal.stop(MAIN_ENDED)
        for thread in threads:
            thread.join()
        return attempt

    def _node(
        self,
        job: Job,
        index: int,
        environment_arn: str,
        stop: StopSignal,
        up: Callable[..., Any] | None = None,
    ) -> Attempt:
        before = self._find(f"{job.job_id}#{index}")
        node = node_job(job, index, before.attempts if before else ())
        self._put(node)

        def running(**found: Any) -> None:
            self._put(node.model_copy(update={"status": "RUNNING", **found}))
            if up is not None:
                up(**found)

        attempt = self._runner.run(node, environment_arn, stop, running)
        latest = self._find(node.job_id) or node
        ended = {
            "status": "FAILED" if attempt.has_failed else "SUCCEEDED",
            "status_reason": attempt.status_reason,
            "stopped_at": attempt.stopped_at,
            "attempts": (*latest.attempts, attempt),
        }
        self._put(latest.model_copy(update=ended))
        return attempt


def node_job(job: Job, index: int, attempts: tuple[Attempt, ...]) -> Job:
    """A node of a job, as it starts. The whole job's timeout is kept by its main node."""
    job_id = f"{job.job_id}#{index}"
    changes: dict[str, Any] = {
        "job_id": job_id,
        "job_arn": f"{job.job_arn}#{index}",
        "container": container_of(job.nodes or {}, index),
        "nodes": None,
        "node": index,
        "parent": job.job_id,
        "depends_on": (),
        "attempts": attempts,
        "status": "STARTING",
        "status_reason": None,
        "started_at": None,
        "stopped_at": None,
        "timeout_seconds": job.timeout_seconds if index == job.main_node else None,
    }
    return job.model_copy(update=changes)


def variables(job: Job) -> dict[str, str]:
    """What a node's process is told beside what every job is."""
    if job.node is None:
        return {}
    told = {
        "AWS_BATCH_JOB_MAIN_NODE_INDEX": str(job.main_node),
        "AWS_BATCH_JOB_NODE_INDEX": str(job.node),
        "AWS_BATCH_JOB_NUM_NODES": str(job.node_count),
    }
    child = {"AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS": MAIN_ADDRESS}
    return told if job.node == job.main_node else told | child


def _started(run: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=run, name="batch node", daemon=True)
    thread.start()
    return thread
