"""A Task's call is made under its machine's role, and may be served by a service of ours.

MiniStack calls whatever a Task names and never asks IAM; it knows `.sync` only for ECS and nested executions.
"""

import contextvars
import threading
from collections.abc import Callable
from typing import Any

from embedded.cloud import AccessDenied, Cloud, TaskFailure
from embedded.integrations import Job, Run, TaskContext
from embedded.mends import task_permissions

_execution: contextvars.ContextVar[dict[str, Any] | None] = contextvars.ContextVar("execution", default=None)
_timed_out: contextvars.ContextVar[threading.Event | None] = contextvars.ContextVar("timed_out", default=None)


def install(cloud: Cloud) -> None:
    """Put the check and our integrations before MiniStack's."""
    from ministack.services import stepfunctions

    _remember_execution(stepfunctions)
    _remember_timeout(stepfunctions)
    invoke = stepfunctions._invoke_resource
    call_back = stepfunctions._invoke_with_callback

    def invoke_resource(resource: str, arguments: Any) -> Any:
        context = _context(stepfunctions)
        job = cloud.integrations.find_job(resource)
        run = _waiting_for(job) if job else cloud.integrations.find(resource)
        if run:
            return _under_role(resource, arguments, context, lambda: run(arguments, context), ours=True)
        return _under_role(resource, arguments, context, lambda: invoke(resource, arguments))

    def invoke_with_callback(resource: str, arguments: Any, token: str, state: Any) -> Any:
        def call() -> Any:
            return call_back(resource, arguments, token, state)

        return _under_role(resource, arguments, _context(stepfunctions), call)

    stepfunctions._invoke_resource = invoke_resource
    stepfunctions._invoke_with_callback = invoke_with_callback


def _waiting_for(job: Job) -> Run:
    def run(arguments: dict[str, Any], context: TaskContext) -> Any:
        submitted, ended = job.submit(arguments, context), threading.Event()
        job.when_ended(submitted, ended.set)
        while not ended.wait(0.5) and not context.stopped():
            pass
        if not ended.is_set():
            job.cancel(submitted, context)
            ended.wait()
        return job.result(submitted, context)

    return run


def _under_role(
    resource: str, arguments: Any, context: TaskContext, call: Callable[[], Any], *, ours: bool = False
) -> Any:
    from ministack.services.stepfunctions import _ExecutionError

    try:
        if not ours or task_permissions.is_known(resource):
            task_permissions.check(resource, arguments, context.role_arn)
        return call()
    except TaskFailure as failure:
        raise _ExecutionError(failure.error, failure.cause) from failure
    except AccessDenied as denied:
        raise _ExecutionError(task_permissions.denial(denied.action), str(denied)) from denied


def _context(stepfunctions: Any) -> TaskContext:
    execution, timed_out = _execution.get(), _timed_out.get()
    assert execution is not None  # noqa: S101 - set around every Task
    machine = stepfunctions._state_machines[execution["stateMachineArn"]]
    return TaskContext(
        role_arn=machine["roleArn"],
        execution_arn=execution["executionArn"],
        stopped=lambda: execution["status"] != "RUNNING" or (timed_out is not None and timed_out.is_set()),
    )


def _remember_execution(stepfunctions: Any) -> None:
    execute = stepfunctions._execute_task

    def execute_task(state: Any, raw_input: Any, execution: dict[str, Any], context: Any) -> Any:
        token = _execution.set(execution)
        try:
            return execute(state, raw_input, execution, context)
        finally:
            _execution.reset(token)

    stepfunctions._execute_task = execute_task


def _remember_timeout(stepfunctions: Any) -> None:
    invoke = stepfunctions._invoke_resource_with_timeout

    def invoke_with_timeout(resource: str, arguments: Any, timeout: float) -> Any:
        timed_out = threading.Event()
        token = _timed_out.set(timed_out)
        try:
            return invoke(resource, arguments, timeout)
        except stepfunctions._ExecutionError as error:
            if error.error == "States.Timeout":
                timed_out.set()
            raise
        finally:
            _timed_out.reset(token)

    stepfunctions._invoke_resource_with_timeout = invoke_with_timeout
