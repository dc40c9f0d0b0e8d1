"""Takes in what was uploaded: code, data, or something that is refused with a reason. Nothing is overlooked.

Every effect may be repeated: stored under a hash, moved forward only, or published under the upload's own
event id. So the outcome is recorded last; an upload whose outcome is recorded is done, however often it is
delivered.
"""

import hashlib
from collections.abc import Callable

from pydantic import ValidationError
from pydantic_core import from_json

from sluiceway.errors import InvalidUpload, PermanentError
from sluiceway.gateways.ledger import EventRecord
from sluiceway.triggers.collect_code import collect_code
from sluiceway.triggers.collect_data import collect_data
from sluiceway.triggers.collection import Collection
from sluiceway.triggers.refuse_run import refuse_run
from sluiceway.triggers.uploads import Upload, is_folder_marker, project_of

EXCERPT = 200
"""Characters of a message that a refusal keeps."""
COLLECTORS: dict[str, Callable[[Upload, Collection], EventRecord]] = {
    "code": collect_code,
    "data": collect_data,
}
"""By the first part of the key."""


def collect_message(body: str, on: Collection) -> EventRecord:
    """Take in what a message of the queue tells of.

    What S3 tells and this release cannot read is kept for one that can: it raises, and ends in the
    dead-letter queue. Anything else that found its way into the queue is recorded as refused.
    """
    try:
        upload = Upload.from_event(body)
    except ValidationError as error:
        if _is_of_s3(body):
            raise
        return _refuse_message(body, error, on)
    return collect_upload(upload, on)


def collect_upload(upload: Upload, on: Collection) -> EventRecord:
    """Take in one upload and record how it ended; raises `TransientError` when it should be tried again."""
    known = on.ledger.event(upload.event_id)
    if known is not None:
        return known
    record = _collect(upload, on)
    on.ledger.record_event(record)
    return record


def _collect(upload: Upload, on: Collection) -> EventRecord:
    top = upload.key.partition("/")[0]
    try:
        return COLLECTORS.get(top, _misplaced)(upload, on)
    except PermanentError as error:
        if is_folder_marker(upload.key) and upload.size == 0:
            return on.record(upload, outcome="ignored", reason="an empty folder")
        return _refuse(upload, str(error), on)


def _misplaced(upload: Upload, on: Collection) -> EventRecord:
    if upload.deleted:
        return on.record(upload, outcome="ignored", reason="what was misplaced was deleted")
    raise InvalidUpload(
        f"{upload.key!r} is neither code nor data: upload code/<project>/<name>.zip or data/<dataset>/<path>"
    )


def _is_of_s3(body: str) -> bool:
    try:
        told = from_json(body)
    except ValueError:
        return False
    return isinstance(told, dict) and told.get("source") == "aws.s3"


def _refuse_message(body: str, error: ValidationError, on: Collection) -> EventRecord:
    """Under the hash of its text, so that it is recorded once, however often it is delivered."""
    wrong = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, wrong["loc"]))
    record = EventRecord(
        event_id=hashlib.sha256(body.encode(errors="replace")).hexdigest()[:32],
        event="MessageReceived",
        subject=body[:EXCERPT],
        outcome="refused",
        reason=f"this is no event of S3 by way of EventBridge: {place}: {wrong['msg']}",
        recorded_at=on.now(),
    )
    on.ledger.record_event(record)
    return record


def _refuse(upload: Upload, reason: str, on: Collection) -> EventRecord:
    """Code that is refused is also shown as a failed run of its project, where the key names one."""
    project = _project(upload)
    if project is None:
        return on.record(upload, outcome="refused", reason=reason)
    run_id = refuse_run(
        project,
        event_id=upload.event_id,
        reason=reason,
        trigger="upload",
        at=on.now(),
        ledger=on.ledger,
        events=on.events,
    )
    return on.record(upload, outcome="refused", reason=reason, project=project, run_id=run_id)


def _project(upload: Upload) -> str | None:
    try:
        return project_of(upload.key) if upload.key.startswith("code/") else None
    except PermanentError:
        return None
