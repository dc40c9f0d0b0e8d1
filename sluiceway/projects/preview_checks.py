"""What `preview:` says must fit the datasets of the project and the parameters of its entry points."""

from collections.abc import Iterator

from sluiceway.projects.contracts import MlProject, SluiceConfig
from sluiceway.projects.parameters import outside_of_the_project, parameter_names
from sluiceway.projects.problems import Problem
from sluiceway.projects.yaml_document import YamlDocument


def preview_problems(config: SluiceConfig, project: MlProject, document: YamlDocument) -> Iterator[Problem]:
    """Every contradiction, at its line of `sluice.yaml`. Entry points that are missing are told elsewhere."""
    if config.preview is None:
        return
    for name in config.preview.data:
        if name not in config.data:
            known = ", ".join(config.data)
            yield document.problem(
                ("preview", "data", name), f"is not a dataset of the project, which has {known}"
            )
    if all((step.entry_point or name) in project.entry_points for name, step in config.steps.items()):
        yield from _parameter_problems(config, project, document)


def _parameter_problems(
    config: SluiceConfig, project: MlProject, document: YamlDocument
) -> Iterator[Problem]:
    given = config.preview.parameters if config.preview else {}
    known = parameter_names(config, project)
    for name, value in given.items():
        place = ("preview", "parameters", name)
        if name not in known:
            yield document.problem(
                place, f"no entry point has such a parameter; there are {', '.join(known)}"
            )
        elif wrong := outside_of_the_project({name: value}, config, project):
            yield document.problem(place, wrong)
