"""Estimates of what runs and endpoints cost."""

import pytest

from sluiceway.github.price import Price, StepUsage, in_words, price_of_endpoint, price_of_run
from sluiceway.github.price_list import public_prices

PRICES = public_prices()


def test_a_run_costs_what_its_steps_had_for_as_long_as_they_had_it() -> None:
    """One vCPU and two GiB for an hour, at the list's prices."""
    price = price_of_run([StepUsage("train", 1, 2048, 3600)], architecture="X86_64", prices=PRICES)
    assert price.usd == pytest.approx(0.04048 + 2 * 0.004445)
    assert "evaluation" in price.left_out


def test_short_steps_cost_a_minute() -> None:
    """Fargate bills no less."""
    short = price_of_run([StepUsage("train", 1, 2048, 1)], architecture="X86_64", prices=PRICES)
    minute = price_of_run([StepUsage("train", 1, 2048, 60)], architecture="X86_64", prices=PRICES)
    assert short == minute


def test_what_is_not_known_is_said() -> None:
    """Steps without times, architectures and instances that are not on the list: no guess, no failure."""
    steps = [StepUsage("prepare", 1, 2048, 60), StepUsage("train", 1, 2048, None)]
    assert "train" in price_of_run(steps, architecture="ARM64", prices=PRICES).left_out
    assert price_of_run(steps[1:], architecture="ARM64", prices=PRICES).usd is None
    assert price_of_run(steps, architecture="RISC", prices=PRICES) == Price(None, ("no price of RISC",))
    assert price_of_endpoint("ml.x9.large", 1, prices=PRICES) == Price(None, ("no price of ml.x9.large",))


def test_an_endpoint_costs_its_instances_all_month() -> None:
    """730 hours, as AWS's calculator counts."""
    assert price_of_endpoint("ml.m5.large", 2, prices=PRICES).usd == pytest.approx(0.115 * 2 * 730)


@pytest.mark.parametrize(
    ("usd", "words"),
    [
        (None, "unknown"),
        (0.0001, "under 0.01 USD"),
        (0.0213, "about 0.02 USD"),
        (1234.5, "about 1,234.50 USD"),
    ],
)
def test_prices_are_told_as_estimates(usd: float | None, words: str) -> None:
    """To the cent, never more exactly than they are known."""
    assert in_words(Price(usd)) == words


def test_the_list_says_of_where_and_when_it_is() -> None:
    """So that a reader can judge it; each step of the list is a real one."""
    assert (PRICES.region, len(PRICES.sources)) == ("us-east-1", 2)
    assert PRICES.hosting_hour["ml.m5.xlarge"] == pytest.approx(2 * PRICES.hosting_hour["ml.m5.large"])
