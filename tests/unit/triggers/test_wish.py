"""What somebody may ask of a run, and what is answered when it cannot be had."""

from typing import Any

import pytest
from pydantic import ValidationError

from sluiceway.triggers.contracts import RunAsked
from sluiceway.triggers.decide import Verdict, decide
from sluiceway.triggers.situation import CodeFound, Situation
from tests.fakes.samples import VERSION

OLD, NEW = "aa" * 32, "bb" * 32
CONFIG = {
    "steps": {"prepare": {}, "train": {}},
    "preview": {"data": {"flights": "few-flights"}, "parameters": {"trees": "5"}},
}


def decided(*, preview: bool = False, latest: dict[str, str] | None = None, **asked: Any) -> Verdict:
    wish = RunAsked.model_validate({"event_id": "e", "project": "flight-delay", "preview": preview, **asked})
    code = CodeFound(
        code_version=VERSION, datasets=("flights", "weather"), config=CONFIG, parameters=("depth", "trees")
    )
    found = {"flights": NEW, "few-flights": OLD, "weather": NEW} if latest is None else latest
    known = {name: version != "cc" * 32 for name, version in wish.dataset_versions.items()}
    return decide(wish, Situation(project="flight-delay", code=code, datasets=found, known_versions=known))


def test_what_is_not_named_is_the_latest() -> None:
    """Code, datasets and values of `sluice.yaml`."""
    inputs = decided(dataset_versions={"flights": OLD}, parameters={"depth": "4"}).inputs
    assert inputs is not None
    assert inputs.dataset_versions == {"flights": OLD, "weather": NEW}
    assert inputs.parameters == {"depth": "4"}


def test_a_preview_is_made_of_what_stands_in() -> None:
    """A version that is named, and a parameter that is given, win over `preview:`."""
    inputs = decided(preview=True).inputs
    assert inputs is not None
    assert (inputs.dataset_versions, inputs.parameters) == (
        {"few-flights": OLD, "weather": NEW},
        {"trees": "5"},
    )
    named = decided(preview=True, dataset_versions={"flights": NEW}, parameters={"trees": "9"}).inputs
    assert named is not None
    assert (named.dataset_versions["flights"], named.parameters["trees"]) == (NEW, "9")
    assert "few-flights" not in named.dataset_versions


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ({"dataset_versions": {"planes": OLD}}, "does not use the dataset planes: it uses flights, weather"),
        ({"dataset_versions": {"flights": "cc" * 32}}, "no dataset version flights@cccccccccccc"),
        ({"latest": {"flights": NEW}}, "no version yet of the dataset weather: upload it first"),
        ({"steps": ["deploy"]}, "deploy is not a step: the steps are prepare, train"),
        ({"parameters": {"dept": "4"}}, "has the parameter dept: there are depth, trees"),
    ],
)
def test_what_cannot_be_had_is_refused_with_what_there_is(asked: dict[str, Any], answer: str) -> None:
    """Nothing starts, and nobody has to guess."""
    verdict = decided(**asked)
    assert (verdict.outcome, verdict.inputs) == ("refused", None)
    assert answer in verdict.reason


def test_the_same_wish_in_other_words_is_the_same_run() -> None:
    """Steps in another order, or named twice."""
    one, other = decided(steps=["prepare", "train"]), decided(steps=["train", "prepare", "train"])
    assert one.inputs == other.inputs
    assert one.inputs != decided().inputs


@pytest.mark.parametrize(
    "parameters",
    [
        {"depth": "a\0b"},
        {"": "1"},
        {"depth": "x" * 6001},
        {f"p{n}": "x" * 1000 for n in range(90)},
        {"d": "\ud800"},
    ],
)
def test_parameters_that_nothing_could_carry_are_no_wish(parameters: dict[str, str]) -> None:
    """Zero bytes, halves of characters, and more than the ledger holds."""
    with pytest.raises(ValidationError):
        RunAsked(event_id="e", project="flight-delay", parameters=parameters)
