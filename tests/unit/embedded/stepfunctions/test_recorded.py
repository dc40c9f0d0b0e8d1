"""The interpreter does what was seen of the real Step Functions: outputs, errors, causes and histories.

`recorded/*.yaml` holds machines of our own with what public recordings and measurements of executions say
that each does; `source` names them. How a case is written: recorded/README.md.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from embedded.stepfunctions.__main__ import main
from embedded.stepfunctions.history import details_key

Case = dict[str, Any]
RECORDED = Path(__file__).parent / "recorded"
ABSENT = "absent"


def cases_with(*keys: str) -> list[Any]:
    """The cases that have one of the keys, each as a parameter of its own."""
    found = []
    for path in sorted(RECORDED.glob("*.yaml")):
        for case in yaml.safe_load(path.read_text()):
            if any(key in case for key in keys):
                found.append(pytest.param(case, id=f"{path.stem}: {case['name']}"))
    return found


class Terminal:
    """Runs cases as the command line would, in a folder of their own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder = folder
        self._capsys = capsys

    def run(self, case: Case, *flags: str) -> tuple[int, str]:
        """The exit code, and what was printed."""
        machine = {"QueryLanguage": "JSONata", **case["definition"]}
        arguments = ["run", self._write("machine.json", json.dumps(machine)), "--virtual-time", *flags]
        arguments += ["--input", self._write("input.json", case.get("input", "{}"))]
        arguments += ["--mock", self._write("mock.json", json.dumps(case.get("mock", {})))]
        code = main(arguments)
        return code, self._capsys.readouterr().out

    def _write(self, name: str, text: str) -> str:
        (self._folder / name).write_text(text, encoding="utf-8")
        return str(self._folder / name)


@pytest.fixture
def terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A terminal in an empty folder."""
    return Terminal(tmp_path, capsys)


@pytest.mark.parametrize("case", cases_with("output"))
def test_the_output_is_the_recorded_one(case: Case, terminal: Terminal) -> None:
    """Exit code 0 and the output, with its keys in the recorded order."""
    code, printed = terminal.run(case)
    assert code == 0, printed
    assert in_order(printed) == in_order(case["output"])


@pytest.mark.parametrize("case", cases_with("error"))
def test_the_failure_is_the_recorded_one(case: Case, terminal: Terminal) -> None:
    """Exit code 1, the name of the error, and the cause as far as the recording determines it."""
    code, printed = terminal.run(case)
    assert code == 1, printed
    failure = json.loads(printed)
    assert failure["error"] == case["error"]
    assert failure.get("cause") == case.get("cause", failure.get("cause"))
    assert case.get("cause_holds", "") in (failure.get("cause") or "")


@pytest.mark.parametrize("case", cases_with("events", "begins"))
def test_the_history_is_the_recorded_one(case: Case, terminal: Terminal) -> None:
    """Types, order and `previousEventId` of all events, and the details that the case names."""
    expected = case.get("events", case.get("begins"))
    events = events_in(terminal.run(case, "--history")[1])
    shown = events if "events" in case else events[: len(expected)]
    assert [(event["type"], event["previousEventId"]) for event in shown] == [(e[0], e[1]) for e in expected]
    assert [event["id"] for event in shown] == list(range(1, len(expected) + 1))
    for event, (_, _, *details) in zip(shown, expected, strict=True):
        for wanted in details:
            assert seen(event, wanted) == wanted, event["type"]


@pytest.mark.parametrize("case", cases_with("reasons"))
def test_the_refusal_says_what_and_where(case: Case, terminal: Terminal) -> None:
    """Exit code 2; code, message and place of the recorded diagnostics are all printed."""
    code, printed = terminal.run(case)
    assert code == 2, printed
    said = "\n".join(str(part) for found in json.loads(printed)["diagnostics"] for part in found.values())
    assert [reason for reason in case["reasons"] if reason not in said] == []


def in_order(text: str) -> object:
    """A JSON text as a value that differs if the order of keys or the writing of a number does."""
    return json.loads(text, object_pairs_hook=tuple, parse_float=number, parse_int=number)


def number(text: str) -> tuple[str, str]:
    """A number as it is written, and no text."""
    return ("number", text)


def events_in(printed: str) -> list[dict[str, Any]]:
    """The events among the printed lines."""
    lines = [json.loads(line) for line in printed.splitlines() if line.strip()]
    return [line for line in lines if isinstance(line, dict) and "previousEventId" in line]


def seen(event: dict[str, Any], wanted: dict[str, Any] | None) -> dict[str, Any] | None:
    """Of the event's details what a case asks for; None if it has no member for details."""
    details = event.get(details_key(event["type"]))
    if details is None or wanted is None:
        return details
    return {name: details.get(name, ABSENT) for name in wanted}
