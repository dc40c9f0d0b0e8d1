"""A run's id depends on everything that goes in, and on nothing else."""

from typing import Any

import pytest

from sluiceway.triggers.run_key import RunInputs, refused_run_id, run_id, run_key

GIVEN: dict[str, Any] = {
    "project": "flight-delay",
    "code_version": "ab" * 32,
    "dataset_versions": {"flights": "cd" * 32, "weather": "ef" * 32},
    "parameters": {"depth": "3"},
    "config": {"gate": {"minimum": 0.6}, "deploy": None},
}


@pytest.mark.parametrize(
    "change",
    [
        {"project": "other"},
        {"code_version": "00" * 32},
        {"dataset_versions": {"flights": "cd" * 32}},
        {"dataset_versions": {"flights": "ef" * 32, "weather": "cd" * 32}},
        {"parameters": {"depth": "4"}},
        {"config": {"gate": {"minimum": 0.7}, "deploy": None}},
    ],
)
def test_every_input_is_part_of_the_key(change: dict[str, Any]) -> None:
    """A run with other inputs is another run."""
    assert run_key(RunInputs(**GIVEN)) != run_key(RunInputs(**(GIVEN | change)))


def test_the_order_in_which_inputs_are_named_is_not() -> None:
    """Keys of mappings are sorted before they are hashed."""
    backwards = {"weather": "ef" * 32, "flights": "cd" * 32}
    assert run_key(RunInputs(**GIVEN)) == run_key(RunInputs(**(GIVEN | {"dataset_versions": backwards})))


def test_each_rerun_has_an_id_of_its_own() -> None:
    """The number is part of the key; the id names the project and is a valid name of an execution."""
    ids = [run_id(RunInputs(**GIVEN), rerun=rerun) for rerun in range(3)]
    assert len(set(ids)) == 3
    assert all(name.startswith("flight-delay-") and len(name) == 25 for name in ids)


def test_the_key_stays_what_it_was() -> None:
    """Ids outlive releases: a change would run everything again. Values computed with sha256sum."""
    assert run_id(RunInputs(**GIVEN)) == "flight-delay-0d5759fc0259"
    assert refused_run_id("flight-delay", "e1") == "flight-delay-260d547c206f"
