"""What somebody asks of a run: what it is then made of, and what is wrong with the wish. Pure."""

from collections.abc import Callable, Sequence

from sluiceway.projects.parameters import unknown_parameters
from sluiceway.projects.preview import Preview
from sluiceway.triggers.contracts import RunAsked
from sluiceway.triggers.situation import CodeFound, Situation


def wished_datasets(wish: RunAsked, code: CodeFound) -> tuple[str, ...]:
    """Datasets that the run uses: in a preview, what stands in for those whose version is not named."""
    stand_ins = _preview(code).data if wish.preview else {}
    names = (name if name in wish.dataset_versions else stand_ins.get(name, name) for name in code.datasets)
    return tuple(dict.fromkeys(names))


def wished_parameters(wish: RunAsked, code: CodeFound) -> dict[str, str]:
    """What is asked for, over what `preview:` says."""
    return {**(_preview(code).parameters if wish.preview else {}), **wish.parameters}


def wished_steps(wish: RunAsked, code: CodeFound) -> tuple[str, ...]:
    """Once each, in the order in which they run: the same wish in other words is the same run."""
    return tuple(name for name in code.config.get("steps", {}) if name in wish.steps)


def complaint(wish: RunAsked, found: Situation, code: CodeFound) -> str | None:
    """The first thing that is wrong with the wish, with what there is instead; None: nothing is."""
    complaints = (complain(wish, found, code) for complain in _COMPLAINTS)
    return next((reason for reason in complaints if reason), None)


def _preview(code: CodeFound) -> Preview:
    return Preview.model_validate(code.config.get("preview") or {})


def _unknown_datasets(wish: RunAsked, _found: Situation, code: CodeFound) -> str | None:
    used = wished_datasets(wish, code)
    names = sorted(set(wish.dataset_versions) - set(used))
    return f"the project does not use the dataset {_listed(names)}: {_there_are(used)}" if names else None


def _unknown_versions(wish: RunAsked, found: Situation, _code: CodeFound) -> str | None:
    names = sorted(name for name in wish.dataset_versions if not found.known_versions.get(name))
    told = _listed([f"{name}@{wish.dataset_versions[name][:12]}" for name in names])
    return f"there is no dataset version {told}: `sluice datasets` shows the latest" if names else None


def _missing_versions(wish: RunAsked, found: Situation, code: CodeFound) -> str | None:
    """Nobody would come back to the wish when the data are there."""
    known = {**found.datasets, **wish.dataset_versions}
    names = [name for name in wished_datasets(wish, code) if name not in known]
    return f"there is no version yet of the dataset {_listed(names)}: upload it first" if names else None


def _unknown_steps(wish: RunAsked, _found: Situation, code: CodeFound) -> str | None:
    known = list(code.config.get("steps", {}))
    names = [name for name in wish.steps if name not in known]
    return f"{_listed(names)} is not a step: the steps are {_listed(known)}" if names else None


def _unknown_parameters(wish: RunAsked, _found: Situation, code: CodeFound) -> str | None:
    """Code that was collected before names were noted is asked by its plan."""
    return None if code.parameters is None else unknown_parameters(wish.parameters, code.parameters)


_COMPLAINTS: tuple[Callable[[RunAsked, Situation, CodeFound], str | None], ...] = (
    _unknown_datasets,
    _unknown_versions,
    _missing_versions,
    _unknown_steps,
    _unknown_parameters,
)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)


def _there_are(names: Sequence[str]) -> str:
    return f"it uses {_listed(names)}"
