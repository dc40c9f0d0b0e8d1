"""The three machines on the embedded interpreter, with the real use cases behind them, in memory."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import yaml
from ministack.services import stepfunctions

from cdk_app.bundling.recipe import ROOT
from sluiceway.contract import Contract
from tests.unit.embedded.machines.functions import Functions

Json = dict[str, Any]
ROLE = "arn:aws:iam::000000000000:role/machine"
MACHINES = {"BuildImage": "build_image", "DeployModel": "deploy_model", "RunPipeline": "run_pipeline"}


class Machines:
    """State machines whose functions, jobs and builds are calls in this process."""

    def __init__(self, functions: Functions, patch: pytest.MonkeyPatch) -> None:
        self.functions = functions
        patch.setattr(stepfunctions, "_invoke_resource", self._invoke)
        patch.setattr(stepfunctions, "_scaled_sleep", lambda _seconds: None)
        patch.setattr(stepfunctions, "_emit_execution_status_event", lambda _execution: None)
        patch.setattr(stepfunctions, "_state_machines", {})
        patch.setattr(stepfunctions, "_executions", {})
        self.arns: dict[str, str] = {}
        for name in MACHINES.values():
            self.arns[name] = _create(name, self.arns)

    def run(self, name: str, execution: str, given: Json) -> Json:
        """Run an execution to its end, and describe it."""
        request = {"stateMachineArn": self.arns[name], "name": execution, "input": json.dumps(given)}
        answer: Json = json.loads(stepfunctions._start_sync_execution(request)[2])
        return answer

    def states(self, name: str, execution: str) -> list[str]:
        """Names of the states that an execution entered."""
        return [event["name"] for event in self._entered(name, execution)]

    def largest_payload(self) -> int:
        """Bytes of the largest input of a state, in all executions."""
        executions = [(arn.split(":")[-2], arn.split(":")[-1]) for arn in stepfunctions._executions]
        return max(len(event["input"]) for found in executions for event in self._entered(*found))

    def _entered(self, name: str, execution: str) -> list[Json]:
        arn = f"{self.arns[name].replace(':stateMachine:', ':execution:')}:{execution}"
        events = stepfunctions._executions[arn]["events"]
        return [event["stateEnteredEventDetails"] for event in events if "stateEnteredEventDetails" in event]

    def _invoke(self, resource: str, arguments: Json) -> Json:
        call = RESOURCES[resource.removeprefix("arn:aws:states:::")]
        try:
            return call(self, arguments)
        except stepfunctions._ExecutionError:
            raise
        except Exception as error:
            cause = {"errorType": type(error).__name__, "errorMessage": str(error)}
            raise stepfunctions._ExecutionError(type(error).__name__, json.dumps(cause)) from error

    def _function(self, arguments: Json) -> Json:
        called = getattr(self.functions, arguments["FunctionName"])(
            json.loads(json.dumps(arguments["Payload"]))
        )
        return {"Payload": called.model_dump(mode="json") if isinstance(called, Contract) else called}

    def _machine(self, arguments: Json) -> Json:
        name = next(name for name, arn in self.arns.items() if arn == arguments["StateMachineArn"])
        ended = self.run(name, arguments["Name"], arguments["Input"])
        if ended["status"] != "SUCCEEDED":
            cause = {"ExecutionArn": ended["executionArn"], "Status": ended["status"]}
            cause |= {"Error": ended["error"], "Cause": ended["cause"]}
            raise stepfunctions._ExecutionError("States.TaskFailed", json.dumps(cause))
        return {"Output": json.loads(ended["output"])}

    def _job(self, arguments: Json) -> Json:
        failed = self.functions.run_job(arguments)
        if failed is not None:
            raise stepfunctions._ExecutionError("States.TaskFailed", json.dumps(failed))
        return {"Status": "SUCCEEDED"}

    def _build(self, arguments: Json) -> Json:
        build = self.functions.build(arguments)
        if build["Build"]["BuildStatus"] != "SUCCEEDED":
            raise stepfunctions._ExecutionError("States.TaskFailed", json.dumps(build))
        return build


RESOURCES: Mapping[str, Callable[[Machines, Json], Json]] = {
    "lambda:invoke": Machines._function,
    "states:startExecution.sync:2": Machines._machine,
    "batch:submitJob.sync": Machines._job,
    "codebuild:startBuild.sync": Machines._build,
}


def _create(name: str, arns: Mapping[str, str]) -> str:
    text = json.dumps(yaml.safe_load((ROOT / "state_machines" / f"{name}.asl.yaml").read_text()))
    filled = {"CpuQueueArn": "queue", "BuildEnvironmentName": "environment", "EndpointPollSeconds": "1"}
    filled |= {f"{state}Arn": arns[machine] for state, machine in MACHINES.items() if machine in arns}
    filled |= {f"{_pascal(function)}Arn": function for function in Functions.NAMES}
    for placeholder, value in filled.items():
        text = text.replace(f"${{{placeholder}}}", value)
    created = stepfunctions._create_state_machine({"name": name, "definition": text, "roleArn": ROLE})
    return str(json.loads(created[2])["stateMachineArn"])


def _pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
