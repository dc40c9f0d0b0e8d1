"""The event "Step Functions Execution Status Change".

https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
"""

import json
from typing import Any

from embedded.stepfunctions.model import RUNNING, Execution
from embedded.stepfunctions.service import redriving

DETAIL_TYPE = "Step Functions Execution Status Change"
SOURCE = "aws.states"
_MOST_BYTES = 248 * 1024
"""Input and output that are larger, as they are escaped in the event, are left out."""


def event_of(execution: Execution, status: str) -> dict[str, Any]:
    """An entry for PutEvents: that an execution has, or had, come to a status."""
    return {
        "Source": SOURCE,
        "DetailType": DETAIL_TYPE,
        "Detail": json.dumps(_detail(execution, status)),
        "Resources": [execution.arn],
    }


def _detail(execution: Execution, status: str) -> dict[str, Any]:
    has_ended = status not in {RUNNING, "PENDING_REDRIVE"}
    given, output = execution.input, execution.output if has_ended else None
    with_input = _size(given) + _size(output) <= _MOST_BYTES
    with_output = output is not None and _size(output) <= _MOST_BYTES
    redrive = redriving.described(execution, execution.stopped or 0.0) if has_ended else _running(execution)
    return {
        "executionArn": execution.arn,
        "stateMachineArn": execution.machine_arn,
        "name": execution.name,
        "status": status,
        "startDate": _milliseconds(execution.started),
        "stopDate": _milliseconds(execution.stopped) if has_ended else None,
        "input": given if with_input else None,
        "output": output if with_output else None,
        "inputDetails": {"included": with_input},
        "outputDetails": {"included": with_output} if output is not None else None,
        "stateMachineVersionArn": execution.version_arn,
        "stateMachineAliasArn": execution.alias_arn,
        "error": execution.error if has_ended else None,
        "cause": execution.cause if has_ended else None,
        "redriveStatusReason": None,
        **redrive,
        "redriveDate": _milliseconds(execution.redriven),
    }


def _running(execution: Execution) -> dict[str, Any]:
    return {
        "redriveCount": execution.redrives,
        "redriveStatus": "NOT_REDRIVABLE",
        "redriveStatusReason": "Execution is RUNNING and cannot be redriven",
    }


def _size(text: str | None) -> int:
    return len(json.dumps(text)) if text is not None else 0


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds * 1000)
