"""CodeBuild with real processes."""

from pathlib import Path

import pytest

from tests.unit.embedded.codebuild.processes import Service


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path)
