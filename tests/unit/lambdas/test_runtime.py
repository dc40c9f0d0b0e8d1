"""What every function shares: a checked environment, and handlers that parse and dump."""

import pytest

from lambdas import runtime
from sluiceway.triggers.contracts import RunPipelineInput
from tests.fakes.lambda_context import CONTEXT


class Environment(runtime.FunctionEnvironment):
    """Two variables beside STAGE."""

    ledger_table: str
    settle_seconds: int


def test_the_environment_names_every_variable_that_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever deploys sees at once what to mend."""
    monkeypatch.setenv("SETTLE_SECONDS", "soon")
    monkeypatch.setenv("STAGE", "test")
    monkeypatch.delenv("LEDGER_TABLE", raising=False)
    with pytest.raises(runtime.InvalidEnvironment, match=r"LEDGER_TABLE: .*; SETTLE_SECONDS: "):
        runtime.environment(Environment)


def test_the_environment_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It cannot change while a function lives."""
    for name, value in {"STAGE": "test", "LEDGER_TABLE": "t", "SETTLE_SECONDS": "5"}.items():
        monkeypatch.setenv(name, value)
    runtime.environment.cache_clear()
    assert runtime.environment(Environment).settle_seconds == 5
    monkeypatch.setenv("SETTLE_SECONDS", "6")
    assert runtime.environment(Environment).settle_seconds == 5
    runtime.environment.cache_clear()


def test_a_task_parses_what_it_is_given_and_dumps_what_it_returns() -> None:
    """State machines see JSON; use cases see contracts."""

    @runtime.task(RunPipelineInput)
    def handler(given: RunPipelineInput) -> RunPipelineInput:
        return RunPipelineInput(run_id=given.run_id + "!")

    assert handler({"run_id": "pp-1"}, CONTEXT) == {"run_id": "pp-1!"}


def test_a_task_refuses_what_it_does_not_know() -> None:
    """A state machine and a function that disagree are found at once."""

    @runtime.task(RunPipelineInput)
    def handler(given: RunPipelineInput) -> RunPipelineInput:
        return given

    with pytest.raises(ValueError, match="extra"):
        handler({"run_id": "pp-1", "extra": 1}, CONTEXT)
