"""The published JSON Schema of `sluice.yaml` says what the model says."""

from pathlib import Path

import orjson
import pytest
import yaml

from sluiceway.projects.contracts import SluiceConfig, Step
from sluiceway.schemas import SLUICE_YAML, rendered

ROOT = Path(__file__).parents[3]


def test_the_committed_schema_is_current() -> None:
    """Editors complete `sluice.yaml` by it; `make schemas` writes it."""
    assert (ROOT / "schemas" / SLUICE_YAML).read_bytes() == dict(rendered())[SLUICE_YAML]


def test_the_schema_knows_every_key_of_the_example() -> None:
    """No key of the example project is flagged by an editor."""
    schema = orjson.loads((ROOT / "schemas" / SLUICE_YAML).read_bytes())
    example = yaml.safe_load((ROOT / "projects/flight_delay/sluice.yaml").read_text())
    assert set(example) <= set(schema["properties"])
    assert set(schema["required"]) <= set(example)
    for step in example["steps"].values():
        assert set(step) <= set(schema["$defs"]["Step"]["properties"])


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("15m", 900), ("2h", 7200), ("1d", 86400), (60, 60)]
)
def test_durations_are_written_as_people_do(text: str | int, seconds: int) -> None:
    """The schema accepts both forms, the model holds seconds."""
    assert Step.model_validate({"timeout": text}).timeout == seconds
    forms = SluiceConfig.model_json_schema()["$defs"]["Step"]["properties"]["timeout"]["anyOf"]
    assert {form["type"] for form in forms} == {"integer", "string"}
