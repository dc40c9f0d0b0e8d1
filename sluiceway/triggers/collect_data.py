"""Takes in an object of a dataset: it starts the clock that runs until the dataset has settled."""

from sluiceway.datasets.contracts import SettleDatasetInput
from sluiceway.gateways.ledger import EventRecord
from sluiceway.triggers.collection import Collection
from sluiceway.triggers.uploads import Upload, dataset_of, is_completion, is_folder_marker


def collect_data(upload: Upload, on: Collection) -> EventRecord:
    """Note that the dataset is settling and send the message that ends it; raises `PermanentError`."""
    dataset = dataset_of(upload.key)
    if is_folder_marker(upload.key):
        return on.record(upload, outcome="ignored", reason="an empty folder", dataset=dataset)
    at_once = is_completion(upload.key)
    on.ledger.expect_settling(dataset, upload.event_id)
    message = SettleDatasetInput(dataset=dataset, token=upload.event_id, at_once=at_once)
    on.settle_queue.send(message, delay=0 if at_once else on.settle_seconds)
    return on.record(upload, outcome="accepted", reason="the dataset is settling", dataset=dataset)
