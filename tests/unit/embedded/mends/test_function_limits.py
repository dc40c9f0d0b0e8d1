"""Limits of functions: settings, payloads, memory, and how ends are told."""

import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from embedded.mends import (
    function_settings,
    handler_errors,
    invocation_payloads,
    log_tail,
    worker_ends,
    worker_memory,
)


def _variables(**variables: str) -> dict[str, Any]:
    return {"Environment": {"Variables": variables}}


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"MemorySize": 128, "Timeout": 900},
        _variables(NAME="x" * 4_085),
        {"EphemeralStorage": {"Size": 512}},
    ],
)
def test_settings_within_the_limits_are_taken(settings: dict[str, Any]) -> None:
    """4,096 bytes of `{"NAME":"…"}` are just right."""
    assert function_settings.reason(settings) is None


@pytest.mark.parametrize(
    ("settings", "code", "message"),
    [
        (
            _variables(NAME="x" * 4_086),
            "InvalidParameterValueException",
            "exceeded the 4KB limit. String measured",
        ),
        (_variables(NAME="é" * 2_043), "InvalidParameterValueException", "exceeded the 4KB limit"),
        (
            _variables(AWS_REGION="x"),
            "InvalidParameterValueException",
            "Reserved keys used in this request: AWS_REGION",
        ),
        (_variables(_HANDLER="x"), "InvalidParameterValueException", "reserved keys"),
        (_variables(**{"1A": "x"}), "ValidationException", "environment.variables"),
        ({"MemorySize": 127}, "ValidationException", "greater than or equal to 128"),
        ({"MemorySize": 10_241}, "ValidationException", "less than or equal to 10240"),
        ({"Timeout": 901}, "ValidationException", "'timeout'"),
        ({"Timeout": 0}, "ValidationException", "'timeout'"),
        ({"EphemeralStorage": {"Size": 511}}, "ValidationException", "ephemeralStorage.size"),
    ],
)
def test_settings_beyond_the_limits_are_refused(settings: dict[str, Any], code: str, message: str) -> None:
    """In AWS's words."""
    found = function_settings.reason(settings)
    assert found
    assert found[0] == code
    assert message in found[1]


@pytest.mark.parametrize(
    ("kind", "size", "expected"),
    [
        ("RequestResponse", 6_291_556, None),
        ("RequestResponse", 6_291_557, (413, "RequestEntityTooLargeException")),
        ("Event", 1_048_576, None),
        ("Event", 1_048_577, (413, "RequestEntityTooLargeException")),
    ],
)
def test_a_payload_has_a_limit(kind: str, size: int, expected: Any) -> None:
    """One for each way of invoking."""
    found = invocation_payloads.refusal({"x-amz-invocation-type": kind}, b'"' + b"x" * (size - 2) + b'"')
    assert (found[:2] if found else None) == expected


def test_a_payload_is_json() -> None:
    """MiniStack takes an empty event for what is none."""
    found = invocation_payloads.refusal({}, b"no json")
    assert found
    assert found[:2] == (400, "InvalidRequestContentException")
    assert invocation_payloads.refusal({}, b"") is None


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import os; os._exit(3)", "Runtime exited with error: exit status 3"),
        ("", "Runtime exited without providing a reason"),
        ("import os; os.kill(os.getpid(), 9)", "Runtime exited with error: signal: killed"),
        ("import os; os.kill(os.getpid(), 11)", "Runtime exited with error: signal: segmentation fault"),
    ],
)
def test_an_end_is_explained(code: str, expected: str) -> None:
    """As the runtime says it."""
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        assert worker_ends.explain(process) == expected


def test_a_process_that_ends_before_it_is_ready_says_how() -> None:
    """An initialization that exits."""
    with (
        subprocess.Popen([sys.executable, "-c", "exit(1)"], stdout=subprocess.PIPE, text=True) as process,
        pytest.raises(worker_ends.Ended, match="exit status 1"),
    ):
        worker_ends.wait_until_ready(process, {"Timeout": 3})


@pytest.mark.parametrize(
    ("message", "error_type"),
    [
        ("Runtime exited with error: signal: killed", "Runtime.ExitError"),
        ("Task timed out after 3.00 seconds", "Sandbox.Timedout"),
    ],
)
def test_the_platforms_errors_name_the_request(message: str, error_type: str) -> None:
    """Step Functions matches on the type."""
    body = {"errorMessage": message, "errorType": "Runtime.HandlerError"}
    found = handler_errors.unfold({"error": True, "body": body}, "id")["body"]
    assert found == {"errorType": error_type, "errorMessage": f"RequestId: id Error: {message}"}


def test_a_worker_that_holds_too_much_is_killed() -> None:
    """By what is resident, while it is in use."""
    code = "x = bytearray(200 * 2**20); print('ready', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        process.stdout.readline()
        for memory, in_use in ((1_024, True), (128, False)):
            worker_memory.check(SimpleNamespace(_proc=process, in_use=in_use, config={"MemorySize": memory}))
            assert process.poll() is None
        worker_memory.check(SimpleNamespace(_proc=process, in_use=True, config={"MemorySize": 128}))
        assert process.wait(5) == -9


def test_a_tail_has_the_platforms_lines() -> None:
    """Also for a function that prints nothing."""
    lines = log_tail.completed("", {"MemorySize": 256}, "id", seconds=0.5, used_megabytes=30).splitlines()
    assert lines[0] == "START RequestId: id Version: $LATEST"
    assert lines[1] == "END RequestId: id"
    assert lines[2].split("\t") == [
        "REPORT RequestId: id", "Duration: 500.00 ms", "Billed Duration: 501 ms", "Memory Size: 256 MB",
        "Max Memory Used: 30 MB",
    ]  # fmt: skip
