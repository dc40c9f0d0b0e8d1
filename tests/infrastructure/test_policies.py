"""The templates against cdk-nag's AwsSolutions: nothing that is not acknowledged with a reason."""

import json
import re
from pathlib import Path

import aws_cdk as cdk
import cdk_nag
import pytest
import yaml

from cdk_app.app import build
from cdk_app.bundling.recipe import ROOT
from cdk_app.settings import stage_settings

ACKNOWLEDGED = [
    each["finding"] for each in yaml.safe_load((Path(__file__).parent / "acknowledged.yaml").read_text())
]


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Rule and detail of everything that AwsSolutions has to say."""
    folder = tmp_path_factory.mktemp("policies")
    app = cdk.App(outdir=str(folder), context=json.loads((ROOT / "cdk.json").read_text())["context"])
    build(app, stage_settings(app.node))
    cdk.Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(app))
    with pytest.raises(Exception, match="ValidationFailed"):
        app.synth()
    report = json.loads((folder / "validation-report.json").read_text())
    return {each["ruleName"] for plugin in report["pluginReports"] for each in plugin["violations"]}


def test_every_finding_is_acknowledged_with_a_reason(findings: set[str]) -> None:
    """A new finding is mended, or written down with why it is all right."""
    assert not [each for each in findings if not any(re.fullmatch(known, each) for known in ACKNOWLEDGED)]


def test_no_acknowledgement_outlives_its_finding(findings: set[str]) -> None:
    """A list that only grows says nothing."""
    assert not [known for known in ACKNOWLEDGED if not any(re.fullmatch(known, each) for each in findings)]
