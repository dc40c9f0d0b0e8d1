"""What fields of the parts of a distributed Map do: how items are read and put together, results written."""

import json
from typing import Any

from tests.unit.embedded.stepfunctions.engine.effects.building import (
    DISTRIBUTED,
    ITEMS,
    Cases,
    distributed,
    ends,
    told,
)
from tests.unit.embedded.stepfunctions.engine.effects.observing import (
    Case,
    Observation,
    inputs,
    output,
    requests,
    written,
)
from tests.unit.embedded.stepfunctions.language.machines import Definition, inner, pass_state

GET, LIST = "arn:aws:states:::s3:getObject", "arn:aws:states:::s3:listObjectsV2"
WRITER = {"Resource": "arn:aws:states:::s3:putObject", "Arguments": {"Bucket": "b"}}
OBJECTS = {
    "a.json": '{"x": {"y": [1, 2]}, "z": 3}',
    "list.json": "[1, 2]",
    "lines.json": "[1]\n[2]\n",
    "a.csv": "h;i\n1;2\n",
    "p/1.json": "[1]",
    "p/2.json": "[2]",
    "athena.csv": "s3://other/rows.jsonl\n",
    "rows.jsonl": '{"r": 1}\n',
    "inventory.json": json.dumps(
        {
            "fileSchema": "Bucket, Key",
            "destinationBucket": "arn:aws:s3:::b",
            "files": [{"key": "i.csv"}],
        }
    ),
    "i.csv": "b,k\n",
}


def reads(key: str = "list.json", resource: str = GET, **config: Any) -> Definition:
    """A machine that reads its items: from a file, or those that begin with a key."""
    arguments = {"Bucket": "b", "Key" if resource == GET else "Prefix": key}
    reader = {"Resource": resource, "Arguments": arguments, "ReaderConfig": config}
    return read_by(reader)


def read_by(reader: Definition) -> Definition:
    """A machine that reads its items by an ItemReader."""
    processor = {**inner(), "ProcessorConfig": DISTRIBUTED}
    return ends({"Type": "Map", "ItemReader": reader, "ItemProcessor": processor})


def files(first: Definition, second: Definition, shown: tuple[Any, Any], sees: Any = output) -> Case:
    """Two machines over the same files; their output is the items that were read."""
    return Case(first=first, second=second, sees=sees, shown=shown, objects=OBJECTS)


def writes(writer: Definition, states: Definition | None = None, items: Any = ITEMS) -> Definition:
    """A machine whose Map has a ResultWriter."""
    return distributed(states, ResultWriter=writer, Items=items)


def _csv(**more: Any) -> Definition:
    return reads("a.csv", InputType="CSV", **{"CSVHeaderLocation": "FIRST_ROW", **more})


def _outputs(seen: Observation) -> Any:
    """The file with the results: of whole executions their outputs."""
    found = next(text for name, text in written(seen).items() if name.startswith("SUCCEEDED_0"))
    entries = json.loads(found)
    return [one.get("Output") if isinstance(one, dict) else one for one in entries]


def _names(seen: Observation) -> list[str]:
    return sorted(written(seen))


def _folder(seen: Observation) -> set[str]:
    return {key.partition("/")[0] for key in seen.files.written}


JSON, _LINES = {"InputType": "JSON"}, {"InputType": "JSONL"}
_LISTED = [{"Key": "p/1.json"}, {"Key": "p/2.json"}]
_PAIR = inner(One=pass_state(Output="{% [$states.input, 0] %}"))

OF_READERS: Cases = {
    ("item reader", "Resource"): files(reads("p/", LIST), reads("p/1.json", **JSON), (_LISTED, [1])),
    ("item reader", "Arguments"): files(
        read_by(
            {
                "Resource": GET,
                "Arguments": {
                    "Bucket": "b",
                    "Key": "list.json",
                    "VersionId": "v",
                    "ExpectedBucketOwner": "o",
                },
                "ReaderConfig": JSON,
            }
        ),
        reads(**JSON),
        (
            [
                (
                    "GetObject",
                    {"Bucket": "b", "Key": "list.json", "VersionId": "v", "ExpectedBucketOwner": "o"},
                )
            ],
            [("GetObject", {"Bucket": "b", "Key": "list.json"})],
        ),
        requests,
    ),
    ("item reader", "ReaderConfig"): files(
        reads("p/", LIST, MaxItems=1),
        read_by({"Resource": LIST, "Arguments": {"Bucket": "b", "Prefix": "p/"}}),
        (_LISTED[:1], _LISTED),
    ),
    ("reader config", "InputType"): files(reads(**_LINES), reads(**JSON), ([[1, 2]], [1, 2])),
    ("reader config", "Transformation"): files(
        reads("p/", LIST, Transformation="LOAD_AND_FLATTEN", **JSON),
        reads("p/", LIST, Transformation="NONE"),
        ([1, 2], _LISTED),
    ),
    ("reader config", "ManifestType"): files(
        reads("athena.csv", ManifestType="ATHENA_DATA", **_LINES),
        reads("inventory.json", ManifestType="S3_INVENTORY"),
        ([{"r": 1}], [{"Bucket": "b", "Key": "k"}]),
    ),
    ("reader config", "CSVDelimiter"): files(
        _csv(CSVDelimiter="SEMICOLON"), _csv(), ([{"h": "1", "i": "2"}], [{"h;i": "1;2"}])
    ),
    ("reader config", "CSVHeaderLocation"): files(
        _csv(CSVHeaderLocation="GIVEN", CSVHeaders=["x"]),
        _csv(),
        ([{"x": "h;i"}, {"x": "1;2"}], [{"h;i": "1;2"}]),
    ),
    ("reader config", "CSVHeaders"): files(
        _csv(CSVHeaderLocation="GIVEN", CSVHeaders=["x"], MaxItems=1),
        _csv(CSVHeaderLocation="GIVEN", CSVHeaders=["y"], MaxItems=1),
        ([{"x": "h;i"}], [{"y": "h;i"}]),
    ),
    ("reader config", "MaxItems"): files(reads(MaxItems="{% 1 %}", **JSON), reads(**JSON), ([1], [1, 2])),
    ("reader config", "ItemsPointer"): files(
        reads("a.json", ItemsPointer="/x/y", **JSON),
        reads("a.json", **JSON),
        ([1, 2], [{"Key": "x", "Value": {"y": [1, 2]}}, {"Key": "z", "Value": 3}]),
    ),
}
OF_BATCHES_AND_RESULTS: Cases = {
    ("item batcher", "MaxItemsPerBatch"): told(
        distributed(ItemBatcher={"MaxItemsPerBatch": "{% 3 %}"}),
        distributed(ItemBatcher={"MaxItemsPerBatch": 9}),
        inputs,
        ([{"Items": [1, 2, 3]}, {"Items": [4]}], [{"Items": ITEMS}]),
    ),
    ("item batcher", "MaxInputBytesPerBatch"): told(
        distributed(ItemBatcher={"MaxInputBytesPerBatch": 4}),
        distributed(ItemBatcher={"MaxInputBytesPerBatch": 100}),
        inputs,
        ([{"Items": [1, 2]}, {"Items": [3, 4]}], [{"Items": ITEMS}]),
    ),
    ("item batcher", "BatchInput"): told(
        distributed(ItemBatcher={"MaxItemsPerBatch": 9, "BatchInput": {"a": "{% 1 %}"}}),
        distributed(ItemBatcher={"MaxItemsPerBatch": 9}),
        inputs,
        ([{"BatchInput": {"a": 1}, "Items": ITEMS}], [{"Items": ITEMS}]),
    ),
    ("result writer", "Resource"): files(
        writes(WRITER),
        writes({"WriterConfig": {"Transformation": "COMPACT"}}),
        (2, 0),
        lambda seen: len(written(seen)),
    ),
    ("result writer", "Arguments"): files(
        writes({**WRITER, "Arguments": {"Bucket": "b", "Prefix": "first"}}),
        writes({**WRITER, "Arguments": {"Bucket": "b", "Prefix": "second"}}),
        ({"first"}, {"second"}),
        _folder,
    ),
    ("result writer", "WriterConfig"): files(
        writes({**WRITER, "WriterConfig": {"Transformation": "COMPACT"}}),
        writes(WRITER),
        (ITEMS, ["1", "2", "3", "4"]),
        _outputs,
    ),
    ("writer config", "Transformation"): files(
        writes({**WRITER, "WriterConfig": {"Transformation": "FLATTEN"}}, _PAIR, [1]),
        writes({**WRITER, "WriterConfig": {"Transformation": "COMPACT"}}, _PAIR, [1]),
        ([1, 0], [[1, 0]]),
        _outputs,
    ),
    ("writer config", "OutputType"): files(
        writes({**WRITER, "WriterConfig": {"OutputType": "JSONL"}}),
        writes(WRITER),
        (["SUCCEEDED_0.jsonl", "manifest.json"], ["SUCCEEDED_0.json", "manifest.json"]),
        _names,
    ),
}
CASES: Cases = {**OF_READERS, **OF_BATCHES_AND_RESULTS}
