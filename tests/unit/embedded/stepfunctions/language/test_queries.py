"""Expressions in definitions: that they are some, what they refer to, which variables there are."""

from typing import Any

import pytest

from tests.unit.embedded.stepfunctions.language.machines import (
    Definition,
    distributed_map,
    findings,
    inline_map,
    inner,
    machine,
    pass_state,
    task,
)

UNSUPPORTED = "UNSUPPORTED_JSONATA_EXPRESSION"
INVALID = "INVALID_JSONATA_EXPRESSION"
WHERE = "at /States/S/Output/v"


def found_in(expression: str) -> list[str]:
    """What is found of an expression in the Output of a Pass."""
    return findings(machine(pass_state(Output={"v": f"{{% {expression} %}}"})))


# The messages are the parser's without their codes, as AWS writes them.
SYNTAX = [
    ("a[1,2)", 'Expected "]", got ","'),
    ('"unterminated', "String literal must be terminated by a matching quote"),
    ("1 +", "Unexpected end of expression"),
    ('{"a":}', 'The symbol "}" cannot be used as a unary operator'),
    ('$match("a", /abc', "No terminating / in regular expression"),
    ("%", "The object representing the 'parent' cannot be derived from this expression"),
    ("null ?? 1", 'The symbol "?" cannot be used as a unary operator'),
    ("/* never ends", "Comment has no closing tag"),
]


@pytest.mark.parametrize(("expression", "message"), SYNTAX)
def test_what_cannot_be_parsed_is_refused(expression: str, message: str) -> None:
    """At the field, in the parser's words."""
    assert found_in(expression) == [f"{INVALID}: {message} {WHERE}"]


@pytest.mark.parametrize("text", ["{% 1", "1 %}"])
def test_half_an_expression_is_refused(text: str) -> None:
    """Nobody means it."""
    found = findings(machine(pass_state(Output=[text])))
    assert found == [
        f"{INVALID}: An expression must start with '{{%' and end with '%}}' at /States/S/Output[0]"
    ]


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("phone", "phone"),
        ("phone[0].x", "phone"),
        ("$sum(prices)", "prices"),
        ("[1, other]", "other"),
        ("{'a': value}", "value"),
        ("$map($states.input.a, function($x){ b })", "b"),
        ("$states.input.a = b ? 1 : 2", "b"),
        ("($x := y; $x)", "y"),
        ("call(1)", "call"),
        ("$", None),
        ("$states.input.items[value > 3]", None),
        ("$states.input.items.(a & b)", None),
        ("$states.input.items^(price, >name)", None),
        ("$states.input.items{kind: $sum(price)}", None),
        ("$states.input.items.{'a': b}", None),
        ("$states.input ~> |a|{'b': c}, d|", None),
        ("$states.input.a@$x.b#$i.{'x': $x, 'i': $i, 'k': k}", None),
    ],
)
def test_a_name_at_the_top_level_refers_to_nothing(expression: str, name: str | None) -> None:
    """There is no context; in later steps, predicates, sort terms and groupings there is one."""
    message = f"{UNSUPPORTED}: Reference to '{name}' at the top level is not supported. {WHERE}"
    assert found_in(expression) == ([message] if name else [])


def test_the_root_is_refused() -> None:
    """`$$` is the context that there is not."""
    assert found_in("$$.a") == [f"{UNSUPPORTED}: Reference to '$$' is not supported. {WHERE}"]


RESULT = "{% $states.result %}"
ERROR = "{% $states.errorOutput %}"
NOWHERE = "Field '$states.{}' does not exist."
# Where a field of $states is read, and what is found there.
READS: list[tuple[str, Definition, list[str]]] = [
    ("a Task's result", task(Output=RESULT, Assign={"r": RESULT}), []),
    ("a Parallel's", {"Type": "Parallel", "Branches": [inner()], "Output": RESULT, "End": True}, []),
    ("a Map's", inline_map(Output=RESULT), []),
    ("a Pass has none", pass_state(Output=RESULT), ["/Output"]),
    ("arguments come before", task(Arguments=RESULT), ["/Arguments"]),
    ("items come before", inline_map(Items=RESULT), ["/Items"]),
    (
        "a catcher has an error and no result",
        task(Catch=[{"ErrorEquals": ["a"], "Next": "S2", "Output": ERROR, "Assign": {"r": RESULT}}]),
        ["/Catch[0]/Assign/r"],
    ),
    ("an error only in a catcher", task(Output=ERROR), ["/Output"]),
    (
        "a rule has neither",
        {"Type": "Choice", "Choices": [{"Condition": RESULT, "Output": ERROR, "Next": "S2"}]},
        ["/Choices[0]/Condition", "/Choices[0]/Output"],
    ),
]


@pytest.mark.parametrize(("state", "places"), [case[1:] for case in READS], ids=[case[0] for case in READS])
def test_results_and_errors_are_read_where_there_are_some(state: Definition, places: list[str]) -> None:
    """In AWS's words."""
    others = {"S2": {"Type": "Succeed"}} if "S2" in str(state) else {}
    found = findings(machine(state, **others))
    assert [one.partition(" at /States/S")[2] for one in found] == places
    assert all(UNSUPPORTED in one and "does not exist." in one for one in found)


def test_a_field_of_states_that_there_is_not_is_refused() -> None:
    """A misspelled `$states.context` would be undefined at run time."""
    assert found_in("$states.contxt.Execution") == [
        f"{UNSUPPORTED}: Unknown reserved states field: contxt {WHERE}"
    ]


def test_a_variable_that_nobody_assigns_is_warned_of() -> None:
    """It may still be assigned by nobody on the way that is taken."""
    assert found_in("$gone + $sum([1])") == [
        f"WARNING POSSIBLY_UNDEFINED_VARIABLE: Variable 'gone' is possibly not defined. {WHERE}"
    ]


@pytest.mark.parametrize(
    "expression", ["($x := 1; $x)", "function($x){$x}(1)", "$states.input.a#$i.$i", "$uuid()"]
)
def test_variables_of_the_expression_itself_are_known(expression: str) -> None:
    """Bound by `:=`, by a function, by a position; functions have names, too."""
    assert found_in(expression) == []


READ_X = pass_state(Output="{% $x %}")
SET_X = {"Type": "Pass", "Assign": {"x": 1}}
UNDEFINED = "WARNING POSSIBLY_UNDEFINED_VARIABLE: Variable 'x' is possibly not defined."


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"Type": "Parallel", "Branches": [inner(In=READ_X)], "End": True}, []),
        (inline_map(ItemProcessor=inner(In=READ_X)), []),
        (distributed_map(), [f"{UNDEFINED} at /States/S2/ItemProcessor/States/In/Output"]),
    ],
)
def test_outer_variables_are_seen_except_in_executions_of_their_own(state: Any, expected: list[str]) -> None:
    """A distributed Map's items do not see them."""
    if state["Type"] == "Map" and expected:
        state["ItemProcessor"] = {**state["ItemProcessor"], **inner(In=READ_X)}
    assert findings(machine({**SET_X, "Next": "S2"}, S2=state)) == expected


def test_inner_variables_are_not_seen_outside() -> None:
    """They end with their branch."""
    state = {"Type": "Parallel", "Branches": [inner(In={**SET_X, "End": True})], "Next": "S2"}
    assert findings(machine(state, S2=READ_X)) == [f"{UNDEFINED} at /States/S2/Output"]


def test_an_inner_scope_does_not_assign_what_was_assigned_before_it() -> None:
    """Nor in a branch within the branch."""
    deep = inline_map(ItemProcessor=inner(Deep={**SET_X, "End": True}))
    state = {"Type": "Parallel", "Branches": [inner(In=deep)], "End": True}
    place = "/States/S2/Branches[0]/States/In/ItemProcessor/States/Deep/Assign/x"
    message = "The variable name 'x' was already defined in a parent scope."
    assert findings(machine({**SET_X, "Next": "S2"}, S2=state)) == [
        f"DUPLICATE_VARIABLE_NAME: {message} at {place}"
    ]


@pytest.mark.parametrize("after", [{**SET_X, "End": True}, {"Type": "Succeed"}])
def test_it_may_assign_what_is_assigned_only_after_it(after: Definition) -> None:
    """And what executions of their own assign is theirs."""
    state = {"Type": "Parallel", "Branches": [inner(In={**SET_X, "End": True})], "Next": "S2"}
    assert findings(machine(state, S2=after)) == []


@pytest.mark.parametrize("name", ["x", "été", "名前", "a1_b", "a" * 80])
def test_an_identifier_names_a_variable(name: str) -> None:
    """By Unicode's rules."""
    assert findings(machine(pass_state(Assign={name: 1}))) == []


@pytest.mark.parametrize("name", ["", "1a", "_a", "a-b", "a b", "$a", "states", "a" * 81])
def test_anything_else_does_not(name: str) -> None:
    """`states` is reserved."""
    found = findings(machine(pass_state(Assign={name: 1})))
    assert len(found) == 1
    assert found[0].startswith("SCHEMA_VALIDATION_FAILED")
    assert found[0].endswith(f" at /States/S/Assign/{name}")


def test_a_placeholder_that_nobody_filled_is_refused() -> None:
    """By name and place, once; an expression with one is not looked into. Comments may speak of them."""
    state = task(
        Resource="${FunctionArn}", Arguments={"a": "{% ${Seconds} %}", "b": ["x-${Stage}-y"]}, Comment="${X}"
    )
    assert findings(machine(state)) == [
        "UNFILLED_PLACEHOLDER: The placeholder ${FunctionArn} was not filled at /States/S/Resource",
        "UNFILLED_PLACEHOLDER: The placeholder ${Seconds} was not filled at /States/S/Arguments/a",
        "UNFILLED_PLACEHOLDER: The placeholder ${Stage} was not filled at /States/S/Arguments/b[0]",
    ]
