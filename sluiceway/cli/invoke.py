"""`sluice invoke`: ask a project's endpoint for predictions."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from sluiceway.cli.completion import complete_project
from sluiceway.cli.finding import find_endpoint
from sluiceway.cli.stage import DEFAULT_STAGE, Stage, StageOption, open_stage
from sluiceway.errors import PermanentError

CONTENT_TYPES = {
    ".json": "application/json",
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
    ".arrow": "application/vnd.apache.arrow.stream",
}
"""By the extension of the file."""


def invoke(
    project: Annotated[str, typer.Argument(autocompletion=complete_project)],
    data: Annotated[
        str, typer.Option("--data", "-d", help="file with the rows, or - for standard input")
    ] = "-",
    content_type: Annotated[
        str | None, typer.Option("--content-type", help="default: by the file's extension; JSON from -")
    ] = None,
    stage: StageOption = DEFAULT_STAGE,
) -> None:
    """Send rows (JSON, CSV, Parquet, Arrow) to the project's endpoint and print its answer."""
    body, kind = _read(data, content_type)
    typer.echo(ask(open_stage(stage), project, body, kind))


def ask(stage: Stage, project: str, body: bytes, content_type: str) -> str:
    """Return the answer of a project's endpoint to one request."""
    endpoint = find_endpoint(stage.ledger, project).endpoint
    client = stage.client("sagemaker-runtime")
    try:
        answer = client.invoke_endpoint(
            EndpointName=endpoint, Body=body, ContentType=content_type, Accept="application/json"
        )
    except client.exceptions.ModelError as error:
        raise PermanentError(_model_error(endpoint, error)) from None
    return str(answer["Body"].read().decode())


def _read(data: str, content_type: str | None) -> tuple[bytes, str]:
    if data == "-":
        if sys.stdin.isatty():
            typer.echo("reading the rows from standard input; end with Ctrl-D", err=True)
        return sys.stdin.buffer.read(), content_type or CONTENT_TYPES[".json"]
    path = Path(data)
    if not path.is_file():
        raise PermanentError(f"{data}: there is no such file")
    kind = content_type or CONTENT_TYPES.get(path.suffix.lower())
    if kind is None:
        known = ", ".join(CONTENT_TYPES)
        raise PermanentError(
            f"{data}: its extension does not say what is in it (known: {known}); say so with --content-type"
        )
    return path.read_bytes(), kind


def _model_error(endpoint: str, error: Any) -> str:
    response = error.response
    status = response.get("OriginalStatusCode", "?")
    message = response.get("OriginalMessage") or response.get("Error", {}).get("Message", "")
    return f"the model behind {endpoint} answered {status}: {message}"
