"""Ten thousand objects put as fast as the client can into one dataset: what is lost, and what comes of
them.

    python -m benchmarks.burst [--objects 10000] [--connections 32]

In a cloud of its own, with the deployed functions, IAM enforced. A project that subscribes to the dataset
was pushed before. Lost is what is in the bucket and not in the dataset's version; versions and runs must be
one each. The run itself is not waited for. Memory is the most that the cloud's server held, and the largest
of the processes that run functions.
"""

import argparse
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from benchmarks.cloud import Deployed, Memory, archive, deployed, memory_watched, wait_for
from sluiceway.names import split_s3_uri

PROJECT, DATASET = "burst", "many"
PATIENCE_SECONDS = 1800
QUIET_SECONDS = 20
"""After the version: what would still come has come."""


@dataclass(frozen=True)
class Burst:
    """What was measured. Times in seconds."""

    objects: int
    put: float
    to_version: float
    """From the last put."""
    to_run: float
    """From the last put to the run's request."""
    lost: int
    versions: int
    runs: int


def main() -> int:
    """Measure and print; 1 where something was lost or done twice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=32)
    arguments = parser.parse_args()
    with deployed() as on, memory_watched(on.state_dir) as memory:
        burst = measure(on, arguments.objects, arguments.connections)
    show(burst, memory)
    return 0 if (burst.lost, burst.versions, burst.runs) == (0, 1, 1) else 1


def measure(on: Deployed, objects: int, connections: int) -> Burst:
    """Push the project, put the objects, and wait for what comes of them."""
    ledger = on.stage.ledger
    on.put(f"code/{PROJECT}/{PROJECT}.zip", archive(PROJECT, DATASET))
    wait_for(lambda: ledger.code_pointer(PROJECT) is not None, seconds=60)
    begun = time.monotonic()
    with ThreadPoolExecutor(connections) as pool:
        list(pool.map(lambda number: on.put(_key(number), f"row {number}\n".encode()), range(objects)))
    put = time.monotonic() - begun
    to_version = wait_for(lambda: _objects(on) >= objects, seconds=PATIENCE_SECONDS)
    to_run = to_version + wait_for(lambda: bool(ledger.runs(project=PROJECT)), seconds=60)
    time.sleep(QUIET_SECONDS)
    return Burst(
        objects=objects,
        put=put,
        to_version=to_version,
        to_run=to_run,
        lost=objects - len(_listed(on)),
        versions=len(ledger.dataset_log(DATASET)),
        runs=len(ledger.runs(project=PROJECT)),
    )


def _key(number: int) -> str:
    return f"data/{DATASET}/{number // 1000:03d}/{number:06d}.csv"


def _objects(on: Deployed) -> int:
    pointer = on.stage.ledger.dataset_pointer(DATASET)
    return pointer.objects if pointer else 0


def _listed(on: Deployed) -> set[str]:
    """Keys of the version, from its manifest."""
    pointer = on.stage.ledger.dataset_pointer(DATASET)
    assert pointer is not None
    bucket, key = split_s3_uri(pointer.uri)
    body = on.root("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return {found["key"] for found in json.loads(body)["objects"]}


def show(burst: Burst, memory: Memory) -> None:
    """One table."""
    table = Table("figure", "value", title=f"{burst.objects:,} objects into one dataset")
    for name, value in (
        ("lost", f"{burst.lost}"),
        ("versions", f"{burst.versions}"),
        ("runs requested", f"{burst.runs}"),
        ("puts a second", f"{burst.objects / burst.put:.0f}"),
        ("putting them, s", f"{burst.put:.1f}"),
        ("last put to version, s", f"{burst.to_version:.1f}"),
        ("last put to run requested, s", f"{burst.to_run:.1f}"),
        ("server's memory, MiB at most", f"{memory.server:.0f}"),
        ("largest function process, MiB at most", f"{memory.function:.0f}"),
    ):
        table.add_row(name, value)
    Console(width=110).print(table)


if __name__ == "__main__":
    raise SystemExit(main())
