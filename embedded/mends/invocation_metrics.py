"""The AWS/Lambda metrics of every invocation; MiniStack keeps them only of those that come by the Invoke API.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
"""

import time
from typing import Any


def install() -> None:
    """Count where all invocations pass: by state machines, rules, queues and the API alike."""
    from ministack.services import lambda_svc

    dispatch, emit = lambda_svc._execute_function_dispatch, lambda_svc._emit_lambda_metrics

    def counted(function: Any, config: Any, event: Any, request_id: str, started: float) -> Any:
        answer = dispatch(function, config, event, request_id, started)
        emit(
            config["FunctionName"], (time.time() - started) * 1000, bool(answer.get("error")), throttle=False
        )
        return answer

    def only_throttles(name: str, duration_ms: float, error: bool, throttle: bool) -> None:
        """What was not dispatched; of a throttled call by the API MiniStack tells twice."""
        if throttle and duration_ms == 0:
            emit(name, duration_ms, error, throttle)

    lambda_svc._execute_function_dispatch = counted
    lambda_svc._emit_lambda_metrics = only_throttles
