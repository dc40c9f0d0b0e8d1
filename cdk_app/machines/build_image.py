"""The build of one environment image."""

from constructs import IConstruct

from cdk_app.functions.spec import Foundation
from cdk_app.machines.integrations import run_builds
from cdk_app.machines.spec import Functions, MachineSpec, only


def build_image(scope: IConstruct, on: Foundation, functions: Functions) -> MachineSpec:
    """Starts builds of one CodeBuild project."""
    project = on.compute.build.project
    return MachineSpec(
        name="build_image",
        calls=only(functions, "PrepareBuild", "RecordImage"),
        fills={"BuildEnvironmentName": project.ref},
        may=run_builds(scope, project_arn=project.attr_arn),
    )
