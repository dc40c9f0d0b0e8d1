"""The table of metrics, challenger against champion. Pure."""

from sluiceway.github.comment_text_escape import prose
from sluiceway.models.scores import Scores
from sluiceway.projects.contracts import LOWER_IS_BETTER, Gate

MOST_METRICS = 50
"""Lines of the table; an evaluation may write any number."""


def metric_table(scores: Scores, *, gate: Gate | None) -> str:
    """One line for each metric, the gate's first, up to `MOST_METRICS`; on how many rows."""
    decides = gate.metric if gate else None
    names = sorted(scores.challenger.metrics, key=lambda name: name != decides)
    lines = [_line(name, scores, decides=name == decides) for name in names[:MOST_METRICS]]
    rows = f"On {'the same ' if scores.champion else ''}{scores.challenger.rows:,} held-out rows."
    rows += f" {len(names) - MOST_METRICS} more metrics are not shown." if len(names) > MOST_METRICS else ""
    return "\n".join([_HEAD.format(champion=_champion(scores)), "|---|---:|---:|---:|", *lines, "", rows])


_HEAD = "| metric | this commit | {champion} | change |"


def _champion(scores: Scores) -> str:
    if scores.champion is None:
        return "champion: none yet"
    return f"champion (version {prose(scores.champion.model_version or '?')})"


def _line(name: str, scores: Scores, *, decides: bool) -> str:
    ours = scores.challenger.metrics.get(name)
    theirs = scores.champion.metrics.get(name) if scores.champion else None
    shown = f"**{prose(name)}** (gate)" if decides else prose(name)
    return f"| {shown} | {_number(ours)} | {_number(theirs)} | {_change(name, ours, theirs)} |"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.6g}"


def _change(name: str, ours: float | None, theirs: float | None) -> str:
    if ours is None or theirs is None:
        return "–"
    difference = ours - theirs
    if difference == 0:
        return "none"
    better = (difference < 0) == (name in LOWER_IS_BETTER)
    return f"{difference:+.3g} {'better' if better else 'worse'}"
