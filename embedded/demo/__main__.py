"""`make demo`."""

import sys

from rich.console import Console

from embedded.demo import figures
from embedded.demo.scenario import Demo
from embedded.demo.story import Story
from sluiceway.cli.failures import explain


def main() -> int:
    """Play the demo and write its summary; returns the exit code."""
    # A log file has no width: its lines are left whole.
    console = Console() if sys.stdout.isatty() else Console(width=200, soft_wrap=True)
    try:
        summary = Demo(console).play()
    except KeyboardInterrupt:
        console.print("interrupted; everything is left up: `make down` stops it", markup=False)
        return 130
    except Exception as error:
        message = explain(error)
        if message is None:
            raise
        console.print(f"\nThe demo ended: {message}", style="red", markup=False)
        console.print("Everything is left up for a look: `sluice local logs`; `make down` stops it.")
        return 1
    Story(console).ending(summary, figures.write(summary))
    return 0


if __name__ == "__main__":
    sys.exit(main())
