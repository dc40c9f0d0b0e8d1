"""Operations on jobs."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from embedded.batch.book import JobBook
from embedded.batch.catalog import QUEUES, Catalog, Document, invalid
from embedded.batch.detail import job_detail, job_summary
from embedded.batch.model import Job
from embedded.batch.scheduler import Scheduler
from embedded.batch.submission import Submission
from embedded.paging import page

_PAGE = 100


class Jobs:
    """Submit, describe, list, cancel and terminate; each operation takes the API's parameters."""

    def __init__(self, book: JobBook, scheduler: Scheduler, catalog: Catalog) -> None:
        self._book = book
        self._scheduler = scheduler
        self._catalog = catalog
        self._submission = Submission(catalog, catalog.arn, book.get)

    def submit(self, params: Document) -> Document:
        """SubmitJob."""
        job = self._scheduler.submit(lambda order: self._submission.job(params, order))
        return {"jobArn": job.job_arn, "jobName": job.name, "jobId": job.job_id}

    def describe(self, params: Document) -> Document:
        """DescribeJobs: unknown jobs are left out."""
        if not 1 <= len(params["jobs"]) <= _PAGE:
            raise invalid(f"jobs must hold 1 to {_PAGE} ids")
        found = (self._book.get(job_id) for job_id in params["jobs"])
        return {"jobs": [self.detail(job) for job in found if job is not None]}

    def detail(self, job: Job) -> Document:
        """A job as DescribeJobs shows it."""
        return job_detail(job, self._book.counts(job.job_id))

    def list(self, params: Document) -> Document:
        """ListJobs of a queue, an array or a multi-node job, by status (RUNNING by default) or filters."""
        is_wanted = _wanted(params)
        found = [job for job in self._listed(params) if is_wanted(job)]
        jobs, more = page(found, params.get("nextToken"), params.get("maxResults", _PAGE), invalid=invalid)
        return {"jobSummaryList": [job_summary(job, self._book.counts(job.job_id)) for job in jobs], **more}

    def _listed(self, params: Document) -> Iterable[Job]:
        """The jobs of what is named: of a queue the newest first and without children, else by index."""
        given = [name for name in ("jobQueue", "arrayJobId", "multiNodeJobId") if params.get(name)]
        if len(given) != 1:
            raise invalid("name one of jobQueue, arrayJobId and multiNodeJobId")
        if given != ["jobQueue"]:
            if params.get("filters"):
                raise invalid("filters go with jobQueue only")
            return self._book.children(self._known(params[given[0]]))
        queue = self._catalog.get(QUEUES, params["jobQueue"])["jobQueueArn"]
        return (job for job in reversed(self._book.all()) if job.queue_arn == queue and job.parent is None)

    def cancel(self, params: Document) -> Document:
        """CancelJob."""
        self._scheduler.cancel(self._known(params["jobId"]), params["reason"])
        return {}

    def terminate(self, params: Document) -> Document:
        """TerminateJob."""
        self._scheduler.terminate(self._known(params["jobId"]), params["reason"])
        return {}

    def _known(self, job_id: str) -> str:
        job = self._book.get(job_id)
        if job is None:
            raise invalid(f"Job {job_id} does not exist")
        if job.node is not None:
            raise invalid(f"{job_id} is a node; name the multi-node job, {job.parent}")
        return job.job_id


def _wanted(params: Document) -> Callable[[Job], bool]:
    filters = params.get("filters")
    if not filters:
        status = params.get("jobStatus", "RUNNING")
        return lambda job: job.status == status
    if len(filters) > 1 or filters[0].get("name") not in _FILTERS:
        raise invalid(f"filters: one of {', '.join(_FILTERS)}")
    test, values = _FILTERS[filters[0]["name"]], filters[0].get("values", ())
    return lambda job: any(test(job, value) for value in values)


def _name_matches(job: Job, value: str) -> bool:
    name, wanted = job.name.lower(), value.lower()
    return name.startswith(wanted[:-1]) if wanted.endswith("*") else name == wanted


def _definition_matches(job: Job, value: str) -> bool:
    if value.startswith("arn:"):
        return job.definition_arn == value
    name = job.definition_arn.rpartition("/")[2].partition(":")[0]
    return name.startswith(value[:-1]) if value.endswith("*") else name == value


_FILTERS: Mapping[str, Callable[[Job, Any], bool]] = {
    "JOB_NAME": _name_matches,
    "JOB_DEFINITION": _definition_matches,
    "BEFORE_CREATED_AT": lambda job, value: job.created_at < int(value),
    "AFTER_CREATED_AT": lambda job, value: job.created_at > int(value),
}
