"""`sluice export`: start `export_metrics`, wait for it, and say what it wrote."""

import json
import time
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sluiceway.cli.listing import print_json
from sluiceway.cli.stage import DEFAULT_STAGE, JsonOption, Stage, StageOption, open_stage
from sluiceway.errors import PermanentError

if TYPE_CHECKING:
    from sluiceway.metrics.contracts import ExportManifest, FinishExportOutput

POLL_SECONDS = 0.5
MomentOption = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]),
]


def export(
    start: MomentOption = None,
    end: MomentOption = None,
    minutes: Annotated[int | None, typer.Option(help="from start on, or back from now")] = None,
    formats: Annotated[
        list[str] | None, typer.Option("--format", help="parquet (default), json; may be repeated")
    ] = None,
    as_json: JsonOption = False,
    stage: StageOption = DEFAULT_STAGE,
) -> None:
    """Export CloudWatch's metrics to partitioned Parquet. Times are UTC; without any: the last 60 minutes."""
    opened = open_stage(stage)
    nothing = start is None and end is None and minutes is None
    wanted = {
        "start": _text(start),
        "end": _text(end),
        "minutes": 60 if nothing else minutes,
        "formats": formats,
    }
    done = run_export(opened, {name: value for name, value in wanted.items() if value})
    if as_json:
        print_json(done.model_dump(mode="json"))
    else:
        _print(done, read_manifest(opened, done))


def run_export(stage: Stage, wanted: dict[str, Any]) -> "FinishExportOutput":
    """Run the state machine on this input and return its output; raises `PermanentError` with its reason."""
    from sluiceway.metrics.contracts import FinishExportOutput

    client = stage.client("stepfunctions")
    started = client.start_execution(
        stateMachineArn=stage.settings.export_metrics_arn, input=json.dumps(wanted)
    )
    while True:
        execution = client.describe_execution(executionArn=started["executionArn"])
        if execution["status"] != "RUNNING":
            break
        time.sleep(POLL_SECONDS)
    if execution["status"] != "SUCCEEDED":
        raise PermanentError(f"the export ended {execution['status']}: {reason_of(execution)}")
    return FinishExportOutput.model_validate_json(execution["output"])


def reason_of(execution: dict[str, Any]) -> str:
    """The error message in the cause that a Lambda task leaves, or error and cause as they are."""
    error, cause = execution.get("error", ""), execution.get("cause", "")
    try:
        return str(json.loads(cause)["errorMessage"])
    except (ValueError, KeyError, TypeError):
        return f"{error}: {cause}" if cause else error or "no reason was given"


def read_manifest(stage: Stage, done: "FinishExportOutput") -> "ExportManifest":
    """Read the list of what an export wrote."""
    from sluiceway.metrics.contracts import ExportManifest
    from sluiceway.names import split_s3_uri

    bucket, key = split_s3_uri(done.manifest_uri)
    return ExportManifest.model_validate_json(
        stage.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    )


def _print(done: "FinishExportOutput", manifest: "ExportManifest") -> None:
    from urllib.parse import unquote

    from rich.console import Console
    from rich.table import Table

    points: Counter[str] = Counter()
    for file in [each for each in manifest.files if each.format == manifest.plan.formats[0]]:
        points[unquote(file.uri.split("namespace=")[1].split("/")[0])] += file.datapoints
    table = Table("namespace", "data points", box=None, pad_edge=False, header_style="bold")
    for namespace, count in points.most_common():
        table.add_row(namespace, f"{count:,}")
    Console().print(table)
    typer.echo(
        f"{done.start:%Y-%m-%d %H:%M} to {done.end:%Y-%m-%d %H:%M} UTC: "
        f"{done.datapoints:,} data points, {done.bytes:,} bytes"
    )
    typer.echo(done.parquet_uri)


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
