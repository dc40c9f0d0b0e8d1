"""Options that the commands of `sluice local` share."""

from pathlib import Path
from typing import Annotated

import typer

State = Annotated[
    Path | None,
    typer.Option(
        "--state",
        envvar="SLUICEWAY_STATE",
        help="Folder that it lives in; .sluiceway in the repository unless given.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]
