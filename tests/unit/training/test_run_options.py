"""What a run may ask for in place of what `sluice.yaml` says."""

import pytest

from sluiceway.errors import InvalidProject
from sluiceway.gateways.records import RunRecord
from sluiceway.projects.read_project import read_project
from sluiceway.training.contracts import PlannedStep
from sluiceway.training.resolve_steps import resolve_steps
from sluiceway.training.run_options import run_options
from tests.fakes.run_world import AT, FILES, PROJECT, RUN, Tree

PREVIEW = b"preview: {data: {flights: few-flights}, timeout: 10m, parameters: {trees: '5'}}\n"
THREE = FILES | {
    "MLproject": FILES["MLproject"] + b"  report: {command: 'python report.py'}\n",
    "sluice.yaml": FILES["sluice.yaml"].replace(b"model:", b"  report: {needs: [prepare]}\nmodel:"),
}


def planned(files: dict[str, bytes] = FILES, **asked: object) -> list[PlannedStep]:
    project = read_project(Tree(files))
    given = {"run_id": RUN, "project": PROJECT, "trigger": "api", "event_id": "e", "requested_at": AT}
    run = RunRecord.model_validate(given | asked)
    return list(resolve_steps(project.config, project.mlproject, run_options(run, project)))


def test_a_parameter_goes_to_each_step_that_has_it_and_to_no_other() -> None:
    """What the steps do not share stays as it is."""
    prepare, train = planned(parameters={"trees": "7", "days": "3"})
    assert (prepare.parameters["days"], train.parameters["trees"]) == ("3", "7")
    assert "trees" not in prepare.parameters
    assert train.parameters["prepared"] == "{steps.prepare}"


def test_an_unknown_parameter_is_refused_with_the_names_there_are() -> None:
    """Before anything is built or started."""
    with pytest.raises(
        InvalidProject, match="parameter treees: there are data, output, days, prepared, trees"
    ):
        planned(parameters={"treees": "7"})


def test_chosen_steps_run_with_all_that_they_need() -> None:
    """Through as many steps as it takes, in the project's order, and nothing else."""
    assert [step.name for step in planned(THREE, steps=("report",))] == ["prepare", "report"]
    assert [step.name for step in planned(THREE, steps=("train", "report"))] == ["prepare", "train", "report"]
    assert [step.name for step in planned(steps=("prepare",))] == ["prepare"]


def test_an_unknown_step_is_refused_with_the_names_there_are() -> None:
    """Code that was collected long ago is asked here at last."""
    with pytest.raises(InvalidProject, match="deploy is not a step: the steps are prepare, train"):
        planned(steps=("deploy",))


def test_a_preview_caps_the_time_of_each_step() -> None:
    """A shorter timeout of a step's own stays."""
    files = FILES | {"sluice.yaml": FILES["sluice.yaml"] + PREVIEW}
    assert [step.timeout for step in planned(files, preview=True)] == [600, 600]
    assert [step.timeout for step in planned(files)] == [3600, 3600]


@pytest.mark.parametrize(
    "path", ["/proc/self/environ", "../../etc/passwd", "file:///etc/passwd", "{data.flights}/../x"]
)
def test_a_path_outside_of_the_project_is_refused(path: str) -> None:
    """Whoever may ask for a run may not have it read the files of the machine."""
    with pytest.raises(InvalidProject, match="must lie in the project's folder"):
        planned(parameters={"prepared": path})


@pytest.mark.parametrize("path", ["fixtures/small", "{data.flights}/jan", "s3://bucket/key"])
def test_a_path_inside_of_the_project_is_taken(path: str) -> None:
    """As `mlflow run -P` takes it."""
    assert planned(parameters={"prepared": path})[1].parameters["prepared"] == path
