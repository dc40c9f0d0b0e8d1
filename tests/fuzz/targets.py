"""What is fuzzed. A target takes bytes and fails by any error that its code does not promise."""

import json
import posixpath
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import typer
from pydantic import ValidationError

from sluiceway.cli.moments import moment
from sluiceway.datasets.upload_manifest import read_upload_manifest
from sluiceway.errors import InvalidDataset, InvalidProject, InvalidUpload, PermanentError
from sluiceway.github.commands import read_command
from sluiceway.github.names import check_branch, check_repository
from sluiceway.github.receive_webhook import GitHubReceiver
from sluiceway.names import check_name, check_relative_path
from sluiceway.projects.archive import open_archive
from sluiceway.projects.read_project import read_project
from sluiceway.projects.schedule_cron import read_cron
from sluiceway.projects.schedule_rrule import read_rrule
from sluiceway.projects.sluice_yaml import validate
from sluiceway.triggers.dead_letters import read_letter
from sluiceway.triggers.uploads import Upload, dataset_of, project_of
from sluiceway.webhook import RefusedRequest, WebhookRequest
from tests.fakes.dead_letters import letter
from tests.fakes.queues import MemoryQueue
from tests.fakes.samples import MemoryTree, project_files

Target = Callable[[bytes], None]
EVENTS = (
    "push",
    "pull_request",
    "release",
    "workflow_dispatch",
    "issue_comment",
    "ping",
    "repository_dispatch",
)


def archive(data: bytes) -> None:
    """A zip that somebody uploaded: refused, or files that stay inside, each as large as it claims."""
    with suppress(InvalidUpload):
        tree = open_archive(data)
        for path in tree.paths():
            tree.read(path)
            if posixpath.normpath(f"/base/{path}") != f"/base/{path}":
                raise AssertionError(path)


def sluice_yaml(data: bytes) -> None:
    """A `sluice.yaml`: refused with file and line, or a configuration that survives its own JSON."""
    with suppress(InvalidProject):
        config = validate(data)
        text = config.model_dump_json(exclude_defaults=True)
        if type(config).model_validate_json(text) != config:
            raise AssertionError(text)


def mlproject(data: bytes) -> None:
    """An `MLproject` beside a right `sluice.yaml`."""
    with suppress(InvalidProject):
        read_project(MemoryTree(project_files() | {"MLproject": data}))


def requirements(data: bytes) -> None:
    """The requirements of an environment."""
    with suppress(InvalidProject):
        read_project(MemoryTree(project_files() | {"requirements.txt": data}))


def s3_event(data: bytes) -> None:
    """EventBridge's event of an upload."""
    with suppress(ValidationError):
        upload = Upload.from_event(_text(data))
        _of_key(upload.key)


def keys(data: bytes) -> None:
    """Keys, names, paths, refs and repositories."""
    text = _text(data)
    _of_key(f"code/{text}")
    _of_key(f"data/{text}")
    for check in (check_name, check_branch, check_repository):
        with suppress(PermanentError):
            check(text)
    with suppress(ValueError):
        check_relative_path(text)


def cron(data: bytes) -> None:
    """A cron expression: refused, or one that fires some day."""
    with suppress(ValueError):
        read_cron(_text(data))


def rrule(data: bytes) -> None:
    """A recurrence rule: refused with the reason, or moments."""
    with suppress(ValueError):
        read_rrule(_text(data))


def webhook(data: bytes) -> None:
    """A request that GitHub has signed, whatever it says: taken, ignored or refused."""
    event = EVENTS[data[0] % len(EVENTS)] if data else "push"
    headers = {"x-github-event": event, "x-github-delivery": "d", "content-type": "application/json"}
    with suppress(RefusedRequest):
        GitHubReceiver(secrets=_Signed(), queue=MemoryQueue())(WebhookRequest("/github", headers, data[1:]))  # type: ignore[arg-type]


def command(data: bytes) -> None:
    """What a comment asks for."""
    with suppress(PermanentError):
        read_command(_text(data))


def manifest(data: bytes) -> None:
    """The manifest of an upload."""
    with suppress(InvalidDataset):
        read_upload_manifest("flights", data)


def dead_letter(data: bytes) -> None:
    """A dead letter, whoever sent it."""
    read_letter(letter(body=_text(data)), "triggers")
    read_letter(letter(body="{}", TARGET_ARN=_text(data), RETRY_ATTEMPTS=_text(data)), "triggers")


def since(data: bytes) -> None:
    """A moment on the command line."""
    with suppress(typer.BadParameter):
        moment(_text(data))


class _Signed:
    """Secrets with which everything was signed."""

    def have_signed(self, _body: bytes, _signature: str) -> bool:
        return True


def _of_key(key: str) -> None:
    for read in (project_of, dataset_of):
        with suppress(PermanentError):
            check_name(read(key))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


TARGETS: Mapping[str, Target] = {
    target.__name__: target
    for target in (
        archive,
        sluice_yaml,
        mlproject,
        requirements,
        s3_event,
        keys,
        cron,
        rrule,
        webhook,
        command,
        manifest,
        dead_letter,
        since,
    )
}


def as_json(value: Any) -> bytes:
    """A seed."""
    return json.dumps(value).encode()
