"""What a Task state that invokes a warm function takes, in the embedded cloud and in MiniStack as it is.

python -m benchmarks.lambda_states [--states 30] [--rounds 5]

One machine of Task states one after the other, each invoking a function that does nothing. Milliseconds a
state by the execution's own start and stop. The embedded cloud asks IAM, keeps records and writes every
transition; MiniStack, by itself, does none of that. The first round, which starts workers, does not count.
"""

import argparse
import io
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3

from embedded import lifecycle

_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": ["lambda.amazonaws.com", "states.amazonaws.com"]},
            "Action": "sts:AssumeRole",
        }
    ],
}
_INVOKE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["lambda:InvokeFunction", "logs:*"], "Resource": "*"}],
}
_PORT_WAIT = 30.0


def main() -> None:
    """Measure both, in turns, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--states", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, _this(Path(folder) / "this") as this, _ministack() as other:
        sides = {"this, durable, IAM asked": this, "MiniStack by itself": other}
        machines = {name: _machine(client, arguments.states) for name, client in sides.items()}
        found: dict[str, list[float]] = {name: [] for name in sides}
        for number in range(arguments.rounds + 1):
            for name, client in sides.items():
                seconds = _run(client("stepfunctions"), machines[name], number)
                found[name] += [seconds / arguments.states * 1000] if number else []
    for name, times in found.items():
        print(f"{name}: {statistics.median(times):.1f} ms a state")


@contextmanager
def _this(state_dir: Path) -> Iterator[Any]:
    try:
        lifecycle.up(state_dir)
        variables = lifecycle.client_variables(state_dir)
        yield _clients(variables["AWS_ENDPOINT_URL"], variables["AWS_CA_BUNDLE"])
    finally:
        lifecycle.down(state_dir)


@contextmanager
def _ministack() -> Iterator[Any]:
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        variables = os.environ | {
            "GATEWAY_PORT": str(port),
            "STATE_DIR": folder,
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "LAMBDA_EXECUTOR": "local",
            "LOG_LEVEL": "WARNING",
        }
        server = subprocess.Popen(
            [str(Path(sys.executable).with_name("ministack"))], env=variables, stdout=subprocess.DEVNULL
        )
        try:
            _await_port(port)
            yield _clients(f"http://127.0.0.1:{port}", None)
        finally:
            server.terminate()
            server.wait()


def _await_port(port: int) -> None:
    end = time.monotonic() + _PORT_WAIT
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on {port}")


def _clients(endpoint: str, bundle: str | None) -> Any:
    session = boto3.Session("test", "test", region_name="us-east-1")
    return lambda service: session.client(service, endpoint_url=endpoint, verify=bundle)


def _machine(client: Any, states: int) -> str:
    iam = client("iam")
    role = iam.create_role(RoleName="bench", AssumeRolePolicyDocument=json.dumps(_TRUST))["Role"]["Arn"]
    iam.put_role_policy(RoleName="bench", PolicyName="invoke", PolicyDocument=json.dumps(_INVOKE))
    function = client("lambda").create_function(
        FunctionName="nothing",
        Runtime=f"python{sys.version_info.major}.{sys.version_info.minor}",
        Role=role,
        Handler="nothing.handler",
        Code={"ZipFile": _code()},
    )["FunctionArn"]
    definition = {"QueryLanguage": "JSONata", "StartAt": "S0", "States": _states(function, states)}
    made = client("stepfunctions").create_state_machine(
        name="bench", roleArn=role, definition=json.dumps(definition)
    )
    return str(made["stateMachineArn"])


def _states(function: str, count: int) -> dict[str, Any]:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": function, "Payload": {}},
        "Output": {},
    }
    following = [{"Next": f"S{number + 1}"} for number in range(count - 1)] + [{"End": True}]
    return {f"S{number}": task | after for number, after in enumerate(following)}


def _code() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("nothing.py", "def handler(event, context):\n    return {}\n")
    return packed.getvalue()


def _run(client: Any, machine: str, number: int) -> float:
    arn = client.start_execution(stateMachineArn=machine, name=f"r{number}", input="{}")["executionArn"]
    while (found := client.describe_execution(executionArn=arn))["status"] == "RUNNING":
        time.sleep(0.05)
    if found["status"] != "SUCCEEDED":
        raise RuntimeError(found)
    return float((found["stopDate"] - found["startDate"]).total_seconds())


if __name__ == "__main__":
    main()
