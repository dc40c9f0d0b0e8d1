"""The stage's bus: who may tell facts, who may ask, and what a rule lets pass."""

from typing import Any

import pytest
from pydantic import ValidationError

from cdk_app.settings import stage_settings
from sluiceway.triggers.asked import ASKED
from tests.infrastructure.template import Assembly
from tests.infrastructure.test_settings import Context

WISHES = [kind.__name__ for kind in ASKED]


def patterns(assembly: Assembly) -> list[dict[str, Any]]:
    """Of every rule on the stage's own bus."""
    rules = assembly.properties("AWS::Events::Rule").values()
    return [rule["EventPattern"] for rule in rules if "EventBusName" in rule]


def test_facts_count_only_from_the_stages_own_account(assembly: Assembly) -> None:
    """Whoever could put an event under the platform's name would still be of another account."""
    facts = [each for each in patterns(assembly) if each["source"] == ["sluiceway"]]
    assert facts
    assert all(each["account"] == [{"Ref": "AWS::AccountId"}] for each in facts)


def test_what_comes_under_another_name_is_a_wish(assembly: Assembly) -> None:
    """Of known kinds, and no other rule takes anything but the platform's own source."""
    others = [each for each in patterns(assembly) if each["source"] != ["sluiceway"]]
    assert all(each["source"] == [{"anything-but": ["sluiceway"]}] for each in others)
    assert {kind for each in others for kind in each["detail-type"]} == set(WISHES)


def test_wishes_are_few() -> None:
    """Whoever adds one lets other accounts ask for it."""
    assert {"RunAsked", "DeploymentAsked"} <= set(WISHES)
    assert all(name.endswith("Asked") for name in WISHES)


def test_the_bus_lets_trusted_accounts_ask_and_nothing_else(assemblies: dict[str, Assembly]) -> None:
    """Each of up to ten events of a request must be a wish, and none may be in the platform's name."""
    (policy,) = assemblies["local"].properties("AWS::Events::EventBusPolicy").values()
    statement = policy["Statement"]
    assert statement["Action"] == "events:PutEvents"
    assert statement["Condition"] == {
        "ForAllValues:StringEquals": {"events:detail-type": WISHES},
        "ForAllValues:StringNotEquals": {"events:source": "sluiceway"},
    }
    assert "111122223333" in str(statement["Principal"]["AWS"])
    (closed,) = assemblies["dev"].properties("AWS::Events::EventBusPolicy").values()
    assert len(closed["Statement"]["Principal"]["AWS"]) == 1


def test_people_may_ask_and_tell_no_facts(assembly: Assembly) -> None:
    """Every right to put events under a role of people names what may be put."""
    putting = [s for s in assembly.statements() if "events:PutEvents" in s.actions and "Operator" in s.role]
    assert putting
    assert all("events:detail-type" in s.condition["ForAllValues:StringEquals"] for s in putting)


def test_trusted_accounts_are_given_by_their_numbers() -> None:
    """With commas, in the context; a name or a number too short is refused at synth."""
    given = stage_settings(Context(stage="dev", trusted_accounts="111122223333, 444455556666"))
    assert given.trusted_accounts == ("111122223333", "444455556666")
    with pytest.raises(ValidationError, match="trusted_accounts"):
        stage_settings(Context(stage="dev", trusted_accounts="partner"))
