"""What the parts of a distributed Map are told, where it is an expression or a file that says it wrongly."""

from typing import Any

import pytest

from tests.unit.embedded.stepfunctions.engine.effects.building import distributed
from tests.unit.embedded.stepfunctions.engine.effects.files import GET, LIST, WRITER, read_by, reads, writes
from tests.unit.embedded.stepfunctions.engine.effects.observing import (
    Case,
    Observation,
    observe,
    output,
    requests,
)
from tests.unit.embedded.stepfunctions.language.machines import Definition

OBJECTS = {
    "p/": "",
    "p/1": "[1, 2]",
    "p/2": "[3, 4]",
    "deep": '{"a/b": [{"c": [5, 6]}]}',
    "broken": '{"fileSchema": "Key"}',
    "list.json": "[1]",
}


def run(definition: Definition) -> Observation:
    """What is seen of a machine over these files."""
    case = Case(first=definition, second=definition, sees=output, shown=(0, 0), objects=OBJECTS)
    return observe(case, definition)


@pytest.mark.parametrize(
    ("definition", "location"),
    [
        (reads(InputType="JSON", MaxItems="{% 0 %}"), "ItemReader/ReaderConfig/MaxItems"),
        (distributed(ItemBatcher={"MaxItemsPerBatch": "{% 'x' %}"}), "ItemBatcher/MaxItemsPerBatch"),
        (
            distributed(ItemBatcher={"MaxInputBytesPerBatch": "{% 1e9 %}"}),
            "ItemBatcher/MaxInputBytesPerBatch",
        ),
        (distributed(ToleratedFailurePercentage="{% 101 %}"), "ToleratedFailurePercentage"),
    ],
)
def test_an_expression_that_gives_no_number_in_range_fails_at_its_place(
    definition: Definition, location: str
) -> None:
    """As a literal is refused when the machine is made."""
    seen = run(definition)
    failed = next(event for event in seen.events if event["type"] == "EvaluationFailed")
    assert failed["evaluationFailedEventDetails"]["location"] == location
    assert seen.execution.error == "States.QueryEvaluationError"


def test_objects_of_a_listing_are_read_until_there_are_enough_items() -> None:
    """In order, for the same owner; what stands for a folder is no file."""
    reader = {
        "Resource": LIST,
        "Arguments": {"Bucket": "b", "Prefix": "p/", "ExpectedBucketOwner": "o"},
        "ReaderConfig": {"InputType": "JSON", "Transformation": "LOAD_AND_FLATTEN", "MaxItems": 3},
    }
    seen = run(read_by(reader))
    assert output(seen) == [1, 2, 3]
    read = [params for operation, params in requests(seen) if operation == "GetObject"]
    assert read == [{"Bucket": "b", "Key": key, "ExpectedBucketOwner": "o"} for key in ("p/1", "p/2")]


@pytest.mark.parametrize(("pointer", "items"), [("/a~1b/0/c", [5, 6]), ("/a~1b/0/c/", None), ("/x", None)])
def test_a_pointer_leads_through_objects_and_arrays(pointer: str, items: Any) -> None:
    """With the escapes of RFC 6901; one that leads nowhere fails the reader by name."""
    seen = run(reads("deep", InputType="JSON", ItemsPointer=pointer))
    assert output(seen) == items
    assert items or seen.execution.error == "States.ItemReaderFailed"
    assert items or f"ItemsPointer {pointer}" in str(seen.execution.cause)


def test_a_manifest_that_is_none_fails_the_reader_by_name() -> None:
    """It says what is missing."""
    seen = run(reads("broken", GET, InputType="MANIFEST"))
    assert seen.execution.error == "States.ItemReaderFailed"
    assert "no manifest of an S3 inventory: KeyError('destinationBucket')" in str(seen.execution.cause)


def test_results_are_written_for_the_owner_that_is_expected() -> None:
    """Everything but the prefix is an argument of PutObject."""
    seen = run(writes({**WRITER, "Arguments": {"Bucket": "b", "Prefix": "p", "ExpectedBucketOwner": "o"}}))
    assert {params["ExpectedBucketOwner"] for _, params in requests(seen)} == {"o"}
    assert all("Prefix" not in params for _, params in requests(seen))
