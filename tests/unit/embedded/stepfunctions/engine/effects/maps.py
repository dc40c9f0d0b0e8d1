"""What fields of Map and of its processor do."""

from tests.unit.embedded.stepfunctions.engine.effects.building import (
    DISTRIBUTED,
    ITEMS,
    Cases,
    distributed,
    loop,
    mapped,
    told,
)
from tests.unit.embedded.stepfunctions.engine.effects.files import JSON, WRITER, files, reads, writes
from tests.unit.embedded.stepfunctions.engine.effects.observing import (
    begun_at_first,
    child_statuses,
    inputs,
    labels,
    output,
    seconds,
    status,
    written,
)
from tests.unit.embedded.stepfunctions.language.machines import inner, pass_state

# Fails for odd items.
_HALF = inner(
    Odd={
        "Type": "Choice",
        "Choices": [{"Condition": "{% $states.input % 2 = 1 %}", "Next": "Bad"}],
        "Default": "Good",
    },
    Bad={"Type": "Fail", "Error": "Bad"},
    Good=pass_state(),
)
_WAITS = {"One": {"Type": "Wait", "Seconds": 400, "End": True}}
_A, _B = inner(One=pass_state(Output="a")), inner(One=pass_state(Output="b"))
_NOT_ONE = ("SUCCEEDED", "FAILED")

CASES: Cases = {
    ("Map", "Items"): told(mapped(Items="{% [5] %}"), mapped(), output, ([5], ITEMS)),
    ("Map", "ItemSelector"): told(
        mapped(ItemSelector={"i": "{% $states.context.Map.Item.Index %}"}),
        mapped(),
        output,
        ([{"i": 0}, {"i": 1}, {"i": 2}, {"i": 3}], ITEMS),
    ),
    ("Map", "ItemProcessor"): told(mapped(ItemProcessor=_A), mapped(), output, (["a"] * 4, ITEMS)),
    ("Map", "MaxConcurrency"): told(mapped(MaxConcurrency=2), mapped(), begun_at_first, (2, 4)),
    ("Map", "ItemReader"): files(reads(**JSON), distributed(), ([1, 2], ITEMS)),
    ("Map", "ItemBatcher"): told(
        distributed(ItemBatcher={"MaxItemsPerBatch": 4}), distributed(), inputs, ([{"Items": ITEMS}], ITEMS)
    ),
    ("Map", "ResultWriter"): files(writes(WRITER), distributed(), (2, 0), lambda seen: len(written(seen))),
    ("Map", "Label"): told(distributed(Label="label"), distributed(), labels, ({"label"}, {"S"})),
    ("Map", "ToleratedFailurePercentage"): told(
        distributed(_HALF, ToleratedFailurePercentage="{% 50 %}"), distributed(_HALF), status, _NOT_ONE
    ),
    ("Map", "ToleratedFailureCount"): told(
        distributed(_HALF, ToleratedFailureCount=2), distributed(_HALF), status, _NOT_ONE
    ),
    ("processor", "States"): told(
        mapped(ItemProcessor=_A), mapped(ItemProcessor=_B), output, (["a"] * 4, ["b"] * 4)
    ),
    ("processor", "StartAt"): told(
        mapped(Items=["x"], ItemProcessor=loop("B")),
        mapped(Items=["x"], ItemProcessor=loop("C")),
        output,
        (["xBCBC"], ["xCBC"]),
    ),
    ("processor", "ProcessorConfig"): told(distributed(), mapped(), inputs, (ITEMS, [])),
    ("processor config", "Mode"): told(
        distributed(),
        mapped(ItemProcessor={**inner(), "ProcessorConfig": {"Mode": "INLINE"}}),
        inputs,
        (ITEMS, []),
    ),
    # Express executions end after five minutes.
    ("processor config", "ExecutionType"): told(
        mapped(
            ItemProcessor={**inner(**_WAITS), "ProcessorConfig": DISTRIBUTED | {"ExecutionType": "EXPRESS"}},
            Items=[1],
        ),
        distributed(inner(**_WAITS), Items=[1]),
        lambda seen: (child_statuses(seen), seconds(seen)),
        ((["TIMED_OUT"], 300), (["SUCCEEDED"], 400)),
    ),
}
