"""The settings of a stage: everything in which one deployed copy of the stacks differs from another."""

import platform
import sys
from collections.abc import Mapping
from typing import Annotated, Literal, Protocol

from pydantic import BeforeValidator, Field, StringConstraints

from cdk_app.bundling.target import Architecture, Target, Wheels
from sluiceway.contract import Contract

RetentionDays = Literal[1, 3, 5, 7, 14, 30, 60, 90, 180, 365]


GlueName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,255}\*?$")]
BucketPlace = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{2,62}(/[A-Za-z0-9_./=-]*[A-Za-z0-9_=-])?$")
]
WorkgroupName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9._-]{1,128}$")]
AccountId = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]


def _listed(value: object) -> object:
    """`-c trusted_accounts=111122223333,444455556666` is a list."""
    return [each.strip() for each in value.split(",") if each.strip()] if isinstance(value, str) else value


ActionsSubject = Annotated[
    str,
    StringConstraints(
        pattern=r"^repo:[A-Za-z0-9_-]+/[A-Za-z0-9_.-]+:(ref:refs/heads/|environment:)[A-Za-z0-9_./-]+$"
    ),
]
"""`repo:OWNER/NAME:ref:refs/heads/BRANCH` or `repo:OWNER/NAME:environment:NAME`, without wildcards."""


class StageSettings(Contract):
    """Values, never switches on the stage's name: two stages differ by these and by nothing else."""

    stage: str = Field(pattern=r"^[a-z][a-z0-9]{1,11}$")
    python_version: str = Field(pattern=r"^3\.(1[1-9])$")
    architecture: Architecture
    wheels: Wheels
    tracking_uri: str | None = Field(default=None, pattern=r"^https?://.+")
    """An MLflow server of one's own; None: the managed MLflow app is part of the tracking stack."""
    settle_seconds: int = Field(ge=0, le=86400)
    """A dataset is a new version when no object of it has changed for so long; projects may differ."""
    endpoint_poll_seconds: int = Field(ge=1, le=300)
    webhook_concurrency: int = Field(ge=0)
    """Webhooks that are received at once, so that a flood takes no other function's place. 0: no limit, for
    accounts with a small quota (Lambda keeps 100 back for functions without a reservation)."""
    actions_subjects: Annotated[tuple[ActionsSubject, ...], BeforeValidator(_listed)] = ()
    """Branches and environments of GitHub repositories whose workflows may push code."""
    reconcile_schedule: str = Field(pattern=r"^(rate|cron)\(.+\)$")
    """How often GitHub is asked for what was missed."""
    log_retention_days: RetentionDays
    archive_days: int = Field(ge=1)
    """How long events can be replayed."""
    max_vcpus: int = Field(ge=1)
    """Most vCPUs that all jobs together may use at once."""
    keep_data: bool
    """Whether buckets, ledger and images outlive the stacks."""
    export_schedule: str = Field(pattern=r"^(rate|cron)\(.+\)$")
    export_minutes: int = Field(ge=1)
    """How far back a scheduled export looks; not less than its period."""
    trusted_accounts: Annotated[tuple[AccountId, ...], BeforeValidator(_listed)] = ()
    """Other AWS accounts that may ask for runs and deployments, by an event on the stage's bus."""
    registry_sweep: str = Field(pattern=r"^rate\(.+\)$")
    """How often it is looked whether somebody moved the alias `champion` in the registry."""
    query_databases: Annotated[tuple[GlueName, ...], BeforeValidator(_listed)] = ()
    """Glue databases whose tables queries may read, beside `sluiceway_<stage>` and `sluiceway_<stage>_…`."""
    query_buckets: Annotated[tuple[BucketPlace, ...], BeforeValidator(_listed)] = ()
    """Where the data of those tables lies: `bucket`, or `bucket/prefix`."""
    query_workgroups: Annotated[tuple[WorkgroupName, ...], BeforeValidator(_listed)] = ()
    """Athena workgroups that a query may name, beside the stage's own."""
    query_scan_bytes: int = Field(default=10 * 2**30, ge=10_000_000)
    """The most that one query may scan in the stage's own workgroup; 10 GiB cost about 5 cents."""
    alarm_email: str | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING"] = "INFO"

    @property
    def target(self) -> Target:
        """For which machine layers and byte code are made."""
        return Target(python_version=self.python_version, architecture=self.architecture, wheels=self.wheels)

    @property
    def resource_prefix(self) -> str:
        """What names start with that must be known before a resource exists: endpoints, job definitions."""
        return f"sluiceway-{self.stage}"


class UnknownStageError(ValueError):
    """A stage that has no settings."""


class Context(Protocol):
    """The CDK's context: `cdk.json`, then `-c key=value`."""

    def try_get_context(self, key: str) -> object:
        """Value of a key, or None."""


_AWS = {
    "python_version": "3.13",
    "architecture": "arm64",
    "wheels": "lambda",
    "settle_seconds": 60,
    "endpoint_poll_seconds": 20,
    "export_schedule": "cron(10 0 * * ? *)",
    "export_minutes": 1440,
    "webhook_concurrency": 10,
    "reconcile_schedule": "rate(1 hour)",
    "registry_sweep": "rate(5 minutes)",
}
_STAGES: Mapping[str, Mapping[str, object]] = {
    "dev": _AWS | {"log_retention_days": 14, "archive_days": 14, "max_vcpus": 32, "keep_data": False},
    "prod": _AWS
    | {"log_retention_days": 365, "archive_days": 365, "max_vcpus": 256, "keep_data": True}
    | {"webhook_concurrency": 50},
    "local": _AWS
    | {
        "python_version": f"3.{sys.version_info.minor}",
        "architecture": "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64",
        "wheels": "host",
        "tracking_uri": "http://127.0.0.1:5000",
        "settle_seconds": 2,
        "endpoint_poll_seconds": 1,
        "registry_sweep": "rate(1 minute)",
        # AWS's documentation uses this number, and nobody has it: tests play another account with it.
        "trusted_accounts": ("111122223333",),
        "log_retention_days": 1,
        "archive_days": 1,
        "max_vcpus": 16,
        "keep_data": False,
    },
}
_OVERRIDABLE = (
    "query_databases",
    "query_buckets",
    "query_workgroups",
    "query_scan_bytes",
    "trusted_accounts",
    "tracking_uri",
    "webhook_concurrency",
    "actions_subjects",
    "python_version",
    "architecture",
    "alarm_email",
)


def stage_settings(context: Context) -> StageSettings:
    """Settings of the stage that the context names; `-c tracking_uri=…` and others override a value."""
    stage = str(context.try_get_context("stage"))
    if stage not in _STAGES:
        raise UnknownStageError(
            f"no settings for stage {stage!r}: use -c stage=… with one of {sorted(_STAGES)}"
        )
    overrides = {key: context.try_get_context(key) for key in _OVERRIDABLE}
    given = {key: value for key, value in overrides.items() if value is not None}
    return StageSettings.model_validate({"stage": stage, **_STAGES[stage], **given})
