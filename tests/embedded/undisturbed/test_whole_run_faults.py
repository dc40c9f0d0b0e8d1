"""Every call of a whole run that changes something is broken: the end is that of an undisturbed run.

From the upload to the promoted endpoint. The list of call sites comes from a recording of an undisturbed run,
so a new one cannot be forgotten. In the short form two kinds of fault, each at all sites at once; in the long
form (`--proof`) all kinds, an image built for each run, one site at a time, and kills of a cloud of its own.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded import lifecycle
from embedded.hook.faults import Action
from sluiceway.gateways.ledger import RunRecord
from tests.embedded.conftest import deployed, started
from tests.embedded.fault_rounds import kill_at
from tests.embedded.lossy_tracking import lossy_tracking
from tests.embedded.run_faults import KINDS, LEFT_OUT, RunSweep, one_of_each_role, outlasting, site_of
from tests.embedded.stage import Stage
from tests.embedded.streams import short_visibility
from tests.embedded.whole_runs import Clones
from tests.proofs.figures import keep

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(7200)]

SHORT = (Action.LOST_ANSWER, Action.FAIL_AFTER)
KNOWN = {
    *("dynamodb:PutItem", "dynamodb:UpdateItem", "events:PutEvents", "lambda:Invoke", "s3:PutObject"),
    *("sqs:SendMessage", "states:StartExecution", "batch:SubmitJob", "sagemaker:CreateModel"),
    *("sagemaker:CreateEndpointConfig", "sagemaker:CreateEndpoint", "sagemaker:InvokeEndpoint"),
}
OF_BUILDS = {"codebuild:StartBuild", "ecr:PutImage", "batch:RegisterJobDefinition"}
OF_MLFLOW = {"experiments/create", "runs/create", "runs/update", "registered-models/create"} | {
    *("model-versions/create", "model-versions/set-tag", "registered-models/alias", "runs/log-inputs"),
}
KILLS = (
    *("*RunPipelineRole* batch:SubmitJob", "*PlanRunRole* s3:PutObject", "*JobsJob* s3:PutObject"),
    *("*RegisterModelRole* dynamodb:UpdateItem", "*RunPipelineRole* states:StartExecution"),
    *("*StartDeploymentRole* sagemaker:CreateEndpoint", "*PromoteModelRole* dynamodb:UpdateItem"),
    "*FinishRunRole* events:PutEvents",
)
"""Sites spread over a run, at which the cloud dies: before the call is done, and after."""


@pytest.fixture(scope="module")
def in_full(request: pytest.FixtureRequest) -> bool:
    """Whether the long form was asked for."""
    return bool(request.config.getoption("--proof"))


@pytest.fixture(scope="module")
def sweep(stage: Stage, first_run: RunRecord, in_full: bool) -> Iterator[RunSweep]:
    """With the undisturbed run done; the image stands, unless each run builds its own."""
    assert first_run.status == "SUCCEEDED", first_run.reason
    with short_visibility(stage), lossy_tracking(stage) as tracking:
        yield RunSweep(stage, Clones(stage, "whole", own_image=in_full), tracking)


def test_the_recording_knows_the_sites_of_every_part_of_a_run(sweep: RunSweep, in_full: bool) -> None:
    """So that a sweep over it says something."""
    found = {f"{site.service}:{site.operation}" for site in sweep.sites}
    assert KNOWN | (OF_BUILDS if in_full else set()) <= found
    assert set(sweep.tracked) >= OF_MLFLOW
    assert all(LEFT_OUT.values())


@pytest.mark.parametrize("action", KINDS)
def test_a_run_of_which_each_call_is_broken_ends_as_an_undisturbed_one(
    sweep: RunSweep, action: Action, in_full: bool
) -> None:
    """The first call from each site at once; a site that is not hit fails the test."""
    if action not in SHORT and not in_full:
        pytest.skip("part of the long form")
    found = sweep.everywhere(action)
    figures = {"sites": len(sweep.sites), "of_mlflow": len(sweep.tracked), "faults": found.injected}
    keep(f"whole_run_{action}", in_full=in_full, **figures, wrong=found.wrong.count("\n"))
    assert found.wrong == ""
    assert found.missed == []


def test_a_function_whose_call_fails_for_good_is_asked_again(sweep: RunSweep, in_full: bool) -> None:
    """Done, and not told so in four tries: the whole function runs again. One site of each at a time."""
    if not in_full:
        pytest.skip("part of the long form")
    found = [sweep.under(outlasting(group)) for group in one_of_each_role(sweep.sites)]
    keep("whole_run_for_good", in_full=in_full, faults=sum(each.injected for each in found))
    assert [each.wrong for each in found if each.wrong] == []
    assert [each.missed for each in found if each.missed] == []


def test_a_run_of_which_one_call_is_broken_ends_as_an_undisturbed_one(sweep: RunSweep, in_full: bool) -> None:
    """Site by site: one fault must not hide what another would show."""
    if not in_full:
        pytest.skip("part of the long form")
    found = {str(site): sweep.at([site], action) for site in sweep.sites for action in SHORT}
    keep("whole_run_one_by_one", in_full=in_full, runs=len(found))
    assert {name: each.wrong for name, each in found.items() if each.wrong} == {}
    assert [name for name, each in found.items() if each.missed] == []


def test_a_run_goes_on_when_the_cloud_dies_at_a_call(tmp_path: Path, in_full: bool) -> None:
    """In a cloud of its own: kills at some sites from a run's plan to its end."""
    if not in_full:
        pytest.skip("part of the long form")
    try:
        stage = deployed(started(tmp_path / "cloud"))
        with short_visibility(stage), lossy_tracking(stage) as tracking:
            clones = Clones(stage, "killed")
            clones.push()  # An image is built for it, which the others take.
            sweep = RunSweep(stage, clones, tracking)
            wrong = {
                f"{glob} {moment}": _killed(sweep, glob, moment)
                for glob in KILLS
                for moment in ("before", "after")
            }
    finally:
        lifecycle.down(tmp_path / "cloud")
    keep("whole_run_kills", in_full=in_full, kills=len(wrong))
    assert {name: each for name, each in wrong.items() if each} == {}


def _killed(sweep: RunSweep, glob: str, moment: str) -> str:
    """What is other than undisturbed after a run in which the cloud died at a site; or that it did not."""
    pushed: list[str] = []
    site = site_of(sweep.sites, glob)
    died = kill_at(sweep.stage, site, lambda: pushed.append(sweep.clones.push()), moment=moment)
    sweep.clones.quiet()
    return sweep.wrong(pushed[0]) if died else "the cloud did not die"
