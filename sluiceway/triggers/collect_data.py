"""Takes in an object of a dataset, or its deletion: somebody will look whether the dataset has settled."""

from sluiceway.datasets.contracts import SettleDatasetInput
from sluiceway.datasets.pending import PendingDataset, delay_of, note_upload
from sluiceway.gateways.ledger import EventRecord
from sluiceway.triggers.collection import Collection
from sluiceway.triggers.uploads import Upload, dataset_of, is_completion, is_folder_marker, is_manifest


def collect_data(upload: Upload, on: Collection) -> EventRecord:
    """See to it that a timer looks at the dataset; raises `PermanentError`."""
    dataset = dataset_of(upload.key)
    if is_folder_marker(upload.key):
        return on.record(upload, outcome="ignored", reason="an empty folder", dataset=dataset)
    state = _noted(dataset, upload, on)
    if state is not None and state.sent_by == upload.event_id and state.timer is not None:
        _send(SettleDatasetInput(dataset=dataset, token=state.timer), on, delay=delay_of(state, now=on.now()))
    if _says_complete(upload):
        _send(SettleDatasetInput(dataset=dataset, token=upload.event_id, at_once=True), on)
    return on.record(upload, outcome="accepted", reason="the dataset is settling", dataset=dataset)


def _noted(dataset: str, upload: Upload, on: Collection) -> PendingDataset | None:
    """The state that knows of the upload: written here, or sufficient as it was."""
    while True:
        seen = on.ledger.pending_dataset(dataset)
        wanted = note_upload(
            seen, dataset=dataset, upload=upload.event_id, now=on.now(), settle=on.settle_seconds
        )
        if wanted is None or on.ledger.move_pending_dataset(wanted, seen=seen):
            return wanted or seen


def _says_complete(upload: Upload) -> bool:
    return not upload.deleted and (is_completion(upload.key) or is_manifest(upload.key))


def _send(message: SettleDatasetInput, on: Collection, *, delay: int = 0) -> None:
    on.settle_queue.send(message, delay=delay)
