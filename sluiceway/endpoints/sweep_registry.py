"""Finds the aliases `champion` that a person moved in the registry, and asks for their deployment.

MLflow tells neither who moved an alias nor when. But the ledger knows where the platform itself put it last
(`note_champion`), what is live, and what is under way: what is explained by none of them, a person did.
"""

import hashlib
import re
from collections.abc import Mapping

from sluiceway.endpoints.contracts import SweepRegistryInput, SweepRegistryOutput
from sluiceway.gateways.events import Events
from sluiceway.gateways.ledger import EndpointRecord, Ledger
from sluiceway.gateways.registry import Registry
from sluiceway.models.version_tags import CHAMPION
from sluiceway.names import NAME_PATTERN
from sluiceway.triggers.contracts import DeploymentAsked


def sweep_registry(
    given: SweepRegistryInput, *, ledger: Ledger, registry: Registry, events: Events
) -> SweepRegistryOutput:
    """One question to MLflow for all projects, and one to the ledger for each that has a champion."""
    aliases = registry.versions_by_alias(CHAMPION) if given.project is None else _one(given.project, registry)
    moved = [
        project
        for project, version in aliases.items()
        if _moved(project, version, ledger=ledger, registry=registry)
    ]
    for project in moved:
        _ask(project, aliases[project], ledger, events)
    return SweepRegistryOutput(looked_at=len(aliases), asked=tuple(moved))


def _one(project: str, registry: Registry) -> Mapping[str, str]:
    found = registry.version_by_alias(project, CHAMPION)
    return {} if found is None else {project: found.version}


def _moved(project: str, version: str, *, ledger: Ledger, registry: Registry) -> bool:
    """Whether a person moved it, and nobody has acted upon that yet."""
    if not re.fullmatch(NAME_PATTERN[1:-1], project):
        return False  # a model of somebody else on the same server
    live = ledger.endpoint(project)
    if live is not None and live.model_version == version:
        return False
    if ledger.noted_champion(project) == version or ledger.code_pointer(project) is None:
        return False
    if ledger.deployment_under_way(project) is not None:
        return False  # it moves the alias itself, at its end: the next sweep looks again
    return _stands(project, version, live, ledger=ledger, registry=registry)


def _stands(
    project: str, version: str, live: EndpointRecord | None, *, ledger: Ledger, registry: Registry
) -> bool:
    """A deployment that ended between the two looks moves what is live, or the alias."""
    alias, now = registry.version_by_alias(project, CHAMPION), ledger.endpoint(project)
    same = (now and now.deployment_id) == (live and live.deployment_id)
    return same and alias is not None and alias.version == version


def _ask(project: str, version: str, ledger: Ledger, events: Events) -> None:
    """Asked first, noted after: an event that is published twice is one deployment."""
    live = ledger.endpoint(project)
    asked = DeploymentAsked(
        event_id=_event_id(project, version, live.deployment_id if live else ""),
        project=project,
        model_version=version,
        trigger="registry",
    )
    events.publish(asked)
    ledger.note_champion(project, version)


def _event_id(project: str, version: str, instead_of: str) -> str:
    """The same however it was noticed, until something else is live."""
    digest = hashlib.sha256(f"{project}/{version}/{instead_of}".encode()).hexdigest()
    return f"champion-{digest[:24]}"
