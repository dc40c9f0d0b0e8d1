"""The scores of challenger and champion, gathered from one evaluation result or two."""

from collections.abc import Sequence
from dataclasses import dataclass

from sluiceway.errors import InvalidModel
from sluiceway.gateways.objects import Objects, read_contract
from sluiceway.training.contracts import EvaluationResult, Score


@dataclass(frozen=True)
class Scores:
    """Both on the same held-out rows; no champion the first time."""

    challenger: Score
    champion: Score | None


def read_scores(objects: Objects, result_uris: Sequence[str]) -> Scores:
    """Read the results; raises `InvalidModel` when they were not made on the same rows."""
    return gather([read_contract(objects, uri, EvaluationResult) for uri in result_uris])


def gather(results: Sequence[EvaluationResult]) -> Scores:
    """The scores by role; raises `InvalidModel` when the rows differ, or nobody scored the challenger."""
    if len({result.holdout_sha256 for result in results}) > 1:
        raise InvalidModel("challenger and champion were scored on different rows: run the evaluation again")
    scores = {score.role: score for result in results for score in result.scores}
    if "challenger" not in scores:
        raise InvalidModel("the evaluation has no score of the trained model: see the evaluation's log")
    return Scores(scores["challenger"], scores.get("champion"))
