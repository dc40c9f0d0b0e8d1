"""One Lambda execution environment: imports a handler once, then answers invocations, as AWS's runtime does.

It runs on a bare interpreter, where nothing can be imported but the layers and the function's own code, so it
imports nothing of this package. Parent and worker speak lines of JSON over standard input and output; what
the function itself prints goes to standard error, which the parent reads as its log.
"""

import importlib
import json
import logging
import os
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

FAILURE_KEY = "__sluiceway_handler_failure__"
LOG_END = "\0end of log"
_MAX_RESPONSE_BYTES = 6_291_556  # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html


class Context:
    """What a handler gets as its second argument."""

    identity = None
    client_context = None

    def __init__(self, init: dict[str, Any], call: dict[str, Any]) -> None:
        self.function_name = init["function_name"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = init["memory"]
        self.invoked_function_arn = call.get("invoked_function_arn", init["arn"])
        self.aws_request_id = call.get("request_id", "")
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self._deadline = time.monotonic() + call.get("timeout_ms", 3000) / 1000

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the invocation is ended."""
        return max(0, int((self._deadline - time.monotonic()) * 1000))


class RuntimeFailure(Exception):
    """What the runtime, not the function, found wrong; `error_type` as AWS names it."""

    def __init__(self, error_type: str, message: str) -> None:
        super().__init__(message)
        self.error_type = error_type


def load(module_name: str, handler_name: str) -> Callable[[Any, Context], Any]:
    """The handler, or an RuntimeFailure."""
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise RuntimeFailure(
            "Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}"
        ) from error
    except SyntaxError as error:
        raise RuntimeFailure(
            "Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}"
        ) from error
    if not hasattr(module, handler_name):
        raise RuntimeFailure(
            "Runtime.HandlerNotFound", f"Handler '{handler_name}' missing on module '{module_name}'"
        )
    handler: Callable[[Any, Context], Any] = getattr(module, handler_name)
    return handler


def failure(error: Exception, request_id: str) -> dict[str, Any]:
    """The error object that Lambda answers with."""
    return {
        "errorMessage": str(error),
        "errorType": getattr(error, "error_type", type(error).__name__),
        "requestId": request_id,
        "stackTrace": traceback.format_list(traceback.extract_tb(error.__traceback__)[1:]),
    }


def invoke(handler: Callable[[Any, Context], Any], event: Any, context: Context) -> Any:
    """What the handler returned, as it goes over the wire, or the failure that stands for it."""
    try:
        result = handler(event, context)
    except Exception as error:
        return report(failure(error, context.aws_request_id))
    try:
        size = len(json.dumps(result).encode())
    except (TypeError, ValueError) as error:
        marshal = RuntimeFailure("Runtime.MarshalError", f"Unable to marshal response: {error}")
        return report(failure(marshal, context.aws_request_id))
    if size > _MAX_RESPONSE_BYTES:
        message = (
            f"Response payload size exceeded maximum allowed payload size ({_MAX_RESPONSE_BYTES} bytes)."
        )
        return report(
            failure(RuntimeFailure("Function.ResponseSizeTooLarge", message), context.aws_request_id)
        )
    return result


def report(failed: dict[str, Any]) -> dict[str, Any]:
    """Write a failure to the log, as AWS's runtime does, and mark it as one."""
    log(f"[ERROR] {failed['errorType']}: {failed['errorMessage']}")
    log("Traceback (most recent call last):\n" + "".join(failed["stackTrace"]))
    return {FAILURE_KEY: failed}


def log(line: str) -> None:
    """Write a line to the function's log."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def search_path(init: dict[str, Any]) -> list[str]:
    """The function's code first, then its layers, the last one on top."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    layers = [
        path
        for layer in reversed(init["layers"])
        for path in (f"{layer}/python/lib/{version}/site-packages", f"{layer}/python")
    ]
    return [init["code_dir"], *filter(os.path.isdir, layers)]


def set_call_environment(call: dict[str, Any]) -> None:
    """X-Ray's header is an environment variable that changes with each invocation."""
    if call.get("trace_id"):
        os.environ["_X_AMZN_TRACE_ID"] = call["trace_id"]
    else:
        os.environ.pop("_X_AMZN_TRACE_ID", None)


def serve(
    handler: Callable[[Any, Context], Any], init: dict[str, Any], answer: Callable[[dict[str, Any]], None]
) -> None:
    """Answer invocations until the parent closes the pipe."""
    for line in sys.stdin:
        message = json.loads(line)
        call = message.get("ctx") or {}
        set_call_environment(call)
        context = Context(init, call)
        result = invoke(handler, message["event"], context)
        log(LOG_END)
        answer({"status": "ok", "result": result})


def fail_once(error: Exception, answer: Callable[[dict[str, Any]], None]) -> None:
    """Answer the first invocation with what went wrong at the start; AWS starts anew for the next."""
    message = json.loads(sys.stdin.readline() or "{}")
    result = report(failure(error, (message.get("ctx") or {}).get("request_id", "")))
    log(LOG_END)
    answer({"status": "ok", "result": result})


def main() -> None:
    """Take over the standard streams, load the handler, serve."""
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(body: dict[str, Any]) -> None:
        channel.write(json.dumps(body) + "\n")
        channel.flush()

    init = json.loads(sys.stdin.readline())
    sys.path[0:0] = search_path(init)
    logging.basicConfig(stream=sys.stdout, format="[%(levelname)s]\t%(asctime)s\t%(message)s")
    try:
        handler = load(init["module"], init["handler"])
    except Exception as error:
        answer({"status": "ready"})
        fail_once(error, answer)
        return
    answer({"status": "ready"})
    serve(handler, init, answer)


if __name__ == "__main__":
    main()
