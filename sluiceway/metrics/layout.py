"""Where an export's files lie. Names that start with `_` are skipped by Athena and by pyarrow."""

from urllib.parse import quote

from sluiceway.metrics.contracts import Format, Partition

SUFFIX: dict[Format, str] = {"parquet": "parquet", "json": "jsonl"}


def table_root(prefix: str, file_format: Format) -> str:
    """Root of the partitioned table: the prefix itself for Parquet, `_json/` in it for JSON lines."""
    return f"{prefix.strip('/')}/" if file_format == "parquet" else f"{prefix.strip('/')}/_json/"


def partition_prefix(prefix: str, file_format: Format, partition: Partition) -> str:
    """Hive-style folder of one day of one namespace; the slashes of `AWS/Lambda` are percent-encoded."""
    folder = f"date={partition.date}/namespace={quote(partition.namespace, safe='')}/"
    return table_root(prefix, file_format) + folder


def part_key(prefix: str, file_format: Format, partition: Partition, part: int) -> str:
    """Key of one file: the same for every export of that day, so that a repeated one replaces it."""
    return f"{partition_prefix(prefix, file_format, partition)}part-{part:03d}.{SUFFIX[file_format]}"


def export_key(prefix: str, export_id: str, name: str) -> str:
    """Key of something that belongs to one export: its plan, shards, results and manifest."""
    return f"{prefix.strip('/')}/_exports/{export_id}/{name}"
