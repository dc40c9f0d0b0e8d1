"""Export one shard: ask CloudWatch a few requests at a time and write each answer as a file."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from sluiceway.gateways.cloudwatch import MetricStore
from sluiceway.gateways.objects import Objects
from sluiceway.metrics.contracts import (
    DataRequest,
    ExportShardInput,
    ExportShardOutput,
    Format,
    Partition,
    Shard,
    ShardResult,
    WrittenFile,
)
from sluiceway.metrics.layout import part_key
from sluiceway.metrics.table import WRITERS, to_table
from sluiceway.names import s3_uri, split_s3_uri

PARALLEL = 4
"""Requests in flight: bounds memory at four answers of 100,800 points, whatever the size of the export."""


@dataclass(frozen=True)
class ShardExporter:
    """Exports shards into `s3://bucket/prefix`."""

    metrics: MetricStore
    objects: Objects
    bucket: str
    prefix: str

    def export(self, task: ExportShardInput) -> ExportShardOutput:
        """Write every file of the shard, then the list of them; done again, it writes the same keys."""
        bucket, key = split_s3_uri(task.shard_uri)
        shard = Shard.model_validate_json(self.objects.get(bucket, key))
        with ThreadPoolExecutor(PARALLEL) as pool:
            answers = list(pool.map(partial(self._request, shard.formats), shard.requests))
        result = ShardResult(
            requests=len(shard.requests),
            datapoints=sum(files[0].datapoints for files in answers if files),
            files=tuple(file for files in answers for file in files),
        )
        result_key = f"{key.removesuffix('.json')}.result.json"
        self.objects.put(bucket, result_key, result.model_dump_json().encode())
        return ExportShardOutput(result_uri=s3_uri(bucket, result_key))

    def _request(self, formats: tuple[Format, ...], request: DataRequest) -> tuple[WrittenFile, ...]:
        table = to_table(request, self.metrics.points(request))
        if not len(table):
            return ()
        return tuple(
            self._write(each, request, WRITERS[each](table, request), len(table)) for each in formats
        )

    def _write(self, file_format: Format, request: DataRequest, body: bytes, datapoints: int) -> WrittenFile:
        partition = Partition(date=request.date, namespace=request.namespace)
        key = part_key(self.prefix, file_format, partition, request.part)
        self.objects.put(self.bucket, key, body)
        return WrittenFile(
            uri=s3_uri(self.bucket, key), format=file_format, datapoints=datapoints, bytes=len(body)
        )
