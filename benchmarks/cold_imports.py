"""How long each handler's import takes in a fresh process, against `import boto3`; sizes of layers and zips.

Each import runs in an interpreter that sees nothing but the layers and the functions' archive, as in Lambda.
The same round measures every handler and the peer, so that the ratio holds when the machine's speed wanders.

    python benchmarks/cold_imports.py [--rounds 7]
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import venv
import zipfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from cdk_app.bundling.code import build_code
from cdk_app.bundling.layer import build_layer
from cdk_app.bundling.target import Architecture, Target

ROOT = Path(__file__).parents[1]
PEER = "boto3"
GOAL_MS = 1000
AWS = Target(python_version="3.13", architecture="arm64", wheels="lambda")


def main() -> int:
    """Measure, print two tables, and fail when a handler takes longer than the goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    archives = built(this_machine())
    with tempfile.TemporaryDirectory() as work:
        folders = {name: unpacked(path, Path(work) / name) for name, path in archives.items()}
        interpreter = bare_interpreter(Path(work) / "python")
        seconds = measured([PEER, *handlers()], rounds=rounds, interpreter=interpreter, folders=folders)
    show_sizes()
    show_imports(seconds)
    return int(max(map(statistics.median, seconds.values())) * 1000 > GOAL_MS)


def this_machine() -> Target:
    """The layer for the interpreter that runs this."""
    architecture: Architecture = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Target(python_version=version, architecture=architecture, wheels="host")


def built(target: Target) -> dict[str, Path]:
    """The two layers and the functions' code."""
    layers = {name: build_layer(name, target).path for name in ("runtime", "arrow")}
    return layers | {"functions": build_code(target).path}


def handlers() -> list[str]:
    """Every module that has a handler."""
    found = [path for path in (ROOT / "lambdas").glob("*/*.py") if "\ndef handler(" in path.read_text()]
    return sorted(path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".") for path in found)


def unpacked(archive: Path, folder: Path) -> Path:
    """The archive's content."""
    with zipfile.ZipFile(archive) as content:
        content.extractall(folder)
    return folder


def bare_interpreter(folder: Path) -> Path:
    """An interpreter with nothing installed."""
    venv.create(folder, with_pip=False, symlinks=True)
    return folder / "bin" / "python"


def measured(
    modules: list[str], *, rounds: int, interpreter: Path, folders: dict[str, Path]
) -> dict[str, list[float]]:
    """Seconds of each import beyond the interpreter's start, for each round after a first uncounted one."""
    layers = [folders[name] / "python" for name in ("runtime", "arrow")]
    path = os.pathsep.join(map(str, [folders["functions"], *layers]))
    seconds: dict[str, list[float]] = {module: [] for module in modules}
    for count in range(rounds + 1):
        nothing = import_seconds("sys", interpreter, path)
        for module in modules:
            took = import_seconds(module, interpreter, path) - nothing
            if count:
                seconds[module].append(took)
    return seconds


def import_seconds(module: str, interpreter: Path, path: str) -> float:
    """Wall time of a process that imports one module."""
    environment = {
        "PYTHONPATH": path,
        "PATH": os.defpath,
        "AWS_REGION": "us-east-1",
        # How libraries tell that they run in Lambda: without it X-Ray's SDK loads more.
        "LAMBDA_TASK_ROOT": path.partition(os.pathsep)[0],
        "STAGE": "bench",
        "POWERTOOLS_SERVICE_NAME": "bench",
        "POWERTOOLS_METRICS_NAMESPACE": "Bench",
    }
    started = time.perf_counter()
    subprocess.run([str(interpreter), "-s", "-P", "-c", f"import {module}"], env=environment, check=True)
    return time.perf_counter() - started


def show_imports(seconds: dict[str, list[float]]) -> None:
    """A line for each handler: median and its ratio to the peer's, round by round."""
    table = Table("import", "ms (median)", "ratio to import boto3", title="Cold imports")
    for module, taken in seconds.items():
        ratio = statistics.median(own / peer for own, peer in zip(taken, seconds[PEER], strict=True))
        table.add_row(module, f"{statistics.median(taken) * 1000:.0f}", f"{ratio:.2f}")
    Console(width=110).print(table)


def show_sizes() -> None:
    """A line for each archive and target: zipped and unzipped."""
    table = Table("archive", "target", "zip MiB", "unzipped MiB", title="Sizes")
    for target in (this_machine(), AWS):
        for name, path in built(target).items():
            with zipfile.ZipFile(path) as content:
                unzipped = sum(entry.file_size for entry in content.infolist())
            shown = f"{target.architecture}, Python {target.python_version}"
            table.add_row(name, shown, f"{path.stat().st_size / 2**20:.1f}", f"{unzipped / 2**20:.1f}")
    Console(width=110).print(table)


if __name__ == "__main__":
    sys.exit(main())
