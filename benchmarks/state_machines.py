"""How fast state machines run: this interpreter, MiniStack's, and moto's for twins in JSONPath.

python -m benchmarks.state_machines [--rounds 3]

Each side runs in a process of its own, in turn, in each round. `plain` is 100 Pass states that hand on what
they get, `chain` 100 that compute (in JSONPath by an intrinsic function). Durable means the store that the
embedded cloud uses; the others keep everything in memory.
"""

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import peers
from benchmarks.machines.definitions import STATES

ROOT = Path(__file__).parents[1]
Figures = Mapping[str, float | None]
# Machine, executions at once, and whether rounds are worth their minutes.
_LOADS = (("plain", 20, True), ("chain", 20, True), ("plain", 1000, False))


def main() -> None:
    """Measure and print a table for each load."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    sides = _sides()
    for machine, count, again in _LOADS:
        found: dict[str, list[Figures]] = {name: [] for name in sides}
        for _ in range(rounds if again else 1):
            for name, command in sides.items():
                found[name].append(_run([*command, machine, str(count)]))
        _show(machine, count, found)
    _show_restart()


def _sides() -> Mapping[str, Sequence[str]]:
    own = [sys.executable, "-m", "benchmarks.machines.own"]
    return {
        "this, durable": [*own, "sqlite"],
        "this, in memory": [*own, "memory"],
        "MiniStack": [sys.executable, "-m", "benchmarks.machines.ministack"],
        "moto (JSONPath)": [str(peers.interpreter()), "benchmarks/machines/moto.py"],
    }


def _run(command: Sequence[str]) -> Figures:
    done = subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def _show(machine: str, count: int, found: Mapping[str, Sequence[Figures]]) -> None:
    table = Table(title=f"{machine}: {count} executions at once, {STATES} Pass states each")
    for heading in ("side", "s", "states/s", "ms a state", "MiB", "ratio"):
        table.add_column(heading, justify="left" if heading == "side" else "right")
    seconds = {name: _median(figures, "seconds") for name, figures in found.items()}
    for name, figures in found.items():
        each = seconds[name] / count / STATES
        table.add_row(
            name,
            f"{seconds[name]:.2f}",
            f"{1 / each:,.0f}",
            f"{each * 1000:.3f}",
            f"{_median(figures, 'memory'):.0f}",
            f"{seconds['MiniStack'] / seconds[name]:.1f}",
        )
    Console().print(table)


def _show_restart() -> None:
    command = [sys.executable, "-m", "benchmarks.machines.own", "sqlite", "single", "10000"]
    figures = _run([*command])
    Console().print(f"Restart with 10,000 finished executions: {(figures['resume'] or 0) * 1000:.1f} ms")


def _median(figures: Sequence[Figures], name: str) -> float:
    return statistics.median(figure[name] or 0.0 for figure in figures)


if __name__ == "__main__":
    main()
