"""The three machines on the embedded interpreter, with the real use cases behind them, in memory."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import yaml

from cdk_app.bundling.recipe import ROOT
from embedded.stepfunctions.clock import VirtualClock
from embedded.stepfunctions.engine import Engine
from embedded.stepfunctions.model import Execution
from embedded.stepfunctions.resource import Resource
from embedded.stepfunctions.store import MemoryStore
from embedded.stepfunctions.tasks import Failed, Reporter, Submitted, Succeeded, TaskCall
from sluiceway.contract import Contract
from tests.unit.embedded.machines.functions import Functions

Json = dict[str, Any]
PREFIX = "arn:aws:states:us-east-1:000000000000"
MACHINES = {"BuildImage": "build_image", "DeployModel": "deploy_model", "RunPipeline": "run_pipeline"}


class TaskError(Exception):
    """A job, a build or a nested machine that ended badly."""


class Machines:
    """State machines whose functions, jobs and builds are calls in this process."""

    works_aside = False

    def __init__(self, functions: Functions) -> None:
        self.functions = functions
        self.store = MemoryStore()
        self.definitions: dict[str, str] = {}
        for name in MACHINES.values():
            self.definitions[name] = _definition(name)

    def run(self, name: str, execution: str, given: Json) -> Json:
        """Run an execution to its end, and describe it."""
        engine = Engine(store=self.store, tasks=self, clock=VirtualClock())
        made = Execution(
            arn=f"{PREFIX}:execution:{name}:{execution}",
            name=execution,
            machine_arn=f"{PREFIX}:stateMachine:{name}",
            machine_name=name,
            role_arn="arn:aws:iam::000000000000:role/machine",
            definition=self.definitions[name],
            input=json.dumps(given),
            started=engine.clock.now(),
        )
        engine.start(made)
        engine.run_until_idle()
        return {
            "executionArn": made.arn,
            "status": made.status,
            "output": made.output,
            "error": made.error,
            "cause": made.cause,
        }

    def states(self, name: str, execution: str) -> list[str]:
        """Names of the machine's own states that an execution entered; not of those inside of a Map."""
        own = json.loads(self.definitions[name])["States"]
        entered = self._entered(f"{PREFIX}:execution:{name}:{execution}")
        return [event["name"] for event in entered if event["name"] in own]

    def largest_payload(self) -> int:
        """Bytes of the largest input of a state, in all executions."""
        arns = list(self.store._executions)
        return max(len(event["input"]) for arn in arns for event in self._entered(arn))

    def refusal(self, resource: Resource, arguments: Any) -> str | None:
        return None

    def start(self, call: TaskCall, report: Reporter) -> None:
        """Make a call at once, and report its end."""
        if call.resource.pattern:
            report(Submitted({}))
        try:
            report(Succeeded(CALLS[call.resource.service](self, call.arguments)))
        except TaskError as error:
            report(Failed("States.TaskFailed", str(error)))
        except Exception as error:
            cause = {"errorType": type(error).__name__, "errorMessage": str(error)}
            report(Failed(type(error).__name__, json.dumps(cause)))

    def resume(self, call: TaskCall, submitted: Submitted | None, report: Reporter) -> None:
        self.start(call, report)

    def cancel(self, call: TaskCall) -> None:
        """Nothing is under way."""

    def _entered(self, arn: str) -> Iterator[Json]:
        for event in self.store.events(arn):
            if "stateEnteredEventDetails" in event:
                yield event["stateEnteredEventDetails"]

    def _function(self, arguments: Json) -> Json:
        called = getattr(self.functions, arguments["FunctionName"])(
            json.loads(json.dumps(arguments["Payload"]))
        )
        return {"Payload": called.model_dump(mode="json") if isinstance(called, Contract) else called}

    def _machine(self, arguments: Json) -> Json:
        name = arguments["StateMachineArn"].rpartition(":")[2]
        ended = self.run(name, arguments["Name"], arguments["Input"])
        if ended["status"] != "SUCCEEDED":
            cause = {"ExecutionArn": ended["executionArn"], "Status": ended["status"]}
            cause |= {"Error": ended["error"], "Cause": ended["cause"]}
            raise TaskError(json.dumps(cause))
        return {"Output": json.loads(ended["output"])}

    def _job(self, arguments: Json) -> Json:
        failed = self.functions.run_job(arguments)
        if failed is not None:
            raise TaskError(json.dumps(failed))
        return {"Status": "SUCCEEDED"}

    def _build(self, arguments: Json) -> Json:
        build = self.functions.build(arguments)
        if build["Build"]["BuildStatus"] != "SUCCEEDED":
            raise TaskError(json.dumps(build))
        return build


CALLS: Mapping[str, Callable[[Machines, Json], Json]] = {
    "lambda": Machines._function,
    "states": Machines._machine,
    "batch": Machines._job,
    "codebuild": Machines._build,
}


def _definition(name: str) -> str:
    text = json.dumps(yaml.safe_load((ROOT / "state_machines" / f"{name}.asl.yaml").read_text()))
    filled = {"CpuQueueArn": "queue", "BuildEnvironmentName": "environment", "EndpointPollSeconds": "1"}
    filled |= {f"{state}Arn": f"{PREFIX}:stateMachine:{machine}" for state, machine in MACHINES.items()}
    filled |= {f"{_pascal(function)}Arn": function for function in Functions.NAMES}
    for placeholder, value in filled.items():
        text = text.replace(f"${{{placeholder}}}", value)
    return text


def _pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
