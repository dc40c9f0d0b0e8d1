"""MiniStack's own interpreter, in process and unmended.

python -m benchmarks.machines.ministack MACHINE EXECUTIONS
"""

import json
import os
import resource
import sys
import tempfile
import time

from benchmarks.machines import definitions


def main(machine: str, count: int) -> None:
    """Start all executions, wait for their ends, print seconds and memory."""
    os.environ["STATE_DIR"] = tempfile.mkdtemp()
    from ministack.services import stepfunctions

    made = stepfunctions._create_state_machine(
        {
            "name": "m",
            "roleArn": "arn:aws:iam::000000000000:role/r",
            "definition": getattr(definitions, machine)("JSONata"),
        }
    )
    arn = json.loads(made[2])["stateMachineArn"]
    started = time.perf_counter()
    for number in range(count):
        stepfunctions._start_execution({"stateMachineArn": arn, "name": str(number), "input": '{"n":0}'})
    while any(one["status"] == "RUNNING" for one in stepfunctions._executions.values()):
        time.sleep(0.005)
    seconds = time.perf_counter() - started
    assert all(one["status"] == "SUCCEEDED" for one in stepfunctions._executions.values())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "memory": memory, "resume": None}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
