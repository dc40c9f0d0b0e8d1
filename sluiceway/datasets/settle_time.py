"""How long nothing must be uploaded to a dataset until it is a version."""

import json
from collections.abc import Iterator

from pydantic import TypeAdapter, ValidationError

from sluiceway.gateways.ledger import CodePointer, Ledger
from sluiceway.projects.data_settings import Datasets, DatasetSettings

_DATA: TypeAdapter[dict[str, DatasetSettings]] = TypeAdapter(Datasets)


def settle_time(dataset: str, *, ledger: Ledger, default: float) -> float:
    """Seconds: the longest that the latest code of a project asks for; where none does, the stage's."""
    return max(_asked(dataset, ledger), default=default)


def _asked(dataset: str, ledger: Ledger) -> Iterator[float]:
    for project in ledger.subscribers(dataset):
        pointer = ledger.code_pointer(project)
        if pointer is None or pointer.retired is not None:
            continue
        settle = _settings(pointer).get(dataset, DatasetSettings()).settle
        if settle is not None:
            yield settle


def _settings(pointer: CodePointer) -> dict[str, DatasetSettings]:
    """`data:` of the latest `sluice.yaml`; nothing where another release wrote what this one cannot read."""
    try:
        return _DATA.validate_python(json.loads(pointer.config).get("data", []))
    except (ValidationError, ValueError, AttributeError):
        return {}
