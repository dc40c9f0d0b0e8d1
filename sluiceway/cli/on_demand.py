"""Groups of commands whose module is imported only when one of them is asked for."""

from functools import cache
from typing import Any

import typer
from typer.core import TyperGroup


class LocalGroup(TyperGroup):
    """`sluice local …`: the commands of `sluiceway.cli.local`."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names of the commands."""
        return list(_local().list_commands(ctx))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name; None where there is none."""
        return _local().get_command(ctx, cmd_name)


@cache
def _local() -> Any:
    from sluiceway.cli.local import app

    return typer.main.get_command(app)
