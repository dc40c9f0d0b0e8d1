"""Batch's pure rules: slots, retries, sizes, parameters."""

import pytest

from embedded.api_error import ApiError
from embedded.batch.containers import substitute
from embedded.batch.fargate import check_fargate
from embedded.batch.instances import instances_of, most_gpus
from embedded.batch.model import HOST_LOST, Attempt, Job
from embedded.batch.retry import is_retried
from embedded.batch.slots import Environment, Line, Queue, Start, Usage, decide

SMALL = Environment("ce", 4)
HIGH, LOW = Queue("high", 10, (SMALL,)), Queue("low", 1, (SMALL,))


def job(name: str, queue: str, order: int, vcpus: str = "1", memory: str = "1024") -> Job:
    needs = [{"type": "VCPU", "value": vcpus}, {"type": "MEMORY", "value": memory}]
    return Job(
        job_id=name,
        job_arn=name,
        name=name,
        queue_arn=queue,
        definition_arn="d",
        created_at=order,
        order=order,
        container={"resourceRequirements": needs},
    )


def started(jobs: list[Job], usage: Usage | None = None) -> list[str]:
    def line(queue: Queue) -> Line:
        return Line(iter([job for job in jobs if job.queue_arn == queue.arn]))

    found = decide([LOW, HIGH], line, usage or Usage(100_000))
    return [item.job.name for item in found if isinstance(item, Start)]


def test_queues_of_higher_priority_go_first_and_jobs_in_order() -> None:
    """Priority decides between queues, order of submission within one."""
    jobs = [job("l1", "low", 1), job("h1", "high", 2), job("h2", "high", 3), job("l2", "low", 4)]
    assert started(jobs) == ["h1", "h2", "l1", "l2"]


def test_a_job_that_waits_for_room_is_not_overtaken() -> None:
    """Neither by those behind it nor by queues of lower priority on the same environment."""
    jobs = [job("h1", "high", 1, "3"), job("h2", "high", 2, "2"), job("h3", "high", 3), job("l1", "low", 4)]
    assert started(jobs) == ["h1"]


def test_a_job_that_never_fits_blocks_its_own_queue() -> None:
    """Those behind it wait; other queues have the environment for themselves."""
    assert started([job("big", "high", 1, "8"), job("h2", "high", 2), job("l1", "low", 3)]) == ["l1"]


def test_memory_of_the_machine_is_shared_but_a_job_alone_always_runs() -> None:
    """Half of the machine each: two run; more than the machine: only alone."""
    jobs = [job(name, "high", order, memory="5000") for order, name in enumerate("abc")]
    assert started(jobs, Usage(10_000)) == ["a", "b"]
    assert started([job("huge", "high", 1, memory="20000")], Usage(10_000)) == ["huge"]


def attempt(
    code: int | None = 1,
    reason: str | None = None,
    status: str = "Essential container in task exited",
    **more: bool,
) -> Attempt:
    return Attempt(exit_code=code, reason=reason, status_reason=status, **more)


RULES = [
    {"onStatusReason": "Host EC2*", "action": "RETRY"},
    {"onReason": "CannotPull*", "action": "retry"},
    {"onExitCode": "4*", "action": "EXIT"},
]
CATCH_ALL = {"onReason": "*", "action": "EXIT"}


@pytest.mark.parametrize(
    ("rules", "found", "expected"),
    [
        (RULES, attempt(None, status=HOST_LOST), True),
        (RULES, attempt(None, reason="CannotPullContainerError: no"), True),
        (RULES, attempt(42), False),
        (RULES, attempt(1), True),
        ([*RULES, CATCH_ALL], attempt(1), False),
        ([{"onExitCode": "1", "onReason": "x", "action": "EXIT"}], attempt(1), True),
        ([], attempt(1, timed_out=True), False),
        ([], attempt(143, terminated=True), False),
    ],
)
def test_the_first_rule_that_applies_decides(
    rules: list[dict[str, str]], found: Attempt, expected: bool
) -> None:
    """All conditions of a rule must hold; what no rule matches is retried; timeouts and stops never are."""
    assert is_retried({"attempts": 3, "evaluateOnExit": rules}, found, 1) is expected


def test_there_are_no_more_attempts_than_given() -> None:
    """Without a number there is one."""
    assert not is_retried({"attempts": 2}, attempt(), 2)
    assert not is_retried({}, attempt(), 1)


@pytest.mark.parametrize(
    ("vcpu", "memory", "words"),
    [
        ("3", "8192", "VCPU 3 is not a size of Fargate"),
        ("1", "1024", "MEMORY 1024 does not go with VCPU 1"),
        ("0.25", "4096", "choose 512, 1024, 2048"),
        ("one", "1024", "'one' is not a number"),
    ],
)
def test_fargate_has_only_its_sizes(vcpu: str, memory: str, words: str) -> None:
    """The message names the sizes that there are."""
    with pytest.raises(ApiError, match=words):
        check_fargate(vcpu, memory)


def test_fargates_sizes_are_taken() -> None:
    """However the number is written."""
    for vcpu, memory in (("0.25", "512"), ("1.0", "2048"), ("16", "122880")):
        check_fargate(vcpu, memory)


def test_parameters_are_filled_in() -> None:
    """A reference without a parameter stays, as in Batch."""
    command = ["--in=Ref::source", "Ref::absent", "plain"]
    assert substitute(command, {"source": "s3://b/k"}) == ["--in=s3://b/k", "Ref::absent", "plain"]


def test_jobs_that_were_written_down_earlier_are_read() -> None:
    """Their dependencies were ids alone."""
    written = job("j", "q", 1).model_dump() | {"depends_on": ["first"]}
    assert Job.model_validate(written).depends_on[0].job_id == "first"


@pytest.mark.parametrize(
    ("types", "gpus"), [(["g4dn.xlarge"], 4), (["p3.8xlarge"], 0), (["g5"], 4), (["optimal", "c5"], 0)]
)
def test_an_environment_has_as_many_gpus_as_its_instances(types: list[str], gpus: int) -> None:
    """Of sixteen vCPU; a p3.8xlarge alone has thirty-two."""
    assert most_gpus(instances_of(types), 16) == gpus
