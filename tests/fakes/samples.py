"""Small valid records and a small valid project, to be changed where a test needs it."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from sluiceway.gateways.ledger import (
    CodePointer,
    DatasetPointer,
    DeploymentRecord,
    EndpointRecord,
    EventRecord,
    ImageRecord,
    RunRecord,
)
from sluiceway.gateways.records import BranchPointer

AT = "2026-11-21T12:00:00.000Z"
VERSION = "ab" * 32

SLUICE_YAML = """\
project: flight-delay
data: [flights]
steps:
  prepare:
    parameters: {data: "{data.flights}", output: "{output}"}
  train:
    parameters: {prepared: "{steps.prepare}"}
model: {step: train}
evaluate: {holdout: prepare/holdout.parquet, target: delayed, metrics: [roc_auc]}
gate: {metric: roc_auc, minimum: 0.6}
"""
MLPROJECT = """\
name: flight-delay
python_env: python_env.yaml
entry_points:
  prepare:
    parameters: {data: path, output: string}
    command: "python prepare.py {data} {output}"
  train:
    parameters: {prepared: path, depth: {type: float, default: 3}}
    command: "python train.py {prepared} {depth}"
"""


def project_files(**changes: str | None) -> dict[str, bytes]:
    """A valid project; `changes` by file name with dots as `_`, None leaves the file out."""
    files = {
        "MLproject": MLPROJECT,
        "sluice.yaml": SLUICE_YAML,
        "python_env.yaml": "dependencies:\n  - -r requirements.txt\n",
        "requirements.txt": "scikit-learn\n",
        "train.py": "print('train')\n",
    }
    for name, content in changes.items():
        path = {"sluice_yaml": "sluice.yaml", "train_py": "train.py", "requirements_txt": "requirements.txt"}
        files |= {path.get(name, name): content}  # type: ignore[dict-item]
    return {path: text.encode() for path, text in files.items() if text is not None}


def zipped(files: Mapping[str, bytes], *, prefix: str = "") -> bytes:
    """The files as a zip made by Python's own writer."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(prefix + path, content)
    return packed.getvalue()


class MemoryTree:
    """Files in memory as a `SourceTree`."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)

    def paths(self) -> Sequence[str]:
        return sorted(self.files)

    def read(self, path: str) -> bytes:
        return self.files[path]


def run_record(**changes: Any) -> RunRecord:
    given = {"run_id": "p-1", "project": "pp", "trigger": "upload", "event_id": "e1", "requested_at": AT}
    return RunRecord.model_validate(given | changes)


def event_record(**changes: Any) -> EventRecord:
    given = {
        "event_id": "e1",
        "event": "ObjectCreated",
        "subject": "k",
        "outcome": "accepted",
        "recorded_at": AT,
    }
    return EventRecord.model_validate(given | changes)


def code_pointer(**changes: Any) -> CodePointer:
    given = {
        "project": "pp",
        "code_version": VERSION,
        "uri": "s3://a/k",
        "order": "1",
        "event_id": "e1",
        "trigger": "upload",
        "datasets": ("flights",),
        "config": "{}",
        "moved_at": AT,
    }
    return CodePointer.model_validate(given | changes)


def branch_pointer(**changes: Any) -> BranchPointer:
    given = {
        "repository": "octo-org/models",
        "branch": "main",
        "sha": "ab" * 20,
        "event_id": "e1",
        "projects": {"": VERSION},
        "moved_at": AT,
    }
    return BranchPointer.model_validate(given | changes)


def dataset_pointer(**changes: Any) -> DatasetPointer:
    given = {
        "dataset": "flights",
        "version": VERSION,
        "uri": "s3://a/m",
        "objects": 1,
        "bytes": 3,
        "order": "1",
        "event_id": "e1",
        "moved_at": AT,
    }
    return DatasetPointer.model_validate(given | changes)


def image_record(**changes: Any) -> ImageRecord:
    given = {
        "tag": "t",
        "digest": "sha256:1",
        "uri": "r@sha256:1",
        "job_definition_arn": "arn",
        "recorded_at": AT,
    }
    return ImageRecord.model_validate(given | changes)


def endpoint_record(**changes: Any) -> EndpointRecord:
    given = {
        "project": "pp",
        "endpoint": "e",
        "model_version": "1",
        "image_tag": "t",
        "artifact_uri": "s3://a/m",
        "deployment_id": "d1",
        "run_id": "p-1",
        "moved_at": AT,
    }
    return EndpointRecord.model_validate(given | changes)


def deployment_record(**changes: Any) -> DeploymentRecord:
    given = {
        "deployment_id": "d1",
        "project": "pp",
        "run_id": "p-1",
        "endpoint": "e",
        "model_version": "1",
        "image_tag": "t",
        "artifact_uri": "s3://a/m",
        "owner": "x1",
        "started_at": AT,
    }
    return DeploymentRecord.model_validate(given | changes)
