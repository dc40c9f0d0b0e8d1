"""State machines: create, describe, update, list, delete."""

import json
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from embedded.api_error import ApiError
from embedded.stepfunctions.language.definition import InvalidDefinition, parse
from embedded.stepfunctions.service import arns, configuration, errors, names, tags
from embedded.stepfunctions.service.records import Catalog, Configuration, Machine, Version
from embedded.stepfunctions.service.resources import check_resources
from embedded.stepfunctions.service.variables import references
from embedded.stepfunctions.service.versions import publish

Params = dict[str, Any]
_CHANGEABLE = (
    "definition",
    "roleArn",
    "loggingConfiguration",
    "tracingConfiguration",
    "encryptionConfiguration",
)


@dataclass(frozen=True)
class Machines:
    """The operations on state machines."""

    place: arns.Place
    catalog: Catalog
    log_group_exists: configuration.GroupExists
    serves: Callable[[str], bool]
    """Whether a Task's `Resource` can be called here."""
    on_delete: Callable[[Machine], None] = lambda _machine: None
    """Called with a machine that is to go, once it is marked so."""
    lock: Any = field(default_factory=threading.RLock)

    def create(self, params: Params) -> Params:
        """CreateStateMachine; the same request again is answered as the first."""
        name = names.check_name(params["name"])
        arn = arns.make(self.place, "stateMachine", name)
        wanted = self._configuration(params)
        with self.lock:
            known = self.catalog.machines.find(arn)
            return self._again(known, wanted, params) if known else self._create(arn, name, wanted, params)

    def describe(self, params: Params) -> Params:
        """DescribeStateMachine, of a machine or a version."""
        reference = arns.machine(params["stateMachineArn"])
        machine = self.find(reference.machine_arn, named=reference.arn)
        if reference.qualifier is None:
            answer = {"status": "DELETING" if machine.is_deleting else "ACTIVE"}
            return self._described(machine, params) | answer
        version = self.catalog.versions.find(reference.arn)
        if version is None:
            raise errors.no_machine(reference.arn)
        return self._described(version, params) | {"status": "ACTIVE", "description": version.description}

    def update(self, params: Params) -> Params:
        """UpdateStateMachine; only another configuration is another revision."""
        arn = arns.unqualified(params["stateMachineArn"]).arn
        if not params.get("publish") and not any(member in params for member in _CHANGEABLE):
            raise ApiError(
                "MissingRequiredParameter",
                "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration "
                "must be specified",
            )
        with self.lock:
            machine = self.active(arn)
            changed = self._changed(machine, self._merged(machine.configuration, params))
            published = self._published(changed, params)
        answer = {"updateDate": changed.updated, "revisionId": changed.revision}
        return answer | ({"stateMachineVersionArn": published.arn} if published else {})

    def list(self, params: Params) -> Params:
        """ListStateMachines, by name."""
        found, following = names.page(self.catalog.machines.all(), params)
        return {"stateMachines": [_listed(machine) for machine in found], **following}

    def delete(self, params: Params) -> Params:
        """DeleteStateMachine: its executions end first. A machine that is not there is no error."""
        arn = arns.unqualified(params["stateMachineArn"]).arn
        with self.lock:
            machine = self.catalog.machines.find(arn)
            if machine and not machine.is_deleting:
                machine = self.catalog.machines.put(arn, machine.model_copy(update={"is_deleting": True}))
        if machine:
            self.on_delete(machine)
        return {}

    def forget(self, arn: str) -> None:
        """Remove a machine with its versions, aliases and tags."""
        with self.lock, self.catalog.database.transaction():
            for version in self.catalog.versions.all(f"{arn}:"):
                self.catalog.versions.remove(version.arn)
            for alias in self.catalog.aliases.all(f"{arn}:"):
                self.catalog.aliases.remove(alias.arn)
            self.catalog.tags.remove(arn)
            self.catalog.machines.remove(arn)

    def find(self, arn: str, *, named: str | None = None) -> Machine:
        """A machine, which may be about to go; `named` is the ARN that an error names."""
        machine = self.catalog.machines.find(arn)
        if machine is None:
            raise errors.no_machine(named or arn)
        return machine

    def active(self, arn: str, *, named: str | None = None) -> Machine:
        """A machine that stays."""
        machine = self.find(arn, named=named)
        if machine.is_deleting:
            raise errors.machine_deleting(arn)
        return machine

    def _configuration(self, params: Params) -> Configuration:
        configuration.check_type(params.get("type"))
        configuration.check_encryption(params.get("encryptionConfiguration"))
        _check_version_description(params)
        self._check_definition(params["definition"])
        return Configuration(
            definition=params["definition"],
            role_arn=arns.role(params["roleArn"]),
            logging=configuration.logging(params.get("loggingConfiguration"), self.log_group_exists),
            tracing=configuration.tracing(params.get("tracingConfiguration")),
        )

    def _check_definition(self, text: str) -> None:
        try:
            check_resources(parse(text), self.serves)
        except InvalidDefinition as refused:
            raise ApiError("InvalidDefinition", str(refused)) from refused

    def _create(self, arn: str, name: str, wanted: Configuration, params: Params) -> Params:
        now = time.time()
        machine = Machine(
            arn=arn,
            name=name,
            configuration=wanted,
            created=now,
            updated=now,
            published=bool(params.get("publish")),
            version_description=params.get("versionDescription"),
        )
        kept = tags.checked({}, params.get("tags", ()), arn)
        with self.catalog.database.transaction():
            self.catalog.machines.put(arn, machine)
            self.catalog.tags.put(arn, kept)
            published = self._published(machine, params)
        return _created(machine, published)

    def _again(self, known: Machine, wanted: Configuration, params: Params) -> Params:
        if known.is_deleting:
            raise errors.machine_deleting(known.arn)
        # Another role or other tags do not count, and are not applied.
        same = known.configuration == wanted.model_copy(update={"role_arn": known.configuration.role_arn})
        same = same and known.published == bool(params.get("publish"))
        if not same or known.version_description != params.get("versionDescription"):
            raise errors.machine_exists(known.arn)
        return _created(known, self.catalog.versions.find(f"{known.arn}:1") if known.published else None)

    def _merged(self, before: Configuration, params: Params) -> Configuration:
        configuration.check_encryption(params.get("encryptionConfiguration"))
        _check_version_description(params)
        changes: Params = {}
        if "definition" in params:
            self._check_definition(params["definition"])
            changes["definition"] = params["definition"]
        if "roleArn" in params:
            changes["role_arn"] = arns.role(params["roleArn"])
        if "loggingConfiguration" in params:
            given = params["loggingConfiguration"]
            changes["logging"] = configuration.logging(_completed(given, before), self.log_group_exists)
        if "tracingConfiguration" in params:
            changes["tracing"] = configuration.tracing(params["tracingConfiguration"])
        return before.model_copy(update=changes)

    def _changed(self, machine: Machine, wanted: Configuration) -> Machine:
        changes: Params = {"updated": time.time()}
        if wanted != machine.configuration:
            changes |= {"configuration": wanted, "revision": str(uuid.uuid4())}
        return self.catalog.machines.put(machine.arn, machine.model_copy(update=changes))

    def _published(self, machine: Machine, params: Params) -> Version | None:
        if not params.get("publish"):
            return None
        return publish(self.catalog, machine, params.get("versionDescription"))

    def _described(self, found: Machine | Version, params: Params) -> Params:
        kept = found.configuration
        whole = params.get("includedData") != "METADATA_ONLY"
        return {
            "stateMachineArn": found.arn,
            "name": found.name,
            "type": "STANDARD",
            "creationDate": found.created,
            "revisionId": found.revision,
            **configured(kept, whole=whole),
        }


def configured(kept: Configuration, *, whole: bool) -> Params:
    """A configuration as the describing operations give it; without `whole` not what it does."""
    found = references(json.loads(kept.definition)) if whole else {}
    return {
        # The model wants a definition; AWS gives an empty one in its place.
        "definition": kept.definition if whole else "",
        "roleArn": kept.role_arn,
        "loggingConfiguration": kept.logging,
        "tracingConfiguration": kept.tracing,
        "encryptionConfiguration": configuration.ENCRYPTION,
        **({"variableReferences": found} if found else {}),
    }


def _completed(given: Mapping[str, Any], before: Configuration) -> Params:
    return dict(given) if given.get("level") else dict(before.logging) | dict(given)


def _check_version_description(params: Params) -> None:
    if params.get("versionDescription") is not None and not params.get("publish"):
        raise errors.validation("Version description can only be set when publish is true")


def _created(machine: Machine, published: Version | None) -> Params:
    answer = {"stateMachineArn": machine.arn, "creationDate": machine.created}
    return answer | ({"stateMachineVersionArn": published.arn} if published else {})


def _listed(machine: Machine) -> Params:
    return {
        "stateMachineArn": machine.arn,
        "name": machine.name,
        "type": "STANDARD",
        "creationDate": machine.created,
    }
