"""The rule that decides whether a trained model may go on. Pure: scores in, decision out."""

from collections.abc import Iterator
from dataclasses import dataclass

from sluiceway.errors import InvalidModel
from sluiceway.models.scores import Scores
from sluiceway.projects.contracts import LOWER_IS_BETTER, Gate


@dataclass(frozen=True)
class Check:
    """One comparison: whether it holds, and how it reads."""

    holds: bool
    text: str


@dataclass(frozen=True)
class Decision:
    """What the gate says, and why."""

    passed: bool
    reason: str


def decide(gate: Gate, scores: Scores) -> Decision:
    """Apply thresholds and the comparison with the champion; raises `InvalidModel` for NaN."""
    not_finite = sorted(name for name, value in scores.challenger.metrics.items() if value is None)
    if not_finite:
        raise InvalidModel(
            f"metric {', '.join(not_finite)} of the trained model is NaN on the held-out rows: look for "
            "missing values in these rows or in the model's output"
        )
    value = _measured(gate.metric, scores)
    checks = [*_thresholds(gate, value), _against_champion(gate, value, scores)]
    failed = [check for check in checks if not check.holds]
    return Decision(not failed, "; ".join(check.text for check in failed or checks))


def _measured(metric: str, scores: Scores) -> float:
    value = scores.challenger.metrics.get(metric)
    if value is None:
        raise InvalidModel(f"the evaluation did not measure {metric}, which gate.metric names")
    return value


def _thresholds(gate: Gate, value: float) -> Iterator[Check]:
    if gate.minimum is not None:
        yield _check(value >= gate.minimum, f"{gate.metric} {value:.6g}", f"at least {gate.minimum:g}")
    if gate.maximum is not None:
        yield _check(value <= gate.maximum, f"{gate.metric} {value:.6g}", f"at most {gate.maximum:g}")


def _against_champion(gate: Gate, value: float, scores: Scores) -> Check:
    """As good as the champion and the margin better, in the metric's own direction."""
    if scores.champion is None:
        return Check(True, f"{gate.metric} {value:.6g}: there is no champion to beat")
    version, best = scores.champion.model_version, scores.champion.metrics.get(gate.metric)
    if best is None:
        return Check(True, f"{gate.metric} {value:.6g}: champion {version} cannot be scored on these rows")
    sign = -1 if gate.metric in LOWER_IS_BETTER else 1
    wanted = f"champion {version}'s {best:.6g} by a margin of {gate.margin:g}"
    return _check(sign * (value - best) >= gate.margin, f"{gate.metric} {value:.6g}", wanted)


def _check(holds: bool, measured: str, wanted: str) -> Check:
    return Check(holds, f"{measured} {'meets' if holds else 'misses'} {wanted}")
