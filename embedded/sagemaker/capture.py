"""Data capture: what endpoints were asked and answered, as files in S3, written under the execution role.

Lines are gathered on disk, file by file, and so survive a kill; a file goes to S3 when it is old or large
enough ("The delivery of capture data to Amazon S3 can require a couple of minutes"), and at an orderly stop.
"""

import logging
import random
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from pydantic import BaseModel, ConfigDict

from embedded.authority import AccessDenied
from embedded.json_store import records, write_json
from embedded.sagemaker import capture_format
from embedded.sagemaker.clock import Clock
from embedded.sagemaker.fleet import Lease
from embedded.sagemaker.model_calls import ModelAnswer
from embedded.sagemaker.model_data import split

logger = logging.getLogger(__name__)

FILE_SECONDS, FILE_BYTES = 20.0, 2**20
"""When a file is closed and goes to S3."""

_LOOK_SECONDS = 5.0


@dataclass(frozen=True)
class Exchange:
    """A request that a container answered with success."""

    endpoint: str
    lease: Lease
    params: Mapping[str, Any]
    answer: ModelAnswer


class _File(BaseModel):
    """One file on its way to S3; its lines lie beside this record."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    role_arn: str
    bucket: str
    key: str
    began: float


class Capture:
    """Captures exchanges of endpoints whose configuration asks for it."""

    def __init__(self, folder: Path, client: Callable[[str], Any], clock: Clock) -> None:
        """`client` gives a client of S3 under a role."""
        self._folder = folder
        self._client = client
        self._clock = clock
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        # By what a file is for: endpoint, variant, destination, role and hour.
        self._open: dict[tuple[str, ...], _File] = {}
        self._left = list(records(folder, _File))

    def start(self) -> None:
        """Send files now and then, in a thread of its own; first those that an earlier server left."""
        threading.Thread(target=self._keep_sending, daemon=True, name="data capture").start()

    def take(self, exchange: Exchange) -> None:
        """Write an exchange down, if it is one to capture."""
        config = exchange.lease.fleet.options.capture
        if config is None or not config.get("EnableCapture", True):
            return
        if random.random() * 100 >= config["InitialSamplingPercentage"]:  # noqa: S311 - no secret
            return
        now = self._clock.now()
        params, answer = exchange.params, exchange.answer
        text = capture_format.line(
            config,
            request=(params["Body"], params.get("ContentType")),
            response=(answer.body, answer.content_type),
            at=now,
            inference_id=params.get("InferenceId"),
            attributes=params.get("CustomAttributes"),
        )
        self._append(exchange, config["DestinationS3Uri"], now, text)

    def send(self, *, everything: bool = False) -> None:
        """Bring files to S3 that are old or large enough; all of them at an orderly stop."""
        with self._sending:
            with self._lock:
                is_due = (lambda _file: True) if everything else self._is_due
                due = {purpose for purpose, file in self._open.items() if is_due(file)}
                closed = [self._open.pop(purpose) for purpose in due]
            for file in closed:
                self._put(file)

    def _append(self, exchange: Exchange, destination: str, now: float, text: str) -> None:
        lease = exchange.lease
        role = lease.fleet.variants[lease.instance.variant].role_arn
        hour = str(int(now // 3600))
        purpose = (exchange.endpoint, lease.instance.variant, destination, role, hour)
        with self._lock:
            file = self._open.get(purpose) or self._begin(purpose, now)
            with self._lines(file).open("a") as lines:
                lines.write(text + "\n")

    def _begin(self, purpose: tuple[str, ...], now: float) -> _File:
        endpoint, variant, destination, role, _hour = purpose
        bucket, prefix = split(destination)
        key = capture_format.key(prefix, endpoint, variant, now)
        file = _File(name=uuid.uuid4().hex, role_arn=role, bucket=bucket, key=key, began=now)
        write_json(self._folder / f"{file.name}.json", file.model_dump_json())
        self._open[purpose] = file
        return file

    def _is_due(self, file: _File) -> bool:
        is_old = self._clock.now() - file.began >= FILE_SECONDS
        return is_old or self._lines(file).stat().st_size >= FILE_BYTES

    def _lines(self, file: _File) -> Path:
        return self._folder / f"{file.name}.jsonl"

    def _put(self, file: _File) -> None:
        lines = self._lines(file)
        try:
            if lines.exists():
                s3 = self._client(file.role_arn)
                s3.put_object(Bucket=file.bucket, Key=file.key, Body=lines.read_bytes())
        except (ClientError, AccessDenied) as error:
            # A request is answered whether it can be captured or not: all that tells is that nothing arrives.
            logger.warning("captured data was not written to s3://%s/%s: %s", file.bucket, file.key, error)
        (self._folder / f"{file.name}.json").unlink(missing_ok=True)
        lines.unlink(missing_ok=True)

    def _keep_sending(self) -> None:
        for file in self._left:
            self._put(file)
        never = threading.Event()
        while True:
            self._clock.sleep(_LOOK_SECONDS, never)
            try:
                self.send()
            except Exception:
                logger.exception("captured data was not sent")
