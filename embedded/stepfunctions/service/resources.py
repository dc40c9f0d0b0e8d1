"""What the Tasks of a definition call must be served here: what is not is refused at creation, by name."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from embedded.stepfunctions.language.diagnostics import SCHEMA, InvalidDefinition, error


def check_resources(machine: Mapping[str, Any], serves: Callable[[str], bool]) -> None:
    """Raise InvalidDefinition, worded as AWS words it for what a region does not have."""
    found = [(where, arn) for where, arn in _resources(machine, "") if not serves(arn)]
    if found:
        raise InvalidDefinition([error(SCHEMA, _unknown(arn), where) for where, arn in found])


def _unknown(arn: str) -> str:
    return (
        f"The resource provided {arn} is not recognized. The value is not a valid resource ARN, "
        "or the resource is not available in this region."
    )


def _resources(machine: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    for name, state in machine.get("States", {}).items():
        where = f"{path}/States/{name}"
        if state.get("Type") == "Task":
            yield f"{where}/Resource", str(state.get("Resource"))
        for index, branch in enumerate(state.get("Branches", ())):
            yield from _resources(branch, f"{where}/Branches[{index}]")
        yield from _resources(state.get("ItemProcessor", {}), f"{where}/ItemProcessor")
