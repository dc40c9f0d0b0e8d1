"""AWS/Lambda metrics of every invocation."""

import time

import pytest
from ministack.services import lambda_svc

from embedded.mends import invocation_metrics


@pytest.fixture
def told(monkeypatch) -> list[tuple[str, bool, bool]]:
    """What is recorded of invocations, by whatever way: function, error, throttle."""
    told: list[tuple[str, bool, bool]] = []
    monkeypatch.setattr(lambda_svc, "_execute_function_dispatch", lambda *_: {"error": True})
    monkeypatch.setattr(
        lambda_svc,
        "_emit_lambda_metrics",
        lambda name, _duration, error, throttle: told.append((name, error, throttle)),
    )
    invocation_metrics.install()
    return told


def test_an_invocation_is_counted_where_all_invocations_pass(told):
    """MiniStack counts only those that come by the Invoke API."""
    lambda_svc._execute_function_dispatch({}, {"FunctionName": "f"}, {}, "id", time.time())
    assert told == [("f", True, False)]


def test_an_invocation_by_the_api_is_not_counted_twice(told):
    """What MiniStack tells after the call is left out; a throttled call is told once."""
    lambda_svc._emit_lambda_metrics("f", duration_ms=12.0, error=False, throttle=False)
    lambda_svc._emit_lambda_metrics("f", duration_ms=12.0, error=True, throttle=True)
    lambda_svc._emit_lambda_metrics("f", duration_ms=0.0, error=False, throttle=True)
    assert told == [("f", False, True)]
