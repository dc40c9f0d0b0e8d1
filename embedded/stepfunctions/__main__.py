"""The command line of the interpreter.

    python -m embedded.stepfunctions run DEFINITION [--input FILE] [--mock FILE] [--virtual-time] [--history]

Prints the output as JSON (exit 0), or `{"error", "cause"}` (exit 1), or the reasons for which the definition
is refused (exit 2). `--history` prints the events instead, one a line.
"""

import argparse
import sys
from pathlib import Path

from pydantic import ValidationError

from embedded.stepfunctions import command
from embedded.stepfunctions.documents import dumps
from embedded.stepfunctions.language.definition import InvalidDefinition

_REFUSED = 2


def main(argv: list[str]) -> int:
    """Run the command; the exit code."""
    arguments = _parser().parse_args(argv)
    try:
        finished = command.from_files(
            arguments.definition, arguments.input, arguments.mock, virtual_time=arguments.virtual_time
        )
    except InvalidDefinition as refused:
        _print(dumps({"result": "FAIL", "diagnostics": [vars(found) for found in refused.diagnostics]}))
        return _REFUSED
    except (OSError, ValidationError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return _REFUSED
    lines = map(command.printed, finished.events) if arguments.history else [finished.text]
    _print(*lines)
    return 0 if finished.has_succeeded else 1


def _print(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m embedded.stepfunctions", description=__doc__)
    run = parser.add_subparsers(required=True).add_parser("run", help="run a definition to its end")
    run.add_argument("definition", type=Path, help="a file of JSON or YAML")
    run.add_argument(
        "--input", type=Path, help="a file of JSON, - for standard input; {} where none is given"
    )
    run.add_argument("--mock", type=Path, help="a file of JSON: state name to a list of answers")
    run.add_argument("--virtual-time", action="store_true", help="wait for nothing: let the clock jump")
    run.add_argument("--history", action="store_true", help="print the events, one a line")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
