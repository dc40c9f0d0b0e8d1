"""`python -m containers COMMAND`: the entry point of every environment image."""

import sys
from importlib import import_module

COMMANDS = {
    "run-step": "containers.trainer.run_step",
    "evaluate": "containers.trainer.evaluate",
    "serve": "containers.model_server.serve",
}
"""Command → module with `main(arguments) -> exit code`. SageMaker starts an image with `serve`."""


def main(arguments: list[str]) -> int:
    """Run the command that the first argument names; only its modules are imported."""
    if not arguments or arguments[0] not in COMMANDS:
        sys.stderr.write(f"usage: python -m containers {{{'|'.join(COMMANDS)}}} …\n")
        return 64
    exit_code: int = import_module(COMMANDS[arguments[0]]).main(arguments[1:])
    return exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
