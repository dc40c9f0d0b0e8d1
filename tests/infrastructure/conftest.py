"""The templates of every stage, synthesised once for all infrastructure tests."""

import json
from pathlib import Path

import pytest

from cdk_app.node import use_wheel_node

use_wheel_node()

import aws_cdk as cdk  # noqa: E402 - importing it starts Node

from cdk_app.app import build  # noqa: E402
from cdk_app.bundling.recipe import ROOT  # noqa: E402
from cdk_app.settings import stage_settings  # noqa: E402
from tests.infrastructure.template import Assembly  # noqa: E402

STAGES = ("dev", "prod", "local")


def synthesise(folder: Path, **context: str) -> Assembly:
    """Synthesise one stage into `folder`, as `cdk synth -c …` does."""
    known = json.loads((ROOT / "cdk.json").read_text())["context"]
    app = cdk.App(outdir=str(folder), context=known | context)
    build(app, stage_settings(app.node))
    app.synth()
    return Assembly.read(folder)


@pytest.fixture(scope="session")
def assemblies(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Assembly]:
    """Stage → its templates."""
    return {stage: synthesise(tmp_path_factory.mktemp(stage), stage=stage) for stage in STAGES}


@pytest.fixture(params=STAGES)
def assembly(request: pytest.FixtureRequest, assemblies: dict[str, Assembly]) -> Assembly:
    """The templates of each stage in turn."""
    return assemblies[request.param]


@pytest.fixture
def dev(assemblies: dict[str, Assembly]) -> Assembly:
    """The templates of the stage `dev`."""
    return assemblies["dev"]
