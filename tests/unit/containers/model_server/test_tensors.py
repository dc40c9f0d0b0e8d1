"""A model whose signature is one tensor."""

from typing import Any

import numpy as np
import pytest

from containers.model_server.inputs import TensorInputs
from tests.unit.containers.model_server.servers import ask, served

INPUTS = TensorInputs(np.dtype("float32"), (-1, 2))


def total(array: Any) -> Any:
    return array.sum(axis=1)


def test_nested_lists_become_the_tensor() -> None:
    """Whole numbers are numbers."""
    assert ask({"inputs": [[1, 2], [3, 4.5]]}, served(total, INPUTS)) == (200, {"predictions": [3.0, 7.5]})


@pytest.mark.parametrize("value", [[[1, 2, 3]], [1, 2], [["a", "b"]], [[1], [1, 2]], [], "x", [[None, 1]]])
def test_another_shape_or_type_is_refused(value: Any) -> None:
    """It says what was expected."""
    status, answer = ask({"inputs": value}, served(total, INPUTS))
    assert status == 400
    assert "expected" in answer["message"]
