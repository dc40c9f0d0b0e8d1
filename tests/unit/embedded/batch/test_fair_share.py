"""Fair share: which share goes next."""

from typing import Any

import pytest

from embedded.api_error import ApiError
from embedded.batch.fair_share import Policy, Span, in_line, policy_of, usage
from embedded.batch.model import Job
from tests.fakes.batch import BatchService, needs

EVEN = Policy(window=600, reservation=0, weights=())
NOW = 10_000_000


def job(name: str, share: str, order: int, priority: int | None = None) -> Job:
    return Job(
        job_id=name,
        job_arn=name,
        name=name,
        queue_arn="q",
        definition_arn="d",
        created_at=0,
        order=order,
        container={"resourceRequirements": [{"type": "VCPU", "value": "1"}]},
        share_identifier=share,
        scheduling_priority=priority,
    )


def line(jobs: list[Job], policy: Policy = EVEN, **used: float) -> str:
    return " ".join(item.name for item in in_line(jobs, used, policy))


def test_shares_take_turns() -> None:
    """However many jobs one of them has submitted before the other."""
    jobs = [job(f"a{n}", "a", n) for n in range(3)] + [job(f"b{n}", "b", 10 + n) for n in range(2)]
    assert line(jobs) == "a0 b0 a1 b1 a2"


def test_who_has_used_less_goes_first() -> None:
    """Until the shares are even."""
    jobs = [job(f"a{n}", "a", n) for n in range(3)] + [job(f"b{n}", "b", 10 + n) for n in range(3)]
    assert line(jobs, a=2.0) == "b0 b1 a0 b2 a1 a2"


def test_a_low_weight_factor_gets_more() -> None:
    """Half the factor: twice the resources; a prefix stands for all of its shares."""
    policy = policy_of({"shareDistribution": [{"shareIdentifier": "team*", "weightFactor": 0.5}]})
    jobs = [job(f"t{n}", "teamA", n) for n in range(4)] + [job(f"b{n}", "b", 10 + n) for n in range(2)]
    assert line(jobs, policy, teamA=1.0, b=1.0) == "t0 t1 b0 t2 t3 b1"


def test_priority_counts_within_a_share() -> None:
    """And not between shares."""
    jobs = [job("a0", "a", 1), job("a1", "a", 2, 5), job("b0", "b", 3, 9)]
    assert line(jobs) == "a1 b0 a0"


def test_what_is_longer_ago_counts_less() -> None:
    """Nothing, once it is out of the window; what runs now counts in full beside what it used."""
    spans = [
        Span("late", 1, NOW - 60_000, NOW),
        Span("early", 1, NOW - 600_000, NOW - 540_000),
        Span("gone", 8, 0, NOW - 600_000),
    ]
    found = usage(spans, window=600, now=NOW)
    assert found["late"] == pytest.approx(0.1 * 0.95)
    assert found["early"] == pytest.approx(0.1 * 0.05)
    assert "gone" not in found
    assert usage([Span("on", 2, NOW)], window=600, now=NOW) == {"on": 2.0}


def test_the_reservation_shrinks_with_every_active_share() -> None:
    """(50/100)^n, as documented."""
    policy = policy_of({"computeReservation": 50})
    assert [policy.reserved(count) for count in (1, 2, 3)] == [0.5, 0.25, 0.125]


def prepare(queued: BatchService, **policy: Any) -> None:
    made = queued.call("CreateSchedulingPolicy", name="p", fairsharePolicy=policy)
    queued.queue("f", schedulingPolicyArn=made["arn"])


def share(queued: BatchService, name: str, **more: Any) -> str:
    return queued.submit(queue="f", shareIdentifier=name, **more)


def test_a_queue_with_a_policy_runs_by_fair_share(queued: BatchService) -> None:
    """Four slots are full of A's jobs; the next slot is B's, although A's wait longer."""
    prepare(queued)
    running = [share(queued, "A") for _ in range(4)]
    queued.runner.wait(4)
    waiting = share(queued, "A")
    later = share(queued, "B")
    queued.until(later, lambda found: found.status == "RUNNABLE")
    queued.runner.end(running[0])
    assert queued.runner.wait(5)[4] == later
    queued.runner.end(running[1])
    assert queued.runner.wait(6)[5] == waiting


def test_part_of_the_vcpu_is_kept_for_new_shares(queued: BatchService) -> None:
    """With half reserved one share gets two of four; a second share three together."""
    prepare(queued, computeReservation=50)
    jobs = [share(queued, "A") for _ in range(4)]
    queued.runner.wait(2)
    queued.until(jobs[3], lambda found: found.status == "RUNNABLE")
    assert set(queued.runner.started) == set(jobs[:2])
    other = share(queued, "B")
    assert queued.runner.wait(3)[2] == other


def test_only_the_head_has_a_reason(queued: BatchService) -> None:
    """A job that another share has overtaken at the head only waits, and says nothing any more."""
    prepare(queued)
    share(queued, "A")
    queued.runner.wait(1)
    big = {"resourceRequirements": needs("8")}
    first = share(queued, "A", containerOverrides=big)
    queued.until(first, lambda found: found.status_reason is not None)
    second = share(queued, "B", containerOverrides=big)
    queued.until(second, lambda found: found.status_reason is not None)
    assert "statusReason" not in queued.job(first)


def test_a_snapshot_tells_the_shares(queued: BatchService) -> None:
    """Who uses how much."""
    prepare(queued)
    for name in ("A", "A", "B"):
        share(queued, name)
    queued.runner.wait(3)
    use = queued.call("GetJobQueueSnapshot", jobQueue="f")["queueUtilization"]["fairshareUtilization"]
    assert (use["activeShareCount"], use["topCapacityUtilization"][0]) == (
        2,
        {"shareIdentifier": "A", "capacityUsage": [{"capacityUnit": "VCPU", "quantity": 2.0}]},
    )


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ({"shareDecaySeconds": 604_801}, "between 0 and 604800"),
        ({"computeReservation": 100}, "between 0 and 99"),
        ({"shareDistribution": [{"shareIdentifier": "a", "weightFactor": 0.00001}]}, "weightFactor must be"),
        ({"shareDistribution": [{"shareIdentifier": "a*"}, {"shareIdentifier": "a1"}]}, "overlap"),
        ({"shareDistribution": [{"shareIdentifier": "a-b"}]}, "letters and digits"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(policy: dict[str, Any], words: str, queued: BatchService) -> None:
    """With ClientException."""
    with pytest.raises(ApiError, match=words):
        queued.call("CreateSchedulingPolicy", name="p", fairsharePolicy=policy)


def test_a_share_goes_with_a_policy(queued: BatchService) -> None:
    """Neither without the other."""
    prepare(queued)
    with pytest.raises(ApiError, match="shareIdentifier goes with queues"):
        queued.submit(shareIdentifier="A")
    with pytest.raises(ApiError, match="shareIdentifier goes with queues"):
        queued.submit(queue="f")
    with pytest.raises(ApiError, match="between 0 and 9999"):
        share(queued, "A", schedulingPriorityOverride=10_000)
