"""The list of public prices (`prices.yaml`): where they come from, of which day and region."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml
from pydantic import Field, PositiveFloat

from sluiceway.contract import Contract

LIST = Path(__file__).with_name("prices.yaml")


class FargatePrice(Contract):
    """USD for one vCPU and for one GiB of memory, an hour each."""

    vcpu_hour: PositiveFloat
    gib_hour: PositiveFloat


class PriceList(Contract):
    """Prices of one region on one day, in USD."""

    region: str
    as_of: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    sources: dict[str, str]
    fargate: Mapping[str, FargatePrice]
    """By CPU architecture, as Batch names them: `X86_64`, `ARM64`."""
    hosting_hour: Mapping[str, PositiveFloat]
    """By instance type of an endpoint."""


@cache
def public_prices() -> PriceList:
    """The list that comes with this version of Sluiceway."""
    return PriceList.model_validate(yaml.safe_load(LIST.read_text()))
