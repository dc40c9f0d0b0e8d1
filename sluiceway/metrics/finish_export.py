"""Finish an export: hold the results against the plan, take away what they replace, write the manifest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sluiceway.errors import PermanentError
from sluiceway.gateways.objects import Objects
from sluiceway.metrics.contracts import (
    ExportManifest,
    ExportPlan,
    FinishExportInput,
    FinishExportOutput,
    ShardResult,
)
from sluiceway.metrics.layout import export_key, partition_prefix, table_root
from sluiceway.names import s3_uri, split_s3_uri


class IncompleteExport(PermanentError):
    """Fewer requests were answered than planned."""


@dataclass(frozen=True)
class ExportFinisher:
    """Finishes exports in `s3://bucket/prefix`."""

    objects: Objects
    bucket: str
    prefix: str

    def finish(self, task: FinishExportInput) -> FinishExportOutput:
        """Check that every planned request was answered; then the partitions hold this export alone."""
        plan = ExportPlan.model_validate_json(self._read(task.plan_uri))
        results = [ShardResult.model_validate_json(self._read(uri)) for uri in task.result_uris]
        _check(plan, results)
        files = tuple(file for result in results for file in result.files)
        manifest = ExportManifest(
            plan=plan,
            datapoints=sum(result.datapoints for result in results),
            files=files,
            replaced=tuple(self._remove_leftovers(plan, {file.uri for file in files})),
        )
        key = export_key(self.prefix, plan.export_id, "_manifest.json")
        self.objects.put(self.bucket, key, manifest.model_dump_json(indent=1).encode())
        return self._output(plan, manifest, s3_uri(self.bucket, key))

    def _read(self, uri: str) -> bytes:
        return self.objects.get(*split_s3_uri(uri))

    def _remove_leftovers(self, plan: ExportPlan, written: set[str]) -> Iterable[str]:
        for partition in plan.partitions:
            for file_format in plan.formats:
                prefix = partition_prefix(self.prefix, file_format, partition)
                for key in self.objects.list_keys(self.bucket, prefix):
                    if (uri := s3_uri(self.bucket, key)) not in written:
                        self.objects.delete(self.bucket, key)
                        yield uri

    def _output(self, plan: ExportPlan, manifest: ExportManifest, manifest_uri: str) -> FinishExportOutput:
        json_root = s3_uri(self.bucket, table_root(self.prefix, "json"))
        return FinishExportOutput(
            export_id=plan.export_id,
            start=plan.start,
            end=plan.end,
            datapoints=manifest.datapoints,
            files=len(manifest.files),
            bytes=sum(file.bytes for file in manifest.files),
            parquet_uri=s3_uri(self.bucket, table_root(self.prefix, "parquet")),
            json_uri=json_root if "json" in plan.formats else None,
            manifest_uri=manifest_uri,
        )


def _check(plan: ExportPlan, results: Sequence[ShardResult]) -> None:
    answered = sum(result.requests for result in results)
    if answered != plan.requests:
        raise IncompleteExport(
            f"{answered} of {plan.requests} requests of export {plan.export_id} were answered; run it again"
        )
