"""A planned run in memory, whose steps are shell lines."""

import hashlib
from typing import Any

from containers.trainer.step import run_step
from sluiceway.datasets.contracts import Manifest, ManifestObject
from sluiceway.projects.code_version import canonical_archive, code_version
from sluiceway.projects.read_project import read_project
from sluiceway.training.contracts import PlannedStep, RunPlan, StepResult
from tests.fakes.objects import MemoryObjects
from tests.fakes.registry import MemoryRegistry
from tests.fakes.samples import VERSION, MemoryTree, project_files

RUN = "runs/flight-delay-1"


class Scene:
    """The buckets, MLflow and a plan with steps `prepare` and `train`."""

    def __init__(self, *, data: bytes = b"rows", checksum: str | None = None) -> None:
        self.objects, self.registry = MemoryObjects(), MemoryRegistry()
        self.tree = MemoryTree(project_files())
        self.objects.put("artifacts", "code.zip", canonical_archive(self.tree))
        self.objects.put("uploads", "data/flights/2013/a.csv", data)
        self.manifest(checksum or f"sha256:{hashlib.sha256(data).hexdigest()}", size=len(data))

    def manifest(self, checksum: str, *, size: int, key: str = "data/flights/2013/a.csv") -> None:
        """The dataset version: the first version of its one object."""
        version = self.objects.versions["uploads", "data/flights/2013/a.csv"][0].version_id
        item = ManifestObject(key=key, version_id=version, size=size, checksum=checksum)
        manifest = Manifest(dataset="flights", version=VERSION, bucket="uploads", objects=(item,))
        self.objects.put("artifacts", "manifest.json", manifest.model_dump_json().encode())

    def plan(self, **changes: Any) -> RunPlan:
        """The plan of the run."""
        given = {
            "run_id": "flight-delay-1",
            "project": "flight-delay",
            "code_version": code_version(self.tree),
            "code_uri": "s3://artifacts/code.zip",
            "dataset_versions": {"flights": VERSION},
            "manifest_uris": {"flights": "s3://artifacts/manifest.json"},
            "config": read_project(self.tree).config,
            "steps": (),
            "image_tag": "t",
            "artifacts_bucket": "artifacts",
            "tracking_uri": "http://mlflow",
            "experiment_id": "1",
        }
        return RunPlan.model_validate(given | changes)

    def run(
        self, command: str, *, attempt: str = "job:1", plan: RunPlan | None = None, **step: Any
    ) -> StepResult:
        """Run a step of that command."""
        return run_step(
            plan or self.plan(),
            planned(command, **step),
            objects=self.objects,
            registry=self.registry,
            attempt=attempt,
        )

    def kept(self, step: str, path: str) -> bytes:
        """A file among a step's kept outputs."""
        return self.objects.get("artifacts", f"{RUN}/{step}/output/{path}")


def planned(command: str, **changes: Any) -> PlannedStep:
    """A step with nothing but a command."""
    given = {"name": "prepare", "command": command, "parameters": {}, "needs": ()}
    given |= {"vcpu": "1", "memory": "2048", "timeout": 60, "attempts": 1}
    return PlannedStep.model_validate(given | changes)


def copy_of(path: str) -> dict[str, dict[str, str]]:
    """Parameters of a step that copies a dataset's file to its output."""
    return {"parameters": {"data": "{data.flights}", "output": "{output}", "file": path}}
