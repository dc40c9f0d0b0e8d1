"""Which version of a dataset a word on the command line means: NAME@VERSION, NAME@<first digits>, or NAME."""

from typing import TYPE_CHECKING

from sluiceway.cli.finding import nearest
from sluiceway.cli.versions import dataset_versions
from sluiceway.errors import NotFound
from sluiceway.names import check_name

if TYPE_CHECKING:
    from sluiceway.gateways.ledger import Ledger
    from sluiceway.gateways.records import DatasetPointer


def find_dataset(ledger: "Ledger", name: str) -> "DatasetPointer":
    """Find the latest version of a dataset; raises `NotFound` with the nearest names."""
    found = ledger.dataset_pointer(check_name(name, what="dataset"))
    if found is None:
        known = [each.dataset for each in ledger.datasets()]
        raise NotFound(f"there is no dataset {name!r}{nearest(name, known)}; `sluice data list` lists them")
    return found


def find_version(ledger: "Ledger", word: str) -> "DatasetPointer":
    """Find a version; digits with which several versions start are refused."""
    name, at, _ = word.partition("@")
    latest = find_dataset(ledger, name)
    if not at:
        return latest
    ((_, version),) = dataset_versions(ledger, [word]).items()
    found = ledger.dataset(name, version)
    return latest if found is None else found
