"""Versions of state machines: a configuration that stays as it is, under a number.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-state-machine-version.html
"""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from embedded.stepfunctions.service import arns, errors, names
from embedded.stepfunctions.service.records import Catalog, Machine, Version

if TYPE_CHECKING:
    from embedded.stepfunctions.service.machines import Machines

Params = dict[str, Any]

MOST_VERSIONS = 1000
_NO_REVISION = "INITIAL"
"""What PublishStateMachineVersion calls the revision of a machine that was never updated."""


@dataclass(frozen=True)
class Versions:
    """The operations on versions."""

    machines: "Machines"

    @property
    def _catalog(self) -> Catalog:
        return self.machines.catalog

    def publish(self, params: Params) -> Params:
        """PublishStateMachineVersion: once for each revision."""
        with self.machines.lock:
            machine = self.machines.active(arns.unqualified(params["stateMachineArn"]).arn)
            current, wanted = machine.revision or _NO_REVISION, params.get("revisionId")
            if wanted is not None and wanted != current:
                raise errors.conflict(
                    f"Failed to publish the State Machine version for revision {wanted}. "
                    f"The current State Machine revision is {current}."
                )
            version = publish(self._catalog, machine, params.get("description"))
        return {"stateMachineVersionArn": version.arn, "creationDate": version.created}

    def list(self, params: Params) -> Params:
        """ListStateMachineVersions, the newest first; none of a machine that is not there."""
        arn = arns.unqualified(params["stateMachineArn"]).arn
        found, following = names.page(versions_of(self._catalog, arn), params)
        listed = [{"stateMachineVersionArn": each.arn, "creationDate": each.created} for each in found]
        return {"stateMachineVersions": listed, **following}

    def delete(self, params: Params) -> Params:
        """DeleteStateMachineVersion, unless an alias points there; one that is not there is no error."""
        reference = arns.machine(params["stateMachineVersionArn"])
        if reference.version is None:
            raise errors.invalid_arn(reference.arn)
        with self.machines.lock:
            named = [
                alias.name
                for alias in self._catalog.aliases.all(f"{reference.machine_arn}:")
                if any(route.version_arn == reference.arn for route in alias.routes)
            ]
            if named:
                raise errors.conflict(
                    "Version to be deleted must not be referenced by an alias. "
                    f"Current list of aliases referencing this version: [{', '.join(named)}]"
                )
            self._catalog.versions.remove(reference.arn)
        return {}


def versions_of(catalog: Catalog, machine_arn: str) -> list[Version]:
    """The versions of a machine, the newest first."""
    return sorted(catalog.versions.all(f"{machine_arn}:"), key=lambda version: -version.number)


def publish(catalog: Catalog, machine: Machine, description: str | None) -> Version:
    """The version of a machine's current revision, made where there is none."""
    known = versions_of(catalog, machine.arn)
    same = next((each for each in known if each.revision == machine.revision), None)
    if same:
        return same
    if len(known) >= MOST_VERSIONS:
        raise errors.quota(f"{machine.arn} has {MOST_VERSIONS} versions, as many as there may be")
    number = machine.versions + 1
    version = Version(
        arn=f"{machine.arn}:{number}",
        machine_arn=machine.arn,
        name=machine.name,
        number=number,
        configuration=machine.configuration,
        created=time.time(),
        revision=machine.revision,
        description=description,
    )
    with catalog.database.transaction():
        catalog.machines.put(machine.arn, machine.model_copy(update={"versions": number}))
        return catalog.versions.put(version.arn, version)
