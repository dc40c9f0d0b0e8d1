"""Runs a transform job: containers up, every object asked about, answers written, containers down.

What S3 is asked is asked under the model's execution role. An object that fails fails the job at its end, and
leaves no output; the others' outputs stay ("Batch Transform Errors").
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from embedded.authority import AccessDenied
from embedded.sagemaker.containers import Containers, Place, StartError, processes
from embedded.sagemaker.instance import Instance
from embedded.sagemaker.model_data import split
from embedded.sagemaker.transform.batches import TooLargeError, assembled, batches, output_key
from embedded.sagemaker.transform.calls import CallError, Limits, ask, limits_of
from embedded.sagemaker.transform.jobs import JobRecord
from embedded.sagemaker.transform.requests import Plan, read_plan

LOG_GROUP = "/aws/sagemaker/TransformJobs"
_SEE_LOGS = "See job logs for more information"


class JobFailedError(Exception):
    """A job that failed; the message is its FailureReason."""


@dataclass(frozen=True)
class Work:
    """One running job."""

    plan: Plan
    s3: Any
    instances: Sequence[Instance]
    limits: Limits
    stopping: threading.Event


class Runner:
    """Runs jobs, one at a time for each caller."""

    def __init__(self, containers: Containers, s3: Any) -> None:
        """`s3` gives a client under a role."""
        self._containers = containers
        self._s3 = s3
        self._instances: dict[str, Sequence[Instance]] = {}

    def running(self) -> Iterator[tuple[str, Instance]]:
        """The containers of jobs, with the jobs' names."""
        for name, instances in list(self._instances.items()):
            yield from ((name, each) for each in instances)

    def run(self, record: JobRecord, stopping: threading.Event) -> None:
        """Return when all is done, or `stopping` is set. Raises JobFailedError."""
        plan = read_plan(record.request)
        instances = self._start(record, plan)
        self._instances[record.name] = instances
        try:
            limits = limits_of(plan, instances[0])
            _transform(Work(plan, self._client(record), instances, limits, stopping))
        finally:
            self._instances.pop(record.name, None)
            self._containers.stop(instances)

    def _start(self, record: JobRecord, plan: Plan) -> list[Instance]:
        place = Place(LOG_GROUP, record.name)
        try:
            return self._containers.start_at(place, record.variant, processes(plan.instances))
        except StartError as error:
            raise JobFailedError(f"AlgorithmError: {_SEE_LOGS}. ({error})") from error

    def _client(self, record: JobRecord) -> Any:
        try:
            return self._s3(record.variant.role_arn)
        except AccessDenied as error:
            raise JobFailedError(f"ClientError: {error}") from error


def _transform(work: Work) -> None:
    bucket, prefix = split(work.plan.source)
    keys = _keys(work.s3, bucket, prefix)
    with ThreadPoolExecutor(len(work.instances)) as pool:
        failures = pool.map(
            lambda item: _one(work, work.instances[item[0] % len(work.instances)], item[1]), enumerate(keys)
        )
    failed = [each for each in failures if each]
    if failed:
        raise JobFailedError(failed[0])


def _keys(s3: Any, bucket: str, prefix: str) -> Sequence[str]:
    try:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    except ClientError as error:
        raise JobFailedError(f"ClientError: Failed to list s3://{bucket}/{prefix}: {error}") from error
    found = [key for key in keys if not key.endswith("/")]
    if not found:
        raise JobFailedError(f"ClientError: No S3 objects found under S3 URL s3://{bucket}/{prefix}")
    return found


def _one(work: Work, instance: Instance, key: str) -> str | None:
    """Transform an object; the failure's reason."""
    source, prefix = split(work.plan.source)
    target, path = split(work.plan.target)
    try:
        data: bytes = work.s3.get_object(Bucket=source, Key=key)["Body"].read()
        output = _answers(work, instance, data)
        if output is not None:
            kind: Mapping[str, str] = {"ContentType": work.plan.accept} if work.plan.accept else {}
            work.s3.put_object(Bucket=target, Key=output_key(prefix, key, path), Body=output, **kind)
    except ClientError as error:
        return f"ClientError: s3://{source}/{key}: {error}"
    except (CallError, TooLargeError) as error:
        kind_of = "AlgorithmError" if getattr(error, "is_server", False) else "ClientError"
        return f"{kind_of}: {_SEE_LOGS}. (s3://{source}/{key}: {error})"
    return None


def _answers(work: Work, instance: Instance, data: bytes) -> bytes | None:
    """All answers of an object; None when the job is being stopped."""
    payloads = batches(
        data,
        by_lines=work.plan.by_lines,
        is_single=work.limits.strategy == "SingleRecord",
        limit=work.limits.payload_bytes,
    )
    with ThreadPoolExecutor(work.limits.at_once) as pool:
        answers = list(pool.map(lambda each: _ask(work, instance, each), payloads))
    if work.stopping.is_set():
        return None
    return assembled(answers, with_newlines=work.plan.with_newlines)


def _ask(work: Work, instance: Instance, payload: bytes) -> bytes:
    return b"" if work.stopping.is_set() else ask(instance, work.plan, payload)
