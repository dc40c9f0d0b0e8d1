"""Tags of a model version in MLflow: where it came from, and what became of it."""

from collections.abc import Mapping

from sluiceway.gateways.ledger import ImageRecord
from sluiceway.training.contracts import RunPlan, Score

RUN_ID = "sluiceway.run_id"
CODE_VERSION = "sluiceway.code_version"
IMAGE_TAG = "sluiceway.image_tag"
IMAGE_DIGEST = "sluiceway.image_digest"
DATASET = "sluiceway.dataset."
METRIC = "sluiceway.metric."
GATE = "sluiceway.gate"
GATE_REASON = "sluiceway.gate_reason"
DEPLOYMENT = "sluiceway.deployment"

CHALLENGER = "challenger"
CHAMPION = "champion"
"""Aliases: the newest registered version, and the one that is live (or, without an endpoint, passed last)."""


def origin_tags(plan: RunPlan, image: ImageRecord | None, score: Score) -> Mapping[str, str]:
    """What a version was made of, and how well it did on the held-out rows."""
    tags = {RUN_ID: plan.run_id, CODE_VERSION: plan.code_version, IMAGE_TAG: plan.image_tag}
    if image is not None:
        tags[IMAGE_DIGEST] = image.digest
    tags |= {f"{DATASET}{name}": version for name, version in plan.dataset_versions.items()}
    return tags | {
        f"{METRIC}{name}": f"{value}" for name, value in score.metrics.items() if value is not None
    }
