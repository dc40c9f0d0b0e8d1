"""Take every action of every deployed role away once, and tell which recorded call would miss it.

python -m embedded.privileges [--state DIR] [--template DIR] [--exceptions FILE] [--since SECONDS]

Reads the record of calls of a cloud, and its roles: as they are deployed when it runs, else as they were
written down. Prints a table, and ends with 1 when a mutant survives, an exception is not needed, or the
roles are not those of the template; with 2 when there is nothing to judge.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from embedded import calls, lifecycle
from embedded.privileges import mutation, saved, templates
from embedded.privileges.allowances import read_allowances
from embedded.privileges.report import summary, table
from embedded.privileges.review import review, stale_lines
from embedded.privileges.running import roles_of_running_cloud

_REPOSITORY = Path(__file__).parents[2]
_EXCEPTIONS = _REPOSITORY / "tests" / "embedded" / "privilege_exceptions.yaml"


def main(argv: Sequence[str] | None = None) -> int:
    """Run it; the exit code."""
    arguments = _arguments(argv)
    try:
        roles = roles_of_running_cloud(arguments.state) or saved.load_roles(arguments.state)
        allowances = read_allowances(arguments.exceptions)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command's output
        return 2
    done = calls.read(arguments.state, since=arguments.since)
    found = mutation.run(roles, done, allowances)
    problems = stale_lines(review(roles, done, allowances))
    problems += templates.differences(arguments.template, roles) if arguments.template else []
    lines = [table(found, saved.Tests(arguments.state).at), "", summary(found), *problems]
    print("\n".join(lines))  # noqa: T201
    return int(bool(problems) or any(each.survived for each in found))


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m embedded.privileges", description=__doc__)
    parser.add_argument("--state", type=Path, default=lifecycle.default_folder(), help="folder of the cloud")
    parser.add_argument("--template", type=Path, help="cloud assembly that the roles must be those of")
    parser.add_argument("--exceptions", type=Path, default=_EXCEPTIONS, help="what need not be used, and why")
    parser.add_argument("--since", type=float, default=0.0, help="calls from this moment on, since 1970")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
