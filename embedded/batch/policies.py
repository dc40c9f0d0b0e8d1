"""What a scheduling policy may say.

Source: https://docs.aws.amazon.com/batch/latest/APIReference/API_FairsharePolicy.html and
API_ShareAttributes.html
"""

import re
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from embedded.batch.catalog import Document, invalid

_IDENTIFIER = re.compile(r"[A-Za-z0-9]{0,255}\*?")
_WEIGHTS = (0.0001, 999.9999)
_MOST: Mapping[str, int] = {"shareDecaySeconds": 604_800, "computeReservation": 99}


def check(params: Document) -> None:
    """Raise ClientException for a policy that Batch would not take."""
    if params.get("quotaSharePolicy"):
        raise invalid("quotaSharePolicy is not supported here")
    policy = params.get("fairsharePolicy", {})
    for name, most in _MOST.items():
        if not 0 <= policy.get(name, 0) <= most:
            raise invalid(f"fairsharePolicy.{name} must be between 0 and {most}")
    _check_shares(policy.get("shareDistribution", ()))


def _check_shares(shares: Sequence[Mapping[str, Any]]) -> None:
    for share in shares:
        if not _IDENTIFIER.fullmatch(share["shareIdentifier"]):
            raise invalid(f"shareIdentifier {share['shareIdentifier']!r}: up to 255 letters and digits")
        if not _WEIGHTS[0] <= share.get("weightFactor", 1.0) <= _WEIGHTS[1]:
            raise invalid(f"weightFactor must be between {_WEIGHTS[0]} and {_WEIGHTS[1]}")
    for one, other in combinations([share["shareIdentifier"] for share in shares], 2):
        if _covers(one, other) or _covers(other, one):
            raise invalid(f"shareDistribution: {one} and {other} overlap")


def _covers(pattern: str, identifier: str) -> bool:
    return identifier == pattern or (pattern.endswith("*") and identifier.startswith(pattern[:-1]))
