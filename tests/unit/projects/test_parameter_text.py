"""Parameters of previews, schedules and steps may be numbers in YAML; they travel as text."""

import pytest
from pydantic import TypeAdapter, ValidationError

from sluiceway.projects.parameter_text import ParameterText

TEXT = TypeAdapter(ParameterText)


@pytest.mark.parametrize(
    ("written", "text"), [(5, "5"), (5.0, "5"), (0.25, "0.25"), (True, "true"), ("05", "05"), (1e-9, "1e-09")]
)
def test_a_value_is_what_a_command_line_would_show(written: object, text: str) -> None:
    """Whole numbers have no point, truth values are lower case, text stays as it is."""
    assert TEXT.validate_python(written) == text


@pytest.mark.parametrize("written", [float("nan"), float("inf"), None, [1], {"a": 1}])
def test_what_is_no_value_is_refused(written: object) -> None:
    """Lists, mappings and numbers that are none."""
    with pytest.raises(ValidationError):
        TEXT.validate_python(written)
