"""What a distributed Map makes of its child executions: a list of outputs, or files for its ResultWriter.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from embedded.stepfunctions import history
from embedded.stepfunctions.documents import dumps
from embedded.stepfunctions.model import SUCCEEDED, Execution

_GROUPS = ("FAILED", "PENDING", "SUCCEEDED")


def outputs(ended: Sequence[Execution], config: Mapping[str, Any]) -> list[Any]:
    """The results as the state's own, by the `WriterConfig` of its ResultWriter; tolerated failures too."""
    return _transformed(ended, config.get("Transformation", "COMPACT"))


def files(ended: Sequence[Execution], map_run_arn: str, writer: Mapping[str, Any]) -> dict[str, str]:
    """The texts to write into the writer's bucket, by key; the manifest is the last one."""
    config = writer.get("WriterConfig", {})
    ending = config.get("OutputType", "JSON")
    groups = {name: [one for one in ended if _group(one) == name] for name in _GROUPS}
    written = {
        f"{_folder(map_run_arn, writer)}{name}_0.{ending.lower()}": _text(name, group, config)
        for name, group in groups.items()
        if group
    }
    return written | {manifest_key(map_run_arn, writer): _manifest(written, map_run_arn, writer)}


def manifest_key(map_run_arn: str, writer: Mapping[str, Any]) -> str:
    """Where the manifest of a Map Run is written."""
    return f"{_folder(map_run_arn, writer)}manifest.json"


def _folder(map_run_arn: str, writer: Mapping[str, Any]) -> str:
    prefix = str(writer["Arguments"].get("Prefix", "")).rstrip("/")
    return f"{prefix}/{map_run_arn.rpartition(':')[2]}/".removeprefix("/")


def _group(one: Execution) -> str:
    return SUCCEEDED if one.status == SUCCEEDED else "FAILED"


def _text(name: str, group: Sequence[Execution], config: Mapping[str, Any]) -> str:
    """Those that failed are always written whole."""
    how = config.get("Transformation", "NONE") if name == SUCCEEDED else "NONE"
    entries = _transformed(group, how)
    if config.get("OutputType") == "JSONL":
        return "".join(f"{dumps(entry)}\n" for entry in entries)
    return dumps(entries)


def _transformed(group: Sequence[Execution], how: str) -> list[Any]:
    if how == "NONE":
        return [_entry(one) for one in group]
    found = [_outcome(one) for one in group]
    if how == "FLATTEN":
        return [item for one in found for item in (one if isinstance(one, list) else [one])]
    return found


def _outcome(one: Execution) -> Any:
    if one.status == SUCCEEDED:
        return json.loads(one.output or "null")
    return {"Status": one.status, "Error": one.error or "", "Cause": one.cause or ""}


def _manifest(written: Mapping[str, str], map_run_arn: str, writer: Mapping[str, Any]) -> str:
    def entries(name: str) -> list[dict[str, Any]]:
        return [
            {"Key": key, "Size": len(text.encode())}
            for key, text in written.items()
            if key.rpartition("/")[2].startswith(f"{name}_")
        ]

    return dumps(
        {
            "DestinationBucket": writer["Arguments"]["Bucket"],
            "MapRunArn": map_run_arn,
            "ResultFiles": {name: entries(name) for name in _GROUPS},
        }
    )


def _entry(one: Execution) -> dict[str, Any]:
    entry = {
        "Cause": one.cause,
        "Error": one.error,
        "ExecutionArn": one.arn,
        "Input": one.input,
        "InputDetails": {"Included": True},
        "Name": one.name,
        "Output": one.output,
        "OutputDetails": {"Included": True},
        "RedriveCount": one.redrives,
        **_REDRIVES[one.status == SUCCEEDED],
        "StartDate": history.timestamp(one.started),
        "StateMachineArn": one.machine_arn,
        "Status": one.status,
        "StopDate": None if one.stopped is None else history.timestamp(one.stopped),
    }
    return {key: value for key, value in entry.items() if value is not None}


_REDRIVES: Mapping[bool, Mapping[str, str]] = {
    True: {
        "RedriveStatus": "NOT_REDRIVABLE",
        "RedriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
    },
    False: {"RedriveStatus": "REDRIVABLE_BY_MAP_RUN"},
}
