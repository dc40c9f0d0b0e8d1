"""A command is filled in as MLflow does it, quotes and all; one that cannot be is the project's mistake."""

from pathlib import Path

import pytest
from mlflow.projects._project_spec import EntryPoint

from containers.trainer.command import filled_command
from containers.trainer.workspace import Workspace
from sluiceway.errors import InvalidProject
from sluiceway.training.contracts import PlannedStep


def step(command: str, *, paths: tuple[str, ...] = (), **parameters: str) -> PlannedStep:
    """A step with parameters, some of which are paths."""
    return PlannedStep(
        name="train",
        command=command,
        parameters=parameters,
        path_parameters=paths,
        needs=(),
        vcpu="1",
        memory="2048",
        timeout=60,
        attempts=1,
    )


@pytest.mark.parametrize("value", ["x; rm -rf /", "it's", "$HOME `id`", "", "a\nb", "{b}", "é", "*"])
@pytest.mark.parametrize(
    "command", ["echo {a}", "echo '{a}'", "echo {{x}} ${{HOME}} {a} && ls | wc", "x {a!r}"]
)
def test_values_are_quoted_as_mlflow_quotes_them(command: str, value: str, tmp_path: Path) -> None:
    """What a project runs must not depend on who runs it."""
    theirs = EntryPoint("train", {"a": "string"}, command).compute_command({"a": value}, None)
    assert filled_command(step(command, a=value), Workspace(tmp_path)) == theirs


@pytest.mark.parametrize("command", ["x {a:d}", "x {a[b]}", "x {a.b}", "x {a:>{c}}", "x {", "x\0"])
def test_a_command_that_cannot_be_filled_is_the_projects_mistake(command: str, tmp_path: Path) -> None:
    """Whatever Python raises on it."""
    with pytest.raises(InvalidProject, match="cannot be filled"):
        filled_command(step(command, a="1"), Workspace(tmp_path))


@pytest.mark.parametrize("value", ["missing", "x" * 300, "\0", "../../nowhere"])
def test_a_path_that_does_not_exist_is_told(value: str, tmp_path: Path) -> None:
    """Also one that no file could have."""
    with pytest.raises(InvalidProject, match="which does not exist"):
        filled_command(step("x {a}", paths=("a",), a=value), Workspace(tmp_path))


def test_paths_are_made_absolute_and_addresses_are_left(tmp_path: Path) -> None:
    """MLflow, too, hands an entry point the whole path."""
    workspace = Workspace(tmp_path)
    (workspace.project / "some data").mkdir()
    filled = filled_command(step("x {a} {b}", paths=("a", "b"), a="some data", b="s3://b/k"), workspace)
    assert filled == f"x '{workspace.project}/some data' s3://b/k"
