"""Compares what an endpoint answers with what the same model answered when it was scored."""

import math
from collections.abc import Iterator

import orjson

from sluiceway.errors import DeploymentFailed

RELATIVE, ABSOLUTE = 1e-4, 1e-6
"""Other machines round other: 32-bit floats keep about seven digits, sums of them fewer."""


def compare_answers(expected: str, answered: str) -> int:
    """How many values were compared; raises `DeploymentFailed` at the first that differs."""
    wanted, got = _predictions(expected, "the evaluation"), _predictions(answered, "the endpoint")
    return sum(1 for _ in _compared(wanted, got, "predictions"))


def _predictions(body: str, who: str) -> object:
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise DeploymentFailed(f"{who} answered no JSON ({error}): {body[:200]}") from error
    if not isinstance(parsed, dict) or "predictions" not in parsed:
        raise DeploymentFailed(f"{who} answered no predictions: {body[:200]}")
    return parsed["predictions"]


def _compared(wanted: object, got: object, where: str) -> Iterator[None]:
    if isinstance(wanted, dict) and isinstance(got, dict) and wanted.keys() == got.keys():
        for key, value in wanted.items():
            yield from _compared(value, got[key], f"{where}.{key}")
    elif isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        for position, (one, other) in enumerate(zip(wanted, got, strict=True)):
            yield from _compared(one, other, f"{where}[{position}]")
    else:
        _check_value(wanted, got, where)
        yield


def _check_value(wanted: object, got: object, where: str) -> None:
    if got is None:
        raise DeploymentFailed(f"the endpoint answered NaN at {where}; the evaluation had {wanted!r}")
    if not _same(wanted, got):
        raise DeploymentFailed(f"the endpoint answered {got!r} at {where}; the evaluation had {wanted!r}")


def _same(wanted: object, got: object) -> bool:
    numbers = (int, float)
    if isinstance(wanted, numbers) and isinstance(got, numbers):
        return math.isclose(wanted, got, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    return wanted == got
