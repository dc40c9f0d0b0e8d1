"""The CDK app: `cdk.json` runs it as `python -m cdk_app.app`."""

from cdk_app.node import use_wheel_node

use_wheel_node()

import aws_cdk as cdk  # noqa: E402 - importing it starts Node

from cdk_app.functions.spec import Foundation  # noqa: E402
from cdk_app.settings import StageSettings, stage_settings  # noqa: E402
from cdk_app.stacks.compute import ComputeStack  # noqa: E402
from cdk_app.stacks.observability import ObservabilityStack  # noqa: E402
from cdk_app.stacks.pipeline import PipelineStack  # noqa: E402
from cdk_app.stacks.storage import StorageStack  # noqa: E402
from cdk_app.stacks.tracking import TrackingStack  # noqa: E402
from cdk_app.stacks.triggers import TriggersStack  # noqa: E402


def build(app: cdk.App, settings: StageSettings) -> list[cdk.Stack]:
    """Add the six stacks of one stage to the app."""
    foundation = _foundation(app, settings)
    pipeline = PipelineStack(
        app, "Pipeline", settings=settings, stack_name=_name(settings, "pipeline"), foundation=foundation
    )
    triggers = TriggersStack(
        app,
        "Triggers",
        settings=settings,
        stack_name=_name(settings, "triggers"),
        foundation=foundation,
        pipeline=pipeline,
    )
    observability = ObservabilityStack(
        app,
        "Observability",
        settings=settings,
        stack_name=_name(settings, "observability"),
        foundation=foundation,
        pipeline=pipeline,
        triggers=triggers,
    )
    return [foundation.storage, foundation.tracking, foundation.compute, pipeline, triggers, observability]


def _foundation(app: cdk.App, settings: StageSettings) -> Foundation:
    storage = StorageStack(app, "Storage", settings=settings, stack_name=_name(settings, "storage"))
    tracking = TrackingStack(
        app,
        "Tracking",
        settings=settings,
        stack_name=_name(settings, "tracking"),
        artifacts=storage.artifacts,
    )
    compute = ComputeStack(
        app,
        "Compute",
        settings=settings,
        stack_name=_name(settings, "compute"),
        storage=storage,
        tracking=tracking,
    )
    return Foundation(storage=storage, tracking=tracking, compute=compute)


def _name(settings: StageSettings, part: str) -> str:
    return f"{settings.resource_prefix}-{part}"


def main() -> None:
    """Synthesise the stage that the context names."""
    app = cdk.App()
    build(app, stage_settings(app.node))
    app.synth()


if __name__ == "__main__":
    main()
