"""moto's interpreter, which knows JSONPath only; run by the Python of `build/peers`.

python benchmarks/machines/moto.py MACHINE EXECUTIONS
"""

import json
import resource
import sys
import time

sys.path.pop(0)  # This file's folder: it is called as the package it measures.
sys.path.insert(0, ".")

import boto3
from moto import mock_aws

from benchmarks.machines import definitions


def main(machine: str, count: int) -> None:
    """Start all executions, wait for their ends, print seconds and memory."""
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        client = boto3.client("stepfunctions", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
        arn = client.create_state_machine(
            name="m",
            roleArn="arn:aws:iam::123456789012:role/r",
            definition=getattr(definitions, machine)("JSONPath"),
        )["stateMachineArn"]
        started = time.perf_counter()
        made = [
            client.start_execution(stateMachineArn=arn, name=str(number), input='{"n":0}')["executionArn"]
            for number in range(count)
        ]
        seconds = _ends(client, made) - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "memory": memory, "resume": None}))


def _ends(client, made):  # type: ignore[no-untyped-def]
    for arn in made:
        while (status := client.describe_execution(executionArn=arn)["status"]) == "RUNNING":
            time.sleep(0.005)
        assert status == "SUCCEEDED", status
    return time.perf_counter()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
