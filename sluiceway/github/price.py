"""What a run has cost, and what its endpoint would cost a month: estimates that say what they leave out.

Pure, and never a reason to fail: what is not known is said.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sluiceway.github.price_list import PriceList

HOURS_A_MONTH = 730
"""365 days of 24 hours by 12, as AWS's own calculator counts."""
LEAST_SECONDS = 60
"""Fargate bills each task for a minute at least."""


@dataclass(frozen=True)
class StepUsage:
    """What a step had, and for how long; None: it left no times."""

    name: str
    vcpu: float
    memory_mib: int
    seconds: float | None


@dataclass(frozen=True)
class Price:
    """USD, and in words what is not in it; None: not known, and in words why."""

    usd: float | None
    left_out: tuple[str, ...] = ()


def price_of_run(steps: Sequence[StepUsage], *, architecture: str, prices: PriceList) -> Price:
    """Of the steps that left their times, on Fargate."""
    rate = prices.fargate.get(architecture)
    if rate is None:
        return Price(None, (f"no price of {architecture}",))
    timed = [step for step in steps if step.seconds is not None]
    if not timed:
        return Price(None, ("no step left its times",))
    untimed = tuple(step.name for step in steps if step.seconds is None)
    usd = sum(
        max(step.seconds or 0.0, LEAST_SECONDS)
        / 3600
        * (step.vcpu * rate.vcpu_hour + step.memory_mib / 1024 * rate.gib_hour)
        for step in timed
    )
    return Price(usd, (*untimed, "evaluation", "image build", "start-up"))


def price_of_endpoint(instance_type: str, count: int, *, prices: PriceList) -> Price:
    """A month of so many instances that are always on."""
    hourly = prices.hosting_hour.get(instance_type)
    if hourly is None:
        return Price(None, (f"no price of {instance_type}",))
    return Price(hourly * count * HOURS_A_MONTH)


def in_words(price: Price) -> str:
    """`about 0.02 USD`, `under 0.01 USD`, or `unknown`."""
    if price.usd is None:
        return "unknown"
    return "under 0.01 USD" if price.usd < 0.01 else f"about {price.usd:,.2f} USD"
