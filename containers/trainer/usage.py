"""What a step used, as a line in CloudWatch's embedded metric format: the log agent turns it into metrics."""

import json
import resource
import sys
import time
from dataclasses import dataclass

NAMESPACE = "Sluiceway"
UNITS = {"Duration": "Seconds", "CpuSeconds": "Seconds", "MaxRssMiB": "Megabytes", "DatasetBytes": "Bytes"}


@dataclass(frozen=True)
class Meter:
    """Measures the processes that are started after it."""

    started: float
    cpu: float

    @classmethod
    def start(cls) -> "Meter":
        """Begin to measure."""
        return cls(time.perf_counter(), _cpu_seconds())

    def emit(self, *, project: str, step: str, dataset_bytes: int) -> None:
        """Write the line to stdout."""
        values = {
            "Duration": round(time.perf_counter() - self.started, 3),
            "CpuSeconds": round(_cpu_seconds() - self.cpu, 3),
            "MaxRssMiB": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, 1),
            "DatasetBytes": dataset_bytes,
        }
        sys.stdout.write(json.dumps(_line({"project": project, "step": step}, values)) + "\n")
        sys.stdout.flush()


def _line(dimensions: dict[str, str], values: dict[str, float]) -> dict[str, object]:
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [list(dimensions)],
        "Metrics": [{"Name": name, "Unit": UNITS[name]} for name in values],
    }
    about = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}
    return {"_aws": about, **dimensions, **values}


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
