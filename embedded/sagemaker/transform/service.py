"""The operations on transform jobs, and the threads in which they run."""

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

from embedded.cloud import Cloud
from embedded.sagemaker import listing
from embedded.sagemaker.instance import Instance
from embedded.sagemaker.models import read_container
from embedded.sagemaker.naming import TRANSFORM, Names
from embedded.sagemaker.records import Variant
from embedded.sagemaker.refusals import invalid
from embedded.sagemaker.roles import require
from embedded.sagemaker.tables import Tables
from embedded.sagemaker.tags import read_tags
from embedded.sagemaker.transform.jobs import ENDED, JobRecord, Jobs, describe, summary
from embedded.sagemaker.transform.requests import read_plan
from embedded.sagemaker.transform.runner import JobFailedError, Runner
from embedded.wire import ApiError, Caller, Operation

logger = logging.getLogger(__name__)

_DEFAULTS = {"BatchStrategy": "MultiRecord", "MaxPayloadInMB": 6, "MaxConcurrentTransforms": 0}


class TransformJobs:
    """Takes jobs, runs them aside, and takes them up again after a restart."""

    def __init__(self, cloud: Cloud, tables: Tables, jobs: Jobs, runner: Runner) -> None:
        self._cloud = cloud
        self._models = tables.models
        self._jobs = jobs
        self._runner = runner
        self._names = Names(cloud.region, cloud.account_id)
        self._stopping: dict[str, threading.Event] = {}
        self._closing = threading.Event()

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            "CreateTransformJob": self._create,
            "DescribeTransformJob": self._describe,
            "ListTransformJobs": self._list,
            "StopTransformJob": self._stop,
        }

    def resume(self) -> None:
        """Run jobs again that an earlier server did not finish: what they write is the same."""
        for record in self._jobs.table.all():
            if record.status == "Stopping":
                self._end(record.name, "Stopped")
            elif record.status not in ENDED:
                self._begin(record)

    def close(self) -> None:
        """From now on what fails is nobody's failure: the cloud is being stopped."""
        self._closing.set()

    def running(self) -> Iterator[tuple[str, Instance]]:
        """The containers of jobs, with the jobs' names."""
        return self._runner.running()

    def _create(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        read_plan(params)
        name = params["TransformJobName"]
        arn, now = self._names.arn(TRANSFORM, name), time.time()
        if params.get("Tags"):
            require(self._cloud, caller, "sagemaker:AddTags", arn)
        record = JobRecord(
            name=name,
            arn=arn,
            created=now,
            modified=now,
            tags=read_tags(params.get("Tags", [])),
            request={key: value for key, value in params.items() if key != "Tags"},
            variant=self._variant(params),
        )
        if not self._jobs.add(record):
            raise ApiError("ResourceInUse", f"Job name must be unique within an account: {name} is taken.")
        self._begin(record)
        return {"TransformJobArn": arn}

    def _variant(self, params: Mapping[str, Any]) -> Variant:
        model = self._models.get(params["ModelName"])
        if model is None:
            raise invalid(f'Could not find model "{self._names.arn("model", params["ModelName"])}".')
        container = read_container(model.request)
        batch = {
            "SAGEMAKER_BATCH": "true",
            "SAGEMAKER_BATCH_STRATEGY": _told(params, "BatchStrategy"),
            "SAGEMAKER_MAX_PAYLOAD_IN_MB": _told(params, "MaxPayloadInMB"),
            "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": _told(params, "MaxConcurrentTransforms"),
        }
        environment = {**container.environment, **params.get("Environment", {}), **batch}
        return Variant(
            name="transform",
            role_arn=model.request["ExecutionRoleArn"],
            container=container.model_copy(update={"environment": environment}),
            instances=params["TransformResources"]["InstanceCount"],
            weight=1.0,
        )

    def _describe(self, params: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        return describe(self._get(params["TransformJobName"]))

    def _list(self, params: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        records, token = listing.select(self._jobs.table.all(), params)
        return {"TransformJobSummaries": [summary(each) for each in records], "NextToken": token}

    def _stop(self, params: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        record = self._get(params["TransformJobName"])
        if record.status in ENDED:
            raise invalid(f"The request was rejected because the transform job is in status {record.status}.")
        self._jobs.change(record.name, status="Stopping", modified=time.time())
        self._stopping.setdefault(record.name, threading.Event()).set()
        return {}

    def _get(self, name: str) -> JobRecord:
        record = self._jobs.table.get(name)
        if record is None:
            raise ApiError(
                "ResourceNotFound",
                f"Could not find requested job with name: {name}",
            )
        return record

    def _begin(self, record: JobRecord) -> None:
        stopping = self._stopping.setdefault(record.name, threading.Event())
        threading.Thread(
            target=self._run, args=(record, stopping), name=f"transform {record.name}", daemon=True
        ).start()

    def _run(self, record: JobRecord, stopping: threading.Event) -> None:
        self._jobs.change(record.name, started=record.started or time.time(), modified=time.time())
        try:
            self._runner.run(record, stopping)
        except JobFailedError as error:
            self._end(record.name, "Failed", str(error)[:1024])
        except Exception as error:
            logger.exception("transform job %s", record.name)
            self._end(record.name, "Failed", f"InternalServerError: {type(error).__name__}: {error}"[:1024])
        else:
            self._end(record.name, "Completed")

    def _end(self, name: str, status: str, reason: str | None = None) -> None:
        if self._closing.is_set():  # The next server runs it again.
            return
        stopping = self._stopping.pop(name, None)
        is_stopped = stopping is not None and stopping.is_set()
        now = time.time()
        self._jobs.change(
            name,
            status="Stopped" if is_stopped else status,
            reason=None if is_stopped else reason,
            ended=now,
            modified=now,
        )


def _told(params: Mapping[str, Any], name: str) -> str:
    return str(params.get(name) or _DEFAULTS[name])
