"""Every field that AWS documents is accepted or refused by name, and no other one is."""

from typing import Any

import pytest

from embedded.stepfunctions.language.fields import GROUPS, STATE_TYPES, Field
from embedded.stepfunctions.language.reserved import DEPRECATED, JSONPATH_ONLY
from tests.unit.embedded.stepfunctions.language.machines import (
    Definition,
    distributed_map,
    findings,
    inner,
    machine,
    machine_of,
    pass_state,
    task,
)

RETRIER = {"ErrorEquals": ["States.Timeout"]}
CATCHER = {"ErrorEquals": ["States.Timeout"], "Next": "S2"}
RULE = {"Condition": "{% true %}", "Next": "S2"}
READER = {
    "Resource": "arn:aws:states:::s3:getObject",
    "Arguments": {"Bucket": "b", "Key": "k"},
    "ReaderConfig": {"InputType": "JSON"},
}
LISTING = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Arguments": {"Bucket": "b"}}
BATCHER = {"MaxItemsPerBatch": 5}
WRITER = {"Resource": "arn:aws:states:::s3:putObject", "Arguments": {"Bucket": "b"}}

# A value of each documented field, by the group it belongs to. Written from the pages of the documentation
# and not from `fields.py`, so that a field that is forgotten there is missed here.
STATE: Definition = {"Comment": "c", "QueryLanguage": "JSONata"}
MOVING: Definition = {**STATE, "Next": "S2", "End": True, "Output": {"a": "{% 1 %}"}, "Assign": {"x": 1}}
FAILING: Definition = {"Retry": [RETRIER], "Catch": [CATCHER]}
DOCUMENTED: dict[str, Definition] = {
    "Pass": MOVING,
    "Task": {
        **MOVING,
        **FAILING,
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Arguments": {"FunctionName": "f", "Payload": "{% $states.context.Task.Token %}"},
        "Credentials": {"RoleArn": "arn:aws:iam::123456789012:role/r"},
        "TimeoutSeconds": 60,
        "HeartbeatSeconds": "{% 10 %}",
    },
    "Choice": {**STATE, "Choices": [RULE], "Default": "S2", "Output": 1, "Assign": {"x": 1}},
    "Wait": {**MOVING, "Seconds": "{% $states.input.s %}", "Timestamp": "2016-03-14T01:59:00Z"},
    "Succeed": {**STATE, "Output": "{% $states.input %}"},
    "Fail": {**STATE, "Error": "{% 'E' %}", "Cause": "c"},
    "Parallel": {**MOVING, **FAILING, "Branches": [inner()], "Arguments": {"a": 1}},
    "Map": {
        **MOVING,
        **FAILING,
        "Items": "{% $states.input %}",
        "ItemSelector": {"v": "{% $states.context.Map.Item.Value %}"},
        "ItemProcessor": distributed_map()["ItemProcessor"],
        "MaxConcurrency": "{% 5 %}",
        "ItemReader": READER,
        "ItemBatcher": BATCHER,
        "ResultWriter": WRITER,
        "Label": "label",
        "ToleratedFailurePercentage": 5.5,
        "ToleratedFailureCount": "{% 2 %}",
    },
    "machine": {
        "Comment": "c",
        "StartAt": "S",
        "States": {"S": pass_state()},
        "Version": "1.0",
        "TimeoutSeconds": 60,
        "QueryLanguage": "JSONata",
    },
    "branch": {"Comment": "c", **inner()},
    "processor": {"Comment": "c", **inner(), "ProcessorConfig": {"Mode": "INLINE"}},
    "processor config": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
    "retrier": {
        **RETRIER,
        "IntervalSeconds": 1,
        "MaxAttempts": 0,
        "BackoffRate": 1.5,
        "MaxDelaySeconds": 5,
        "JitterStrategy": "FULL",
        "Comment": "c",
    },
    "catcher": {**CATCHER, "Output": "{% $states.errorOutput %}", "Assign": {"e": 1}, "Comment": "c"},
    "rule": {**RULE, "Output": 1, "Assign": {"x": 1}, "Comment": "c"},
    "credentials": {"RoleArn": "{% $states.input.role %}"},
    "item reader": READER,
    "reader config": {
        "InputType": "CSV",
        "Transformation": "LOAD_AND_FLATTEN",
        "ManifestType": "S3_INVENTORY",
        "CSVDelimiter": "COMMA",
        "CSVHeaderLocation": "GIVEN",
        "CSVHeaders": ["a"],
        "MaxItems": "{% 5 %}",
        "ItemsPointer": "/a",
    },
    "item batcher": {
        "MaxItemsPerBatch": 5,
        "MaxInputBytesPerBatch": "{% 1000 %}",
        "BatchInput": {"a": "{% 1 %}"},
    },
    "result writer": {**WRITER, "WriterConfig": {"Transformation": "COMPACT"}},
    "writer config": {"Transformation": "FLATTEN", "OutputType": "JSONL"},
}
# Fields of the reader that belong to others of its fields.
CONFIGS: dict[str, Definition] = {
    "InputType": {"CSVHeaderLocation": "FIRST_ROW"},
    "Transformation": {"InputType": "JSON"},
    "ManifestType": {"InputType": "MANIFEST"},
    "CSVDelimiter": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
    "CSVHeaderLocation": {"InputType": "CSV", "CSVHeaders": ["a"]},
    "CSVHeaders": {"InputType": "CSV", "CSVHeaderLocation": "GIVEN"},
    "MaxItems": {"InputType": "JSON"},
    "ItemsPointer": {"InputType": "JSON"},
}
EVERY = [(group, name) for group, fields in DOCUMENTED.items() for name in fields]


def within(group: str, part: Definition) -> Definition:
    """A machine that is right but for a part of it."""
    if group in STATE_TYPES:
        return machine_of(group, **part)
    return _AROUND[group](part)


def _caught(catcher: Definition) -> Definition:
    return machine(task(Catch=[{**CATCHER, **catcher}]), S2={"Type": "Succeed"})


def _read(config: Definition) -> Definition:
    lists = "Transformation" in config
    return machine(distributed_map(ItemReader={**(LISTING if lists else READER), "ReaderConfig": config}))


def _processed(processor: Definition) -> Definition:
    return machine({"Type": "Map", "End": True, "ItemProcessor": processor})


_AROUND: dict[str, Any] = {
    "machine": lambda part: {**machine(pass_state()), **part},
    "branch": lambda part: machine({"Type": "Parallel", "End": True, "Branches": [{**inner(), **part}]}),
    "processor": lambda part: _processed({**inner(), **part}),
    "processor config": lambda part: _processed(
        {**inner(), "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD", **part}}
    ),
    "retrier": lambda part: machine(task(Retry=[{**RETRIER, **part}])),
    "catcher": _caught,
    "rule": lambda part: machine_of("Choice", Choices=[{**RULE, **part}]),
    "credentials": lambda part: machine(task(Credentials={"RoleArn": "{% 'a' %}", **part})),
    "item reader": lambda part: machine(distributed_map(ItemReader={**READER, **part})),
    "reader config": _read,
    "item batcher": lambda part: machine(distributed_map(ItemBatcher={**BATCHER, **part})),
    "result writer": lambda part: machine(distributed_map(ResultWriter={**WRITER, **part})),
    "writer config": lambda part: machine(distributed_map(ResultWriter={**WRITER, "WriterConfig": part})),
}


def errors(definition: Definition) -> list[str]:
    """The errors of a definition."""
    return [found for found in findings(definition) if not found.startswith("WARNING")]


@pytest.mark.parametrize(("group", "name"), EVERY)
def test_a_documented_field_is_accepted(group: str, name: str) -> None:
    """Each for itself, with a value as the documentation has it."""
    part = {**(CONFIGS.get(name, {}) if group == "reader config" else {}), name: DOCUMENTED[group][name]}
    if name == "Catch":
        definition = machine(machine_of(group, **part)["States"]["S"], S2={"Type": "Succeed"})
    else:
        definition = within(group, part)
    assert errors(definition) == []


@pytest.mark.parametrize(("group", "name"), EVERY)
def test_a_field_that_is_misspelled_is_refused_by_name(group: str, name: str) -> None:
    """A letter more, a small letter, or a blank."""
    for wrong in (f"{name}s", name[0].lower() + name[1:], f"{name} "):
        found = errors(within(group, {wrong: DOCUMENTED[group][name]}))
        assert any(f"Field '{wrong}' is not supported" in one for one in found)


@pytest.mark.parametrize("kind", STATE_TYPES)
def test_a_field_of_another_type_of_state_is_refused_by_name(kind: str) -> None:
    """On AWS, too: `Field 'TimeoutSeconds' is not supported`, at the state."""
    others = {name for group in STATE_TYPES for name in DOCUMENTED[group]} - set(DOCUMENTED[kind]) - {"Type"}
    for name in sorted(others):
        assert any(
            one == f"SCHEMA_VALIDATION_FAILED: Field '{name}' is not supported at /States/S"
            for one in errors(machine_of(kind, **{name: 1}))
        )


@pytest.mark.parametrize("name", sorted(JSONPATH_ONLY))
def test_a_field_of_jsonpath_is_refused_with_what_takes_its_place(name: str) -> None:
    """In AWS's words, and then ours."""
    expected = (
        f"The QueryLanguage is set to 'JSONata', but field '{name}' is only supported for the 'JSONPath' "
        f"QueryLanguage: {JSONPATH_ONLY[name]} at /States/S"
    )
    assert any(expected in one for one in errors(machine_of("Map", **{name: "$.a"})))


def test_what_is_deprecated_is_refused_with_what_takes_its_place() -> None:
    """`Iterator` is the old name of ItemProcessor."""
    for name, instead in DEPRECATED.items():
        assert any(instead in one for one in errors(machine_of("Map", **{name: inner()})))


def test_every_field_of_the_table_is_documented() -> None:
    """Type aside, the table has what was written down here, and nothing else."""
    known = {group: {field.name for field in fields} - {"Type"} for group, fields in GROUPS.items()}
    assert known == {group: set(fields) for group, fields in DOCUMENTED.items()}


def test_every_field_of_the_table_is_described() -> None:
    """The conformance table is made of these lines."""
    assert all(field.about.endswith(".") for fields in GROUPS.values() for field in fields)


@pytest.mark.parametrize(
    ("group", "field"), [(group, field) for group, fields in GROUPS.items() for field in fields]
)
def test_a_value_of_another_type_is_refused_at_its_place(group: str, field: Field) -> None:
    """Templates take anything; everything else has a type."""
    if field.kind == "template":
        return
    wrong = 1 if field.kind not in {"integer", "number"} else "1"
    found = errors(within(group, {field.name: wrong}))
    assert any(f"/{field.name}" in one or one.endswith("/States/S/Type") for one in found)


@pytest.mark.parametrize(
    ("group", "field"),
    [
        (group, field)
        for group, fields in GROUPS.items()
        for field in fields
        if field.kind in {"integer", "boolean"}
    ],
)
def test_an_expression_stands_only_where_it_may(group: str, field: Field) -> None:
    """`{% 1 %}` is no number where AWS evaluates nothing."""
    found = errors(within(group, {field.name: "{% 1 %}"}))
    assert any(f"/{field.name}" in one for one in found) != field.expression
