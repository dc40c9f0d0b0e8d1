"""`preview:` is checked when the project is pushed, not when the first pull request comes."""

import pytest

from sluiceway.errors import InvalidProject
from sluiceway.projects.read_project import read_project
from tests.fakes.run_world import FILES, Tree


def _with(preview: str) -> Tree:
    return Tree(FILES | {"sluice.yaml": FILES["sluice.yaml"] + f"preview: {preview}\n".encode()})


def test_a_preview_that_fits_is_taken() -> None:
    """Less data, less time, other parameters."""
    preview = read_project(
        _with("{data: {flights: few-flights}, timeout: 10m, parameters: {trees: '5'}}")
    ).config.preview
    assert preview is not None
    assert (preview.data, preview.timeout, preview.parameters) == (
        {"flights": "few-flights"},
        600,
        {"trees": "5"},
    )


@pytest.mark.parametrize(
    ("preview", "complaint"),
    [
        (
            "{data: {planes: few-planes}}",
            "preview.data.planes: is not a dataset of the project, which has flights",
        ),
        ("{parameters: {treees: '5'}}", "preview.parameters.treees: no entry point has such a parameter"),
        ("{parameters: {prepared: /etc}}", "must lie in the project's folder"),
        ("{timeout: 5s}", "preview.timeout"),
    ],
)
def test_a_preview_that_does_not_fit_is_refused_with_its_line(preview: str, complaint: str) -> None:
    """With all other problems of the project."""
    with pytest.raises(InvalidProject, match=r"sluice\.yaml:12: .*") as refused:
        read_project(_with(preview))
    assert complaint in str(refused.value)


def test_approval_needs_something_to_deploy() -> None:
    """Else nobody could ever approve."""
    sluice = (
        FILES["sluice.yaml"].replace(b"minimum: 0.6", b"minimum: 0.6, approval: true") + b"deploy: null\n"
    )
    with pytest.raises(InvalidProject, match=r"gate.*approval"):
        read_project(Tree(FILES | {"sluice.yaml": sluice}))
