"""A Lambda function with a role and a log group of its own."""

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from cdk_app.bundling.code import build_code
from cdk_app.bundling.layer import Archive, build_layer
from cdk_app.constructs.logs import log_group
from cdk_app.functions.spec import FunctionSpec
from cdk_app.settings import StageSettings
from cdk_app.statements import inline, logging_to, tracing

_ARCHITECTURES = {"arm64": lambda_.Architecture.ARM_64, "x86_64": lambda_.Architecture.X86_64}
METRICS_NAMESPACE = "Sluiceway"


class TaskFunction(Construct):
    """What a `FunctionSpec` says, and nothing more: the role cannot be widened from elsewhere."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        spec: FunctionSpec,
        settings: StageSettings,
        layers: Mapping[str, lambda_.ILayerVersion],
    ) -> None:
        super().__init__(scope, construct_id)
        logs = log_group(self, "Logs", retention_days=settings.log_retention_days)
        statements = [logging_to(logs.log_group_arn), tracing(), *spec.may]
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description=spec.does,
            inline_policies=inline(statements),
        )
        self.function = lambda_.Function(
            self,
            "Function",
            description=spec.does,
            handler=spec.handler,
            code=_code(build_code(settings.target)),
            runtime=_runtime(settings),
            architecture=_ARCHITECTURES[settings.architecture],
            layers=[layers[name] for name in spec.layers],
            role=role.without_policy_updates(),
            log_group=logs,
            logging_format=lambda_.LoggingFormat.JSON,
            system_log_level_v2=lambda_.SystemLogLevel.WARN,
            tracing=lambda_.Tracing.ACTIVE,
            timeout=cdk.Duration.seconds(spec.timeout_seconds),
            memory_size=spec.memory_mib,
            reserved_concurrent_executions=spec.reserved_concurrency,
            environment={**_everybody(spec, settings), **spec.environment},
        )


def function_layers(
    scope: Construct, *, settings: StageSettings, names: tuple[str, ...]
) -> dict[str, lambda_.ILayerVersion]:
    """The layers of one stack: an exported version could never be replaced while another stack uses it."""
    return {name: _layer(scope, name, settings) for name in names}


def _layer(scope: Construct, name: str, settings: StageSettings) -> lambda_.LayerVersion:
    return lambda_.LayerVersion(
        scope,
        f"{name.capitalize()}Layer",
        code=_code(build_layer(name, settings.target)),
        compatible_runtimes=[_runtime(settings)],
        compatible_architectures=[_ARCHITECTURES[settings.architecture]],
    )


def _code(archive: Archive) -> lambda_.Code:
    return lambda_.Code.from_asset(
        str(archive.path), asset_hash=archive.key, asset_hash_type=cdk.AssetHashType.CUSTOM
    )


def _runtime(settings: StageSettings) -> lambda_.Runtime:
    return lambda_.Runtime(f"python{settings.python_version}", lambda_.RuntimeFamily.PYTHON)


def _everybody(spec: FunctionSpec, settings: StageSettings) -> dict[str, str]:
    return {
        "STAGE": settings.stage,
        "POWERTOOLS_SERVICE_NAME": spec.name.partition("/")[2],
        "POWERTOOLS_METRICS_NAMESPACE": METRICS_NAMESPACE,
        "POWERTOOLS_LOG_LEVEL": settings.log_level,
    }
