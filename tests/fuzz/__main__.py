"""`python -m tests.fuzz TARGET [--seconds N]`: fuzz one target with atheris; keep what fails.

Without a target: the targets. An input that was found goes to `tests/corpus/found/TARGET/`, with the mend.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.fuzz.seeds import FOUND, seeds
from tests.fuzz.targets import TARGETS

FUZZED = ("sluiceway", "yaml", "zipfile")
"""Packages whose lines are watched."""


def main() -> None:
    """Parse the command line and fuzz."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", nargs="?", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=60)
    given = parser.parse_args()
    if given.target is None:
        sys.stdout.write("\n".join(TARGETS) + "\n")
        return
    with tempfile.TemporaryDirectory() as folder:
        fuzz(given.target, given.seconds, Path(folder))


def fuzz(target: str, seconds: int, folder: Path) -> None:
    """Fuzz from the kept inputs; ends the process."""
    import atheris

    for number, seed in enumerate(seeds(target)):
        (folder / f"{number:04}").write_bytes(seed)
    found = FOUND / target
    found.mkdir(parents=True, exist_ok=True)
    _watch(atheris)
    options = [
        f"-max_total_time={seconds}",
        "-timeout=20",
        "-rss_limit_mb=2048",
        f"-artifact_prefix={found}/",
    ]
    atheris.Setup([sys.argv[0], *options, str(folder)], TARGETS[target])
    atheris.Fuzz()


def _watch(atheris: object) -> None:
    """Count the lines of our own modules, which are imported already."""
    import types

    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in FUZZED:
            for key, value in vars(module).items():
                if isinstance(value, types.FunctionType) and value.__module__ == name:
                    setattr(module, key, atheris.instrument_func(value))  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
