"""What fields of one part mean together."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from embedded.stepfunctions.language.diagnostics import SCHEMA, Diagnostic, error
from embedded.stepfunctions.language.rules.kinds import is_integer
from embedded.stepfunctions.language.rules.walk import Part

Rule = Callable[[Part], Iterator[str]]
_DEFAULT_INTERVAL = 1


def check_together(part: Part) -> Iterator[Diagnostic]:
    """What is wrong with a part whose fields, each for itself, may be right."""
    for rule in _RULES.get(part.group, ()):
        yield from (error(SCHEMA, message, part.location or "/") for message in rule(part))


def _moves_on(part: Part) -> Iterator[str]:
    ends, has_next = part.value.get("End") is True, "Next" in part.value
    if ends and has_next:
        yield "Only one of these fields is allowed: [Next, End]"
    if not ends and not has_next:
        yield "One of these fields is required: [Next, End]"


def _waits_once(part: Part) -> Iterator[str]:
    given = [name for name in ("Seconds", "Timestamp") if name in part.value]
    if len(given) != 1:
        yield "Exactly one of these fields is required: [Seconds, Timestamp]"


def _heart_beats_in_time(part: Part) -> Iterator[str]:
    heartbeat, timeout = part.value.get("HeartbeatSeconds"), part.value.get("TimeoutSeconds")
    if is_integer(heartbeat) and is_integer(timeout) and heartbeat >= timeout:
        yield "'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'"


def _waits_longer(part: Part) -> Iterator[str]:
    longest, first = part.value.get("MaxDelaySeconds"), part.value.get("IntervalSeconds", _DEFAULT_INTERVAL)
    if is_integer(longest) and is_integer(first) and longest <= first:
        yield "'MaxDelaySeconds' must be greater than 'IntervalSeconds'"


def _all_is_last(part: Part) -> Iterator[str]:
    for field in ("Retry", "Catch"):
        entries = part.value.get(field)
        for entry in entries[:-1] if isinstance(entries, list) else ():
            if isinstance(entry, dict) and _names(entry) == ["States.ALL"]:
                yield f"'States.ALL' must be in the last element of '{field}'"


def _names(entry: dict[str, Any]) -> Any:
    return entry.get("ErrorEquals")


def _not_empty(field: str) -> Rule:
    def check(part: Part) -> Iterator[str]:
        if part.value.get(field) == []:
            yield f"Array '{field}' must not be empty"

    return check


def _mode_fits(part: Part) -> Iterator[str]:
    if is_distributed(part):
        return
    for name, field in part.fields.items():
        if field.distributed and name in part.value:
            yield f"Field '{name}' is only supported for a Map with the ProcessorConfig Mode 'DISTRIBUTED'"


def is_distributed(part: Part) -> bool:
    """Whether a Map runs its items as executions of their own."""
    processor = part.value.get("ItemProcessor")
    config = processor.get("ProcessorConfig") if isinstance(processor, dict) else None
    return isinstance(config, dict) and config.get("Mode") == "DISTRIBUTED"


def _has_type(part: Part) -> Iterator[str]:
    distributed, given = part.value.get("Mode") == "DISTRIBUTED", "ExecutionType" in part.value
    if distributed and not given:
        yield "These fields are required: [ExecutionType]"
    if given and not distributed:
        yield "Field 'ExecutionType' is only supported with the Mode 'DISTRIBUTED'"


def _reads_one_way(part: Part) -> Iterator[str]:
    config = part.value.get("ReaderConfig")
    lists = str(part.value.get("Resource", "")).endswith(":listObjectsV2")
    if isinstance(config, dict):
        yield from _reader_config(config, lists=lists)
    elif not lists:
        yield "These fields are required: [ReaderConfig]"


def _reader_config(config: dict[str, Any], *, lists: bool) -> Iterator[str]:
    kind, location = config.get("InputType"), config.get("CSVHeaderLocation")
    loads = config.get("Transformation") == "LOAD_AND_FLATTEN"
    if kind is None and (loads or not (lists or config.get("ManifestType") == "S3_INVENTORY")):
        yield "These fields are required in 'ReaderConfig': [InputType]"
    if "Transformation" in config and not lists:
        yield "Field 'Transformation' is only supported for the Resource 'arn:aws:states:::s3:listObjectsV2'"
    if kind is not None and lists and not loads:
        yield "Field 'InputType' is only supported with the Transformation 'LOAD_AND_FLATTEN' for a listing"
    if kind == "CSV" and location is None:
        yield "These fields are required in 'ReaderConfig': [CSVHeaderLocation]"
    if (location == "GIVEN") != ("CSVHeaders" in config):
        yield "Field 'CSVHeaders' belongs to the CSVHeaderLocation 'GIVEN'"
    yield from _only_for(config, "CSV", ["CSVDelimiter", "CSVHeaderLocation", "CSVHeaders"])
    yield from _only_for(config, "JSON", ["ItemsPointer"])
    yield from _manifest(config, lists=lists)


def _manifest(config: dict[str, Any], *, lists: bool) -> Iterator[str]:
    """An Athena manifest names files of the InputType, an S3 inventory is always one of CSV files."""
    kind, manifest = config.get("InputType"), config.get("ManifestType")
    if lists and (manifest or kind == "MANIFEST"):
        yield "A manifest is only supported for the Resource 'arn:aws:states:::s3:getObject'"
    if manifest == "ATHENA_DATA" and kind not in {"CSV", "JSONL", "PARQUET"}:
        yield "The ManifestType 'ATHENA_DATA' is only supported for the InputTypes [CSV, JSONL, PARQUET]"
    if manifest == "S3_INVENTORY" and kind not in {None, "MANIFEST"}:
        yield "The ManifestType 'S3_INVENTORY' is not supported for another InputType than 'MANIFEST'"


def _only_for(config: dict[str, Any], kind: str, names: list[str]) -> Iterator[str]:
    if config.get("InputType") == kind:
        return
    for name in names:
        if name in config:
            yield f"Field '{name}' is only supported for the InputType '{kind}'"


def _batches(part: Part) -> Iterator[str]:
    if not {"MaxItemsPerBatch", "MaxInputBytesPerBatch"} & set(part.value):
        yield "One of these fields is required: [MaxItemsPerBatch, MaxInputBytesPerBatch]"


def _writes(part: Part) -> Iterator[str]:
    if ("Resource" in part.value) != ("Arguments" in part.value):
        yield "Fields 'Resource' and 'Arguments' belong together"
    config = part.value.get("WriterConfig")
    if isinstance(config, dict) and config.get("OutputType") == "JSONL" and "Resource" not in part.value:
        yield "The OutputType 'JSONL' is only supported with a 'Resource'"
    if not {"Resource", "WriterConfig"} & set(part.value):
        yield "One of these fields is required: [Resource, WriterConfig]"


_RULES: Mapping[str, tuple[Rule, ...]] = {
    "Pass": (_moves_on,),
    "Task": (_moves_on, _all_is_last, _heart_beats_in_time),
    "Choice": (_not_empty("Choices"),),
    "Wait": (_moves_on, _waits_once),
    "Parallel": (_moves_on, _all_is_last, _not_empty("Branches")),
    "Map": (_moves_on, _all_is_last, _mode_fits),
    "retrier": (_waits_longer,),
    "processor config": (_has_type,),
    "item reader": (_reads_one_way,),
    "item batcher": (_batches,),
    "result writer": (_writes,),
}
