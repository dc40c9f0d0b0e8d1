"""What the hook on every call costs: the same cloud with it and without it, in alternating blocks.

python -m benchmarks.hook [--rounds 30] [--calls 100]

Prints, for each kind of call, the medians with and without, their ratio, the microseconds that the hook adds
to a call as the client sees it (of medians, and of the fastest tenths, which a busy machine disturbs least),
and the processor time that it adds in the server, where a record is made after the answer.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from embedded import lifecycle
from embedded.hook import faults, record
from embedded.hook.faults import Action, Fault, FaultPlan

_ROLE = "hook-benchmark"


@dataclass
class Times:
    """Of one kind of call, in one state of the hook."""

    latencies: list[float] = field(default_factory=list)
    cpu: float = 0.0

    @property
    def median(self) -> float:
        """Microseconds."""
        return statistics.median(self.latencies) * 1e6

    @property
    def fastest_tenth(self) -> float:
        """Microseconds."""
        return statistics.quantiles(self.latencies, n=10)[0] * 1e6

    @property
    def cpu_each(self) -> float:
        """Microseconds of the server's processor time a call."""
        return self.cpu / len(self.latencies) * 1e6


def main() -> None:
    """Measure in a cloud of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--calls", type=int, default=100)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        state_dir = Path(folder)
        try:
            pid = lifecycle.up(state_dir).server_pid
            for name, call in _kinds(state_dir).items():
                _report(name, _measure(state_dir, int(pid or 0), call, arguments))
            _report_size(state_dir)
        finally:
            lifecycle.down(state_dir)


def _measure(
    state_dir: Path, pid: int, call: Callable[[], Any], arguments: argparse.Namespace
) -> dict[str, Times]:
    found = {"with": Times(), "without": Times(), "with a plan": Times()}
    for number in range(arguments.rounds):
        order = list(found) if number % 2 else list(reversed(found))
        for state in order:
            _put(state_dir, state)
            _block(found[state], pid, call, arguments.calls)
    _put(state_dir, "with")
    return found


def _put(state_dir: Path, state: str) -> None:
    faults.switch(state_dir, on=state != "without")
    if state == "with a plan":
        other = Fault(name="of another queue", resource="*:nothing", action=Action.THROTTLE)
        faults.apply(state_dir, FaultPlan(faults=(other,)))
    else:
        faults.clear(state_dir)


def _block(times: Times, pid: int, call: Callable[[], Any], count: int) -> None:
    call()
    before = _cpu(pid)
    for _ in range(count):
        started = time.perf_counter()
        call()
        times.latencies.append(time.perf_counter() - started)
    # The last record is made after the last answer.
    time.sleep(0.01)
    times.cpu += _cpu(pid) - before


def _cpu(pid: int) -> float:
    # All threads of the server, in nanoseconds; the clock's ticks would be too coarse.
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def _kinds(state_dir: Path) -> dict[str, Callable[[], Any]]:
    root = _clients(state_dir, "test", "test", None)
    role = _clients(state_dir, *_session(root))
    url = root("sqs").create_queue(QueueName="hook")["QueueUrl"]
    root("dynamodb").create_table(
        TableName="hook",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    item = {"pk": {"S": "run#1"}, "state": {"S": "RUNNING"}, "note": {"S": "x" * 200}}
    own, sqs, others = root("dynamodb"), root("sqs"), role("dynamodb")
    return {
        "DynamoDB PutItem, root": lambda: own.put_item(TableName="hook", Item=item),
        "DynamoDB GetItem, root": lambda: own.get_item(TableName="hook", Key={"pk": item["pk"]}),
        "DynamoDB PutItem, role": lambda: others.put_item(TableName="hook", Item=item),
        "SQS SendMessage, root": lambda: sqs.send_message(QueueUrl=url, MessageBody='{"event": 1}'),
    }


def _clients(state_dir: Path, key: str, secret: str, token: str | None) -> Callable[[str], Any]:
    variables = lifecycle.client_variables(state_dir)
    session: Any = boto3.Session(key, secret, token, region_name=variables["AWS_REGION"])
    return lambda service: session.client(
        service, endpoint_url=variables["AWS_ENDPOINT_URL"], verify=variables["AWS_CA_BUNDLE"]
    )


def _session(root: Callable[[str], Any]) -> tuple[str, str, str]:
    trust = '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}'
    policy = '{"Statement": {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}}'
    arn = root("iam").create_role(RoleName=_ROLE, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    root("iam").put_role_policy(RoleName=_ROLE, PolicyName="p", PolicyDocument=policy)
    found = root("sts").assume_role(RoleArn=arn, RoleSessionName="hook")["Credentials"]
    return found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"]


def _report(name: str, found: dict[str, Times]) -> None:
    bare = found["without"]
    sys.stdout.write(f"{name}: {bare.median:.0f} µs without the hook\n")
    for state in ("with", "with a plan"):
        times = found[state]
        sys.stdout.write(
            f"  {state:12} {times.median:6.0f} µs  ratio {times.median / bare.median:.3f}"
            f"  adds {times.median - bare.median:+5.0f} µs a call"
            f" ({times.fastest_tenth - bare.fastest_tenth:+.0f} of the fastest tenth)"
            f"  and {times.cpu_each - bare.cpu_each:+5.0f} µs of processor time\n"
        )


def _report_size(state_dir: Path) -> None:
    faults.flush(state_dir)
    count = sum(1 for _ in record.read(state_dir))
    size = sum(path.stat().st_size for path in record.files(state_dir))
    sys.stdout.write(f"on record: {count} calls, {size / count:.0f} bytes each\n")


if __name__ == "__main__":
    main()
