"""`python -m containers evaluate --job S3URI`: score candidates on the same held-out rows."""

import argparse
import sys
import tempfile
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

from containers.trainer.attempt import Attempt, recorded
from containers.trainer.candidates import fetch_folder, load_candidate
from containers.trainer.connections import THREADS, connect_s3
from containers.trainer.keeping import sha256_of
from containers.trainer.scoring import Holdout, score, unscored
from sluiceway.errors import InvalidModel, NotFound
from sluiceway.gateways.objects import Objects, read_contract, write_contract_once
from sluiceway.gateways.records import Claim
from sluiceway.names import split_s3_uri
from sluiceway.training.contracts import Candidate, EvaluationJob, EvaluationResult, Score

STEP = "evaluation"
"""The folder of the run in which failures are looked for."""


def main(arguments: list[str]) -> int:
    """Score; 0 when the result stands, 1 when a failure was recorded."""
    parser = argparse.ArgumentParser(prog="evaluate", description=__doc__)
    parser.add_argument("--job", required=True, help="s3://…/evaluation/<image tag>.json")
    options = parser.parse_args(arguments)
    objects = connect_s3()
    with recorded(objects, Attempt.of(options.job, STEP)) as ending:
        evaluate(options.job, objects)
    return ending.exit_code


def evaluate(job_uri: str, objects: Objects) -> EvaluationResult:
    """The scores: those that stand already, or new ones."""
    uri = job_uri.removesuffix(".json") + "/result.json"
    try:
        return read_contract(objects, uri, EvaluationResult)
    except NotFound:
        pass
    job = read_contract(objects, job_uri, EvaluationJob)
    with tempfile.TemporaryDirectory(prefix="evaluate-") as folder:
        result = _scored(job, Path(folder), objects)
    if write_contract_once(objects, uri, result) is Claim.THEIRS:
        return read_contract(objects, uri, EvaluationResult)
    return result


def _scored(job: EvaluationJob, folder: Path, objects: Objects) -> EvaluationResult:
    path = folder / "holdout.parquet"
    places = {folder / str(at): candidate for at, candidate in enumerate(job.candidates)}
    with ThreadPoolExecutor(THREADS) as pool:
        downloading = pool.submit(objects.download, *split_s3_uri(job.holdout_uri), path)
        downloading.result()
        holdout = Holdout.read(path, job)
        scores = [
            _score(candidate, place, job, holdout, objects=objects, pool=pool)
            for place, candidate in places.items()
        ]
    return EvaluationResult(run_id=job.run_id, holdout_sha256=sha256_of(path), scores=tuple(scores))


def _score(
    candidate: Candidate,
    folder: Path,
    job: EvaluationJob,
    holdout: Holdout,
    *,
    objects: Objects,
    pool: Executor,
) -> Score:
    """A champion that cannot be scored, say because a column has gone, must not block its successors."""
    try:
        fetch_folder(objects, candidate.artifact_uri, folder, pool=pool)
        return score(load_candidate(folder, candidate), candidate, job, holdout)
    except InvalidModel as error:
        if candidate.role == "challenger":
            raise
        sys.stderr.write(f"not scored: {error}\n")
        return unscored(candidate, job, holdout)
