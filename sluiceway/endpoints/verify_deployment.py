"""Invokes an endpoint with held-out rows whose answer is known."""

from sluiceway.endpoints.compare_answers import compare_answers
from sluiceway.endpoints.contracts import VerifyDeploymentInput, VerifyDeploymentOutput
from sluiceway.errors import DeploymentFailed
from sluiceway.gateways.invocations import Invocations
from sluiceway.gateways.ledger import DeploymentRecord, Ledger
from sluiceway.gateways.objects import Objects, read_contract
from sluiceway.names import run_key, s3_uri
from sluiceway.training.contracts import EvaluationResult, Score


def verify_deployment(
    given: VerifyDeploymentInput,
    *,
    ledger: Ledger,
    objects: Objects,
    invocations: Invocations,
    artifacts_bucket: str,
) -> VerifyDeploymentOutput:
    """Raises `DeploymentFailed` when the endpoint does not answer as the model did when it was scored."""
    record = ledger.deployment(given.deployment_id)
    score = _challenger(record, objects, artifacts_bucket)
    answered = invocations.invoke(record.endpoint, score.sample_request)
    compared = compare_answers(score.sample_response, answered)
    return VerifyDeploymentOutput(deployment_id=record.deployment_id, compared=compared)


def _challenger(record: DeploymentRecord, objects: Objects, bucket: str) -> Score:
    """The deployed model's own score: it was the challenger of its run."""
    uri = s3_uri(bucket, run_key(record.run_id, "evaluation", record.image_tag, "result.json"))
    scores = read_contract(objects, uri, EvaluationResult).scores
    found = next((score for score in scores if score.role == "challenger"), None)
    if found is None:
        raise DeploymentFailed(f"{uri} holds no score of the model, so its endpoint cannot be verified")
    return found
