"""The machines that all sides run; plain Python, as peers have an environment of their own."""

import json

STATES = 100


def chain(language: str, states: int = STATES) -> str:
    """Pass states that compute their outputs; the twin in JSONPath does so by an intrinsic function."""
    found = {f"S{number}": _pass(language, number) for number in range(states)}
    found[f"S{states}"] = {"Type": "Succeed"}
    return json.dumps({"QueryLanguage": language, "StartAt": "S0", "States": found})


def plain(language: str, states: int = STATES) -> str:
    """Pass states that hand on what they get: the same text but for the language."""
    found: dict[str, object] = {
        f"S{number}": {"Type": "Pass", "Next": f"S{number + 1}"} for number in range(states)
    }
    found[f"S{states}"] = {"Type": "Succeed"}
    return json.dumps({"QueryLanguage": language, "StartAt": "S0", "States": found})


def single(language: str) -> str:
    """One Pass state and the end."""
    return plain(language, 1)


def _pass(language: str, number: int) -> dict[str, object]:
    if language == "JSONata":
        return {"Type": "Pass", "Output": {"n": "{% $states.input.n + 1 %}"}, "Next": f"S{number + 1}"}
    return {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": f"S{number + 1}"}
