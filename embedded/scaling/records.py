"""Scalable targets, policies and activities, as they lie on disk. Moments are seconds since 1970."""

from collections.abc import Mapping
from typing import Any

from embedded.record_book import Record


class Target(Record):
    """What may be scaled, and between which bounds."""

    id: str
    arn: str
    namespace: str
    resource: str
    dimension: str
    minimum: int
    maximum: int
    suspended: Mapping[str, bool] = {}
    created: float
    tags: Mapping[str, str] = {}


class Policy(Record):
    """When and how a target is scaled, as it was asked for."""

    id: str
    arn: str
    name: str
    target: str
    """The target's id."""
    kind: str
    config: Mapping[str, Any]
    alarms: tuple[str, ...] = ()
    """Names of the alarms that a target tracking policy has in CloudWatch."""
    created: float
    scaled_out: float = 0.0
    scaled_in: float = 0.0
    """When it did last, from which its cooldowns count."""


class Activity(Record):
    """Something that was scaled, or was to be."""

    id: str
    target: str
    namespace: str
    resource: str
    dimension: str
    description: str
    cause: str
    started: float
    ended: float
    status: str
    message: str
