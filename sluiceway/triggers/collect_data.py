"""Takes in an object of a dataset, or its deletion: somebody will look whether the dataset has settled."""

from sluiceway.datasets.contracts import SettleDatasetInput
from sluiceway.datasets.pending import PendingDataset, note_upload
from sluiceway.datasets.send_timer import send_timer
from sluiceway.gateways.ledger import EventRecord
from sluiceway.triggers.collection import Collection
from sluiceway.triggers.uploads import Upload, dataset_of, is_completion, is_folder_marker, is_manifest


def collect_data(upload: Upload, on: Collection) -> EventRecord:
    """See to it that a timer looks at the dataset; raises `PermanentError`."""
    dataset = dataset_of(upload.key)
    if is_folder_marker(upload.key):
        return on.record(upload, outcome="ignored", reason="an empty folder", dataset=dataset)
    state = _noted(dataset, upload, on)
    send_timer(state, by=upload.event_id, ledger=on.ledger, queue=on.settle_queue, now=on.now())
    if _says_complete(upload):
        on.settle_queue.send(SettleDatasetInput(dataset=dataset, token=upload.event_id, at_once=True))
    return on.record(upload, outcome="accepted", reason="the dataset is settling", dataset=dataset)


def _noted(dataset: str, upload: Upload, on: Collection) -> PendingDataset:
    """The state that knows of the upload: written here, or sufficient as it was."""
    while True:
        seen = on.ledger.pending_dataset(dataset)
        wanted = note_upload(
            seen, dataset=dataset, upload=upload.event_id, now=on.now(), settle=on.settle_seconds
        )
        if wanted is None and seen is not None:
            return seen
        if wanted is not None and on.ledger.move_pending_dataset(wanted, seen=seen):
            return wanted


def _says_complete(upload: Upload) -> bool:
    return not upload.deleted and (is_completion(upload.key) or is_manifest(upload.key))
