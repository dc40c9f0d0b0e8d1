"""`LogType: Tail` answers with the last 4 KB of the log, START, END and REPORT lines among them.

MiniStack answers with what the function printed, and with nothing where it printed nothing.
https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

import time
from collections.abc import Mapping
from typing import Any


def install() -> None:
    """Complete the log of every answer."""
    from ministack.services import lambda_svc

    dispatch = lambda_svc._execute_function_dispatch

    def dispatched(function: Any, config: Any, event: Any, request_id: str, started: float) -> Any:
        answer = dispatch(function, config, event, request_id, started)
        used = lambda_svc._probe_peak_memory_mb(function)
        log = completed(
            answer.get("log", ""), config, request_id, seconds=time.time() - started, used_megabytes=used
        )
        return answer | {"log": log}

    lambda_svc._execute_function_dispatch = dispatched


def completed(
    log: str, config: Mapping[str, Any], request_id: str, *, seconds: float, used_megabytes: int
) -> str:
    """A log with the lines that the platform writes."""
    duration = seconds * 1000
    report = (
        f"REPORT RequestId: {request_id}",
        f"Duration: {duration:.2f} ms",
        f"Billed Duration: {int(duration) + 1} ms",
        f"Memory Size: {config.get('MemorySize', 128)} MB",
        f"Max Memory Used: {used_megabytes} MB",
    )
    start = f"START RequestId: {request_id} Version: {config.get('Version', '$LATEST')}"
    lines = [start, *filter(None, [log]), f"END RequestId: {request_id}", "\t".join(report)]
    return "\n".join(lines) + "\n"
