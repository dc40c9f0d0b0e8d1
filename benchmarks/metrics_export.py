"""CloudWatch answers → Parquet: data points a second, memory and bytes a point, against a local stub.

    python benchmarks/metrics_export.py [--delay-ms 60] [--requests 20] [--series 500] [--points 200]

Three ways over the same stub, which answers GetMetricData after a delay:
  one by one    one call a metric, boto3 as it is, rows as Python objects (and without pandas)
  batched       500 queries a call, boto3 as it is
  export_shard  the shipped task: 500 queries a call, raw timestamps, four calls at once
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from math import sin
from random import Random

import boto3
import pyarrow as pa
import pyarrow.parquet as pq

from sluiceway.gateways import cloudwatch
from sluiceway.metrics.contracts import DataRequest, ExportShardInput, Query, Series, Shard
from sluiceway.metrics.export_shard import ShardExporter

START = datetime(2026, 11, 20, tzinfo=UTC)


class Answer(BaseHTTPRequestHandler):
    """One answer for each number of queries, made once; HTTP/1.1 keeps connections open."""

    protocol_version = "HTTP/1.1"
    made: dict[int, bytes] = {}  # noqa: RUF012
    points, delay = 0, 0.0

    def do_POST(self) -> None:
        """Answer GetMetricData, whatever is asked."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        count = len(asked["MetricDataQueries"])
        if count not in self.made:
            self.made[count] = self._make(count)
        time.sleep(self.delay)
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.made[count])))
        self.end_headers()
        self.wfile.write(self.made[count])

    def _make(self, count: int) -> bytes:
        """Like a percentage: a slow wave, noise, three decimals, another for each series."""
        draw = Random(count)
        stamps = [START.timestamp() + 60 * at for at in range(self.points)]
        results = [
            {
                "Id": f"q{at}",
                "Label": "m",
                "StatusCode": "Complete",
                "Timestamps": stamps,
                "Values": [
                    round(40 + 9 * sin(each / 30 + at) + draw.random(), 3) for each in range(self.points)
                ],
            }
            for at in range(count)
        ]
        return json.dumps({"MetricDataResults": results}).encode()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Memory:
    """Objects of one bucket; what is exported is counted and forgotten."""

    def __init__(self, shard: Shard) -> None:
        self.shard = shard.model_dump_json().encode()
        self.written = 0

    def get(self, _bucket: str, _key: str) -> bytes:
        """The shard."""
        return self.shard

    def put(self, _bucket: str, key: str, body: bytes) -> None:
        """Count a file's bytes."""
        self.written += len(body) if key.endswith(".parquet") else 0


def requests(args: argparse.Namespace) -> list[DataRequest]:
    """So many calls with so many series."""
    queries = [
        Query(
            series=Series(namespace="N", metric=f"m{at % 7}", dimensions=(("FunctionName", f"f{at}"),)),
            statistic="Average",
        )
        for at in range(args.series)
    ]
    end = START + timedelta(minutes=args.points)
    return [
        DataRequest(
            date="2026-11-20",
            namespace="N",
            part=part,
            start=START,
            end=end,
            period=60,
            queries=tuple(queries),
        )
        for part in range(args.requests)
    ]


def plain(client: object, request: DataRequest, size: int) -> int:
    """boto3 as it is, `size` metrics a call."""
    store, rows = cloudwatch.CloudWatch(client), 0
    for first in range(0, len(request.queries), size):
        part = request.model_copy(update={"queries": request.queries[first : first + size]})
        columns = [
            (at, value)
            for each in store.points(part)
            for at, value in zip(each.timestamps, each.values, strict=True)
        ]
        table = pa.table({"timestamp": [row[0] for row in columns], "value": [row[1] for row in columns]})
        pq.write_table(table, BytesIO())
        rows += len(table)
    return rows


def one_by_one(args: argparse.Namespace) -> tuple[int, int]:
    """One call a metric; one request of the batch is enough to tell its rate."""
    return plain(boto3.client("cloudwatch"), requests(args)[0], 1), 0


def batched(args: argparse.Namespace) -> tuple[int, int]:
    """500 a call."""
    client = boto3.client("cloudwatch")
    return sum(plain(client, request, 500) for request in requests(args)[:3]), 0


def export_shard(args: argparse.Namespace) -> tuple[int, int]:
    """The shipped task."""
    shard = Shard(export_id="e", formats=("parquet",), requests=tuple(requests(args)))
    objects = Memory(shard)
    exporter = ShardExporter(cloudwatch.connect(), objects, "b", "metrics")  # type: ignore[arg-type]
    exporter.export(ExportShardInput(shard_uri="s3://b/metrics/_exports/e/shard-000.json"))
    return args.requests * args.series * args.points, objects.written


WAYS = {"one by one": one_by_one, "batched": batched, "export_shard": export_shard}


def measure(way: str, args: argparse.Namespace) -> None:
    """Run one way in this process and print its figures as JSON."""
    WAYS[way](args_like(args, requests=1, points=2))  # Connections, models and imports are warm.
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    points, written = WAYS[way](args)
    seconds = time.perf_counter() - started
    extra = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(json.dumps({"rate": points / seconds, "mib": extra / 1024, "bytes": written / points}))


def args_like(args: argparse.Namespace, **changes: int) -> argparse.Namespace:
    """The same arguments but for some."""
    return argparse.Namespace(**(vars(args) | changes))


def serve(args: argparse.Namespace) -> None:
    """Answer until the parent goes; print the port."""
    Answer.points, Answer.delay = args.points, args.delay_ms / 1000
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    print(server.server_address[1], flush=True)
    server.serve_forever()


def parse() -> argparse.Namespace:
    """Arguments, the hidden ones of child processes included."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("delay-ms", 0), ("requests", 20), ("series", 500), ("points", 200)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--way", help=argparse.SUPPRESS)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    """Each way in a process of its own, so that memory is its own; the stub in another."""
    args = parse()
    if args.serve:
        serve(args)
        return
    if args.way:
        measure(args.way, args)
        return
    common = [sys.executable, __file__, *sys.argv[1:]]
    stub = subprocess.Popen([*common, "--serve"], stdout=subprocess.PIPE, text=True)
    try:
        port = stub.stdout.readline().strip() if stub.stdout else ""
        keys = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_DEFAULT_REGION": "us-east-1"}
        env = os.environ | keys | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
        print(f"{args.series} series × {args.points} points, {args.delay_ms} ms a call")
        base = 0.0
        for way in WAYS:
            done = subprocess.run(
                [*common, "--way", way], env=env, capture_output=True, text=True, check=True
            )
            found = json.loads(done.stdout)
            base = base or found["rate"]
            size = f"{found['bytes']:.1f} bytes a point" if found["bytes"] else ""
            rate, more = found["rate"], found["rate"] / base
            print(f"{way:13} {rate:>10,.0f} points/s  ×{more:6.1f}  +{found['mib']:.0f} MiB  {size}")
    finally:
        stub.terminate()
        stub.wait()


if __name__ == "__main__":
    main()
