"""Processor time and memory of a process and of what it started, as /proc tells them."""

import os
import time
from collections.abc import Mapping
from pathlib import Path

_PROC = Path("/proc")


class UsageMeter:
    """Remembers processor time between two measurements of a process."""

    def __init__(self) -> None:
        self._before: dict[int, tuple[float, float]] = {}

    def measure(self, pid: int) -> Mapping[str, float]:
        """CPUUtilization (100 for each core) since the last time, and MemoryUtilization of the machine.

        Empty where there is no /proc, or no such process; no CPUUtilization the first time.
        """
        members = _group(pid)
        if not members:
            self._before.pop(pid, None)
            return {}
        now, spent = time.monotonic(), sum(seconds for seconds, _ in members)
        then, before = self._before.get(pid, (now, spent))
        self._before[pid] = (now, spent)
        memory = {"MemoryUtilization": 100 * sum(pages for _, pages in members) / os.sysconf("SC_PHYS_PAGES")}
        if now == then:
            return memory
        return memory | {"CPUUtilization": max(0.0, 100 * (spent - before) / (now - then))}


def _group(pid: int) -> list[tuple[float, float]]:
    """Processor seconds and resident pages of each process in the group that `pid` leads."""
    if not (_PROC / str(pid) / "stat").exists():
        return []
    found = (_read(path) for path in _PROC.glob("[0-9]*/stat"))
    return [usage for group, usage in filter(None, found) if group == pid]


def _read(path: Path) -> tuple[int, tuple[float, float]] | None:
    try:
        # The command may hold spaces and brackets, so fields are counted from its closing one (man 5 proc).
        fields = path.read_text().rpartition(")")[2].split()
    except OSError:
        return None
    seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return int(fields[2]), (seconds, float(fields[21]))
