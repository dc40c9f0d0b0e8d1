"""No field of the language is ignored in silence: each changes what the engine does."""

import pytest

from embedded.stepfunctions.language.fields import GROUPS
from tests.unit.embedded.stepfunctions.engine.effects import files, maps, states
from tests.unit.embedded.stepfunctions.engine.effects.observing import observe
from tests.unit.embedded.stepfunctions.language.machines import (
    STATES,
    Definition,
    findings,
    machine,
    machine_of,
)

CASES = {**states.CASES, **maps.CASES, **files.CASES}
WITHOUT_EFFECT = {
    "Comment": "for readers",
    "Type": "says which state it is, and so which of the fields there are",
    "Version": "there is one: 1.0",
    "QueryLanguage": "there is one that is executed; the other one is refused, see below",
}


@pytest.mark.parametrize("key", CASES, ids="/".join)
def test_a_field_changes_what_is_done(key: tuple[str, str]) -> None:
    """Two machines that differ in it, neither of which the check refuses, do what it says."""
    case = CASES[key]
    for definition, shown in zip((case.first, case.second), case.shown, strict=True):
        assert [found for found in findings(definition) if not found.startswith("WARNING")] == []
        assert case.sees(observe(case, definition)) == shown
    assert case.shown[0] != case.shown[1]


@pytest.mark.parametrize("key", CASES, ids="/".join)
def test_the_two_machines_of_a_case_differ_in_the_field(key: tuple[str, str]) -> None:
    """So that it is the field which makes the difference."""
    assert _values(CASES[key].first, key[1]) != _values(CASES[key].second, key[1])


def test_every_field_has_a_case() -> None:
    """A field that is added to the table is to be shown here."""
    every = {(group, field.name) for group, fields in GROUPS.items() for field in fields}
    assert set(CASES) == {key for key in every if key[1] not in WITHOUT_EFFECT}


@pytest.mark.parametrize("kind", STATES)
def test_another_query_language_is_refused(kind: str) -> None:
    """For a state, and for the machine, where it is also what AWS assumes if nothing is said."""
    assert not any("JSONPath" in found for found in findings(machine_of(kind, QueryLanguage="JSONata")))
    assert any("JSONPath" in found for found in findings(machine_of(kind, QueryLanguage="JSONPath")))
    silent = machine(STATES["Succeed"])
    del silent["QueryLanguage"]
    assert findings(silent)


def _values(definition: object, name: str) -> list[object]:
    """All values that a field has in a definition."""
    if isinstance(definition, list):
        return [value for one in definition for value in _values(one, name)]
    if not isinstance(definition, dict):
        return []
    own: Definition = definition
    return [one for key, value in own.items() for one in ([value] if key == name else _values(value, name))]
