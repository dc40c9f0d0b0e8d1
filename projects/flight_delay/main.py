"""Both steps in one process, on the sample: what `mlflow run projects/flight_delay` does."""

import argparse
import sys
import tempfile
from pathlib import Path

from flights import DataError
from prepare import prepare
from train import train


def main() -> None:
    """Prepare into a temporary folder, then train from it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("sample"), help="folder with flights")
    parser.add_argument("--holdout-days", type=float, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        prepare(options.data, Path(folder), int(options.holdout_days))
        metrics = train(Path(folder), iterations=80, learning_rate=0.08)
    print(" ".join(f"{name}={value:.4f}" for name, value in metrics.items()))


if __name__ == "__main__":
    try:
        main()
    except DataError as error:
        sys.exit(f"DataError: {error}")
