"""Mistakes in how deployments are asked for."""

import itertools
from typing import Any
from unittest.mock import patch

from sluiceway.endpoints import request_deployment as requesting
from sluiceway.endpoints import sweep_registry as sweeping
from sluiceway.gateways.ledger import Ledger

Patches = list[Any]
_number = itertools.count()


def deployment_named_anew() -> Patches:
    """each delivery of a wish starts a deployment under a name of its own"""
    real = requesting.deployment_id_of
    return [
        patch.object(
            requesting, "deployment_id_of", lambda project, wish: real(project, f"{wish}{next(_number)}")
        )
    ]


def deployment_named_after_its_project() -> Patches:
    """a second wish for a project finds the name of the first"""
    return [patch.object(requesting, "deployment_id_of", lambda project, _: f"{project}-deploy")]


def decided_after_acting() -> Patches:
    """a wish that comes again is decided on what is live by then"""
    return [patch.object(Ledger, "hold", lambda _self, _id, seen: seen)]


def wish_forgotten() -> Patches:
    """what came of a wish is not recorded"""
    return [patch.object(Ledger, "record_event", lambda *_: None)]


def alias_noted_before_it_is_asked() -> Patches:
    """a moved alias is noted before its deployment is asked for"""
    real = sweeping._ask

    def ask(project: str, version: str, ledger: Any, events: Any) -> None:
        ledger.note_champion(project, version)
        real(project, version, ledger, events)

    return [patch.object(sweeping, "_ask", ask)]


def sweep_asks_anew() -> Patches:
    """each sweep that finds an alias moved makes a wish of its own"""
    real = sweeping._event_id
    return [patch.object(sweeping, "_event_id", lambda *given: f"{real(*given)}-{next(_number)}")]
