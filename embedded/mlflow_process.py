"""`mlflow server` on a socket that already listens, in one process.

python -m embedded.mlflow_process FD [options of `mlflow server`]

Whoever connects while it starts waits instead of being refused, so nothing that needs MLflow has to wait for
it first. `mlflow server` would start uvicorn as a second process, import itself once more, and could not hand
the socket on.
"""

import os
import sys
from typing import Any


def main(descriptor: int, options: list[str]) -> None:
    """Serve until a signal."""
    from mlflow import cli, server

    def serve(command: list[str], *, extra_env: dict[str, str], **_: Any) -> None:
        import uvicorn.main

        os.environ.update(extra_env)
        uvicorn.main.main([str(part) for part in command[command.index("uvicorn") + 1 :]])

    server._exec_cmd = serve
    cli.cli(["server", "--uvicorn-opts", f"--fd {descriptor}", *options])


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
