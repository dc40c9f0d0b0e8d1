"""One deployment."""

from cdk_app.machines.spec import Functions, MachineSpec, only


def deploy_model(functions: Functions, *, endpoint_poll_seconds: int) -> MachineSpec:
    """Only calls functions: it never touches SageMaker itself."""
    return MachineSpec(
        name="deploy_model",
        calls=only(
            functions,
            "StartDeployment", "CheckDeployment", "VerifyDeployment", "PromoteModel", "FailDeployment",
        ),
        fills={"EndpointPollSeconds": str(endpoint_poll_seconds)},
    )  # fmt: skip
