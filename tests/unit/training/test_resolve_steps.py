"""Steps of sluice.yaml meet the entry points of MLproject."""

import pytest

from sluiceway.projects.contracts import EntryPoint, EntryPointParameter, MlProject, SluiceConfig, Step
from sluiceway.projects.read_project import read_project
from sluiceway.training.contracts import PlannedStep
from sluiceway.training.resolve_steps import resolve_steps
from tests.fakes.run_world import FILES, Tree


def test_defaults_of_mlproject_stand_under_the_values_of_sluice_yaml() -> None:
    """Each parameter of the entry point has a value, as a command line shows it."""
    prepare, train = _resolved()
    assert prepare.parameters == {"data": "{data.flights}", "output": "{output}", "days": "7"}
    assert train.parameters == {"prepared": "{steps.prepare}", "trees": "80"}


def test_a_step_needs_the_one_above_unless_it_says_otherwise() -> None:
    """The first needs nothing."""
    assert [step.needs for step in _resolved()] == [(), ("prepare",)]


def test_resources_become_what_batch_takes() -> None:
    """Texts, memory in MiB."""
    prepare, train = _resolved()
    assert (prepare.vcpu, prepare.memory) == ("0.5", "1024")
    assert (train.vcpu, train.memory, train.timeout, train.attempts) == ("1", "2048", 3600, 2)


def test_path_parameters_are_told_apart() -> None:
    """Relative ones are resolved against the project's folder when the step runs."""
    assert _resolved()[0].path_parameters == ("data",)


def test_an_entry_point_may_have_another_name_and_a_flag_is_lower_case() -> None:
    """Booleans read as YAML's, not as Python's."""
    project = read_project(Tree(FILES))
    changed = project.config.model_dump() | {
        "steps": {"train": {"entry_point": "fit", "parameters": {"fast": True, "rate": 0.5}}},
        "evaluate": project.config.evaluate.model_dump() | {"holdout": "train/h.parquet"},
    }
    entry = EntryPoint(command="fit {fast} {rate}", parameters=dict.fromkeys(("fast", "rate"), _STRING))
    found = resolve_steps(
        SluiceConfig.model_validate(changed),
        MlProject(name="x", entry_points={"fit": entry}, environment_files=()),
    )
    assert found[0].command == "fit {fast} {rate}"
    assert found[0].parameters == {"fast": "true", "rate": "0.5"}


@pytest.mark.parametrize(
    ("value", "text"),
    [(7.0, "7"), (1234567.0, "1234567"), (-0.5, "-0.5"), (1e20, "1e+20"), (0.1 + 0.2, "0.30000000000000004")],
)
def test_numbers_reach_the_command_whole(value: float, text: str) -> None:
    """Six digits are not enough for a number of rows."""
    project = read_project(Tree(FILES))
    train = project.mlproject.entry_points["train"]
    numbered = dict.fromkeys(train.parameters, EntryPointParameter(default=value))
    entry_points = project.mlproject.entry_points | {"train": EntryPoint(command="x", parameters=numbered)}
    mlproject = project.mlproject.model_copy(update={"entry_points": entry_points})
    config = project.config.model_copy(update={"steps": {"train": Step()}})
    (step,) = resolve_steps(config, mlproject)
    assert set(step.parameters.values()) == {text}


_STRING = EntryPointParameter()


def _resolved() -> tuple[PlannedStep, ...]:
    project = read_project(Tree(FILES))
    return resolve_steps(project.config, project.mlproject)
