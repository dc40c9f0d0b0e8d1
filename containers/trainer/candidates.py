"""The models that are compared: fetched from MLflow's artifacts, loaded as the model server loads them."""

from concurrent.futures import Executor
from pathlib import Path

from containers.model_server.loading import load
from containers.model_server.served_model import ServedModel
from sluiceway.errors import InvalidModel
from sluiceway.gateways.objects import Objects
from sluiceway.names import check_relative_path, split_s3_uri
from sluiceway.training.contracts import Candidate


def fetch_folder(objects: Objects, uri: str, folder: Path, *, pool: Executor) -> None:
    """Download everything under an S3 prefix, in parallel."""
    bucket, key = split_s3_uri(uri.rstrip("/") + "/.")
    prefix = key.removesuffix(".")
    folder.mkdir()
    places = {}
    for found in objects.list_keys(bucket, prefix):
        places[found] = folder / check_relative_path(found.removeprefix(prefix))
        places[found].parent.mkdir(parents=True, exist_ok=True)
    if not places:
        raise InvalidModel(f"there is no model at {uri}: nothing lies under that prefix")
    for transfer in [pool.submit(objects.download, bucket, found, path) for found, path in places.items()]:
        transfer.result()


def load_candidate(folder: Path, candidate: Candidate) -> ServedModel:
    """The candidate's model; raises `InvalidModel` that says which one could not be loaded, and why."""
    try:
        return load(folder)
    except InvalidModel as error:
        raise InvalidModel(
            f"{described(candidate)}: {error}".replace(str(folder), candidate.artifact_uri)
        ) from error


def described(candidate: Candidate) -> str:
    """A candidate, for a person."""
    version = f" (version {candidate.model_version})" if candidate.model_version else ""
    return f"the {candidate.role}{version} at {candidate.artifact_uri}"
