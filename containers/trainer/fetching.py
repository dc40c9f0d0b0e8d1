"""Fetch a step's code, data and earlier outputs by version, in parallel, and check every byte."""

from collections.abc import Iterator
from concurrent.futures import Executor, Future
from pathlib import Path

from containers.trainer.keeping import sha256_of
from containers.trainer.workspace import Workspace
from sluiceway.datasets.contracts import Manifest, ManifestObject
from sluiceway.datasets.verify import difference, gone
from sluiceway.errors import InvalidDataset, InvalidProject, NotFound, StepFailed
from sluiceway.gateways.objects import Objects, read_contract
from sluiceway.names import check_relative_path, run_key, s3_uri, split_s3_uri
from sluiceway.projects.archive import open_archive
from sluiceway.projects.code_version import code_version
from sluiceway.training.contracts import OutputFile, PlannedStep, RunPlan, StepResult

Transfers = list["Future[None]"]


class Fetcher:
    """Brings objects into a workspace."""

    def __init__(self, objects: Objects, pool: Executor) -> None:
        self._objects, self._pool = objects, pool

    def fetch(self, plan: RunPlan, step: PlannedStep, workspace: Workspace) -> int:
        """Everything that the step needs; returns the bytes of its datasets."""
        code = self._pool.submit(self._code, plan, workspace.project)
        manifests = zip(
            plan.manifest_uris, self._pool.map(self._manifest, plan.manifest_uris.values()), strict=True
        )
        results = self._pool.map(lambda name: self._result(plan, name), step.needs)
        transfers: Transfers = [code]
        size = 0
        for name, manifest in manifests:
            size += sum(item.size for item in manifest.objects)
            transfers += self._dataset(manifest, workspace.data(name))
        for result in results:
            transfers += self._outputs(plan, result, workspace.step(result.step))
        for transfer in transfers:
            transfer.result()
        return size

    def _code(self, plan: RunPlan, folder: Path) -> None:
        tree = open_archive(self._objects.get(*split_s3_uri(plan.code_uri)))
        found = code_version(tree)
        if found != plan.code_version:
            raise InvalidProject(
                f"{plan.code_uri} holds code version {found}, the run was planned with {plan.code_version}: "
                f"push the project again"
            )
        for path in tree.paths():
            _write(folder / path, tree.read(path))

    def _manifest(self, uri: str) -> Manifest:
        manifest = read_contract(self._objects, uri, Manifest)
        if not manifest.objects:
            raise InvalidDataset(f"dataset {manifest.dataset}: version {manifest.version} holds no files")
        return manifest

    def _result(self, plan: RunPlan, step: str) -> StepResult:
        uri = s3_uri(plan.artifacts_bucket, run_key(plan.run_id, step, "result.json"))
        return read_contract(self._objects, uri, StepResult)

    def _dataset(self, manifest: Manifest, folder: Path) -> Transfers:
        places = dict(_places(manifest, folder))
        for path in places.values():
            path.parent.mkdir(parents=True, exist_ok=True)
        return [self._pool.submit(self._object, manifest, item, path) for item, path in places.items()]

    def _object(self, manifest: Manifest, item: ManifestObject, path: Path) -> None:
        try:
            self._objects.download(manifest.bucket, item.key, path, version_id=item.version_id)
        except NotFound as error:
            raise InvalidDataset(f"{gone(manifest, item)} ({error})") from error
        if problem := difference(item, path):
            uri = s3_uri(manifest.bucket, item.key)
            raise InvalidDataset(f"{uri} (version {item.version_id}) {problem}: upload the file again")

    def _outputs(self, plan: RunPlan, result: StepResult, folder: Path) -> Transfers:
        folder.mkdir(parents=True, exist_ok=True)
        return [
            self._pool.submit(self._output, plan, result.step, output, folder / output.path)
            for output in result.outputs
        ]

    def _output(self, plan: RunPlan, step: str, output: OutputFile, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        key = f"{run_key(plan.run_id, step, 'output')}/{output.path}"
        self._objects.download(plan.artifacts_bucket, key, path)
        if sha256_of(path) != output.sha256:
            raise StepFailed(
                f"{s3_uri(plan.artifacts_bucket, key)} is not what step {step!r} left: it was overwritten"
            )


def _places(manifest: Manifest, folder: Path) -> Iterator[tuple[ManifestObject, Path]]:
    prefix = f"data/{manifest.dataset}/"
    for item in manifest.objects:
        if item.key.endswith("/"):
            continue  # consoles make such objects to show an empty folder
        try:
            yield item, folder / check_relative_path(item.key.removeprefix(prefix))
        except ValueError as error:
            raise InvalidDataset(f"dataset {manifest.dataset}: {error}: rename the object") from error


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if content.startswith(b"#!"):
        path.chmod(0o755)
