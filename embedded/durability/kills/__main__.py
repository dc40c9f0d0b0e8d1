"""Kill the server at random moments, and look whether all that it had acknowledged is there.

python -m embedded.durability.kills [--kills 200] [--seed N] [--state DIR]
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from embedded import lifecycle
from embedded.durability.kills.running import Outcome, run


def _report(outcome: Outcome) -> str:
    """What was acknowledged and what was missing, by writer; how long restarts took."""
    lines = [
        f"{name:12} {len(acknowledged):6} acknowledged, {len(outcome.missing[name])} missing"
        for name, acknowledged in outcome.acknowledged.items()
    ]
    restarts = sorted(outcome.restarts)
    median, longest = restarts[len(restarts) // 2], restarts[-1]
    return "\n".join(
        [*lines, f"{len(restarts)} kills; restart {median:.1f} s median, {longest:.1f} s longest"]
    )


def main(argv: Sequence[str]) -> int:
    """Print what was found; 1 where something was lost."""
    parser = argparse.ArgumentParser(prog="python -m embedded.durability.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--state", type=Path, help="A folder for the cloud; a new one that is removed if none is given."
    )
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        state_dir = arguments.state or Path(folder)
        outcome = run(state_dir, kills=arguments.kills, seed=arguments.seed)
        lifecycle.down(state_dir)
    sys.stdout.write(f"{_report(outcome)}\n")
    # A writer of which nothing was acknowledged shows nothing.
    return 1 if any(outcome.missing.values()) or not all(outcome.acknowledged.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
