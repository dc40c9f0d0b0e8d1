"""One run, from its plan to its end."""

from aws_cdk import aws_stepfunctions as sfn
from constructs import IConstruct

from cdk_app.functions.spec import Foundation
from cdk_app.machines.integrations import run_batch_jobs, run_machines
from cdk_app.machines.spec import Functions, MachineSpec, only


def run_pipeline(
    scope: IConstruct,
    on: Foundation,
    functions: Functions,
    *,
    build_image: sfn.StateMachine,
    deploy_model: sfn.StateMachine,
    prefix: str,
) -> MachineSpec:
    """Submits jobs, and starts the two nested machines."""
    queue = on.compute.queue.job_queue_arn
    return MachineSpec(
        name="run_pipeline",
        calls=only(
            functions, "PlanRun", "PlanEvaluation", "RegisterModel", "DecideGate", "FinishRun", "FailRun"
        ),
        fills={
            "CpuQueueArn": queue,
            "BuildImageArn": build_image.state_machine_arn,
            "DeployModelArn": deploy_model.state_machine_arn,
        },
        may=[
            *run_batch_jobs(scope, queue_arn=queue, definition_prefix=prefix),
            *run_machines(scope, build_image, deploy_model),
        ],
    )
