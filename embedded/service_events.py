"""Events that services put on the default bus themselves, such as "Batch Job State Change"."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

logger = logging.getLogger(__name__)


class Place(Protocol):
    """Account and region of the cloud."""

    @property
    def account_id(self) -> str:
        """The account."""

    @property
    def region(self) -> str:
        """The region."""


Publish = Callable[[str, Mapping[str, Any], Sequence[str]], None]


def publisher(place: Place, source: str) -> Publish:
    """A function (detail type, detail, resources) that puts events of a service on the bus, in order."""
    in_order = ThreadPoolExecutor(1, thread_name_prefix=f"events of {source}")

    def publish(detail_type: str, detail: Mapping[str, Any], resources: Sequence[str]) -> None:
        entry = {
            "Source": source,
            "DetailType": detail_type,
            "Detail": json.dumps(detail),
            "Resources": list(resources),
        }
        in_order.submit(put, place, entry)

    return publish


def put(place: Place, entry: Mapping[str, Any]) -> None:
    """Put an entry, as PutEvents takes it, on the default bus; returns when its rules have been asked."""
    from ministack.core.responses import request_scope
    from ministack.services import eventbridge

    try:
        with request_scope(place.account_id, place.region):
            eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
    except Exception:
        logger.exception("%s was not published", entry["DetailType"])
