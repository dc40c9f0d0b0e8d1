"""What every stage is made of."""

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import yaml
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from cdk_app.bundling.recipe import ROOT
from tests.infrastructure.conftest import synthesise
from tests.infrastructure.template import Assembly

STACKS = {"Storage", "Tracking", "Compute", "Pipeline", "Triggers", "Observability"}
COSTLY_WHILE_IDLE = {
    "AWS::EC2::NatGateway", "AWS::EC2::EIP", "AWS::EC2::Instance", "AWS::KMS::Key", "AWS::RDS::DBInstance",
    "AWS::SageMaker::Endpoint", "AWS::SageMaker::MlflowTrackingServer", "AWS::SecretsManager::Secret",
}  # fmt: skip


def test_each_stage_has_the_six_stacks(assembly: Assembly) -> None:
    """The layout of the design, whatever the stage."""
    assert set(assembly.templates) == STACKS
    assert all(template["Resources"] for template in assembly.templates.values())


def test_nothing_is_always_on(assembly: Assembly) -> None:
    """No NAT gateway, no server, no key or secret that is paid by the month."""
    kinds = {resource["Type"] for resource in assembly.resources().values()}
    assert not kinds & COSTLY_WHILE_IDLE


def test_alarms_may_publish_to_their_topic(assembly: Assembly) -> None:
    """A topic's own policy replaces the default: without this statement CloudWatch is refused, unseen."""
    (policy,) = assembly.properties("AWS::SNS::TopicPolicy").values()
    allowed = [each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Allow"]
    assert [each["Principal"] for each in allowed] == [{"Service": "cloudwatch.amazonaws.com"}]
    assert [each["Action"] for each in allowed] == ["sns:Publish"]


def test_a_tag_is_one_manifest(assembly: Assembly) -> None:
    """SageMaker takes no image index, which is what BuildKit's attestations make of a build."""
    (project,) = assembly.properties("AWS::CodeBuild::Project").values()
    variables = yaml.safe_load(project["Source"]["BuildSpec"])["env"]["variables"]
    assert variables == {"BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}


def test_no_function_but_ours(assembly: Assembly) -> None:
    """No custom resource: the CDK brings functions with them whose roles we did not write."""
    handlers = [each["Handler"] for each in assembly.properties("AWS::Lambda::Function").values()]
    assert all(handler.startswith("lambdas.") for handler in handlers)
    assert not [kind for kind in _kinds(assembly) if kind.startswith("Custom::")]


def test_local_differs_from_dev_by_values_only(assemblies: dict[str, Assembly], tmp_path: Path) -> None:
    """With the same tracking server, the laptop's template has the very resources of the one for AWS."""
    dev = synthesise(tmp_path, stage="dev", tracking_uri="http://127.0.0.1:5000")
    local = assemblies["local"]
    assert {name: each["Type"] for name, each in dev.resources().items() if "Layer" not in name} == {
        name: each["Type"] for name, each in local.resources().items() if "Layer" not in name
    }
    assert _kinds(dev) == _kinds(local)


def test_two_stages_fit_into_one_account(assemblies: dict[str, Assembly]) -> None:
    """Where a resource has a name of its own, the name holds the stage."""
    names = [
        value
        for resource in assemblies["dev"].resources().values()
        for key, value in resource.get("Properties", {}).items()
        if key in ("Name", f"{resource['Type'].rpartition('::')[2]}Name") and isinstance(value, str)
    ]
    assert names
    assert not [name for name in names if "dev" not in re.split("[-/]", name)]


def test_the_managed_mlflow_app_comes_only_without_a_url(assemblies: dict[str, Assembly]) -> None:
    """`tracking_uri` replaces it."""
    assert len(assemblies["dev"].resources("AWS::SageMaker::MlflowApp")) == 1
    assert not assemblies["local"].resources("AWS::SageMaker::MlflowApp")


def test_cfn_lint_finds_nothing(assembly: Assembly) -> None:
    """W3005: the CDK writes DependsOn beside a reference; it is redundant and harmless."""
    config = ManualArgs(regions=["us-east-1"], ignore_checks=["W3005"])
    found = [
        (stack, str(match.rule.id), match.message)
        for stack in assembly.templates
        for match in lint((assembly.folder / f"{stack}.template.json").read_text(), config=config)
    ]
    assert not found


def test_synth_prints_nothing_alarming(tmp_path: Path) -> None:
    """No end-of-life notice, no deprecation, no warning: one that is always there hides the next one."""
    environment = os.environ | {"CDK_OUTDIR": str(tmp_path), "CDK_CONTEXT_JSON": '{"stage": "dev"}'}
    done = subprocess.run(
        [sys.executable, "-m", "cdk_app.app"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout + done.stderr == ""


def _kinds(assembly: Assembly) -> Counter[Any]:
    return Counter(resource["Type"] for resource in assembly.resources().values())
