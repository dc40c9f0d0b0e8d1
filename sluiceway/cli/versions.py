"""Versions as people write them: the first digits of a hash, as long as only one version starts with them."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from sluiceway.errors import NotFound
from sluiceway.names import check_name

if TYPE_CHECKING:
    from sluiceway.gateways.ledger import Ledger

DIGITS = re.compile(r"[0-9a-f]{1,64}")


def dataset_versions(ledger: "Ledger", given: Sequence[str]) -> dict[str, str]:
    """`NAME@VERSION` each; raises `NotFound`, or typer's `BadParameter`."""
    found: dict[str, str] = {}
    for word in given:
        name, at, version = word.partition("@")
        if not at or name in found:
            raise typer.BadParameter(f"{word!r}: write NAME@VERSION, each dataset once")
        found[check_name(name, what="dataset")] = _dataset_version(ledger, name, version)
    return found


def _dataset_version(ledger: "Ledger", name: str, version: str) -> str:
    known = [each.version for each in ledger.dataset_versions(name, _digits(version))]
    return _only(version, known, of=f"the dataset {name}")


def code_version(ledger: "Ledger", project: str, given: str | None) -> str | None:
    """The code version that starts so; None: not asked for."""
    if given is None:
        return None
    known = [each.code_version for each in ledger.codes(project, _digits(given))]
    return _only(given, known, of=f"the code of {project}")


def _digits(version: str) -> str:
    if not DIGITS.fullmatch(version):
        raise typer.BadParameter(f"{version!r} is no version: write its first digits, 0-9 and a-f")
    return version


def _only(given: str, known: Sequence[str], *, of: str) -> str:
    if len(known) == 1:
        return known[0]
    if not known:
        raise NotFound(f"there is no version of {of} that starts with {given}")
    shown = ", ".join(version[: max(12, len(given) + 4)] for version in known[:5])
    raise NotFound(f"{len(known)} versions of {of} start with {given}: {shown}; write more digits")


def parameters(given: Sequence[str]) -> dict[str, str]:
    """`NAME=VALUE` each, as `mlflow run -P` takes them."""
    found: dict[str, str] = {}
    for word in given:
        name, equals, value = word.partition("=")
        if not equals or not name or name in found:
            raise typer.BadParameter(f"{word!r}: write NAME=VALUE, each parameter once")
        found[name] = value
    return found
