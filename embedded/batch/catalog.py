"""Compute environments, job queues, scheduling policies and job definitions, kept as the API shows them."""

import json
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from embedded.api_error import ApiError
from embedded.batch.instances import ANY, instances_of
from embedded.batch.slots import Environment, Queue
from embedded.json_store import read_json, write_json

Document = dict[str, Any]

ENVIRONMENTS = "compute-environment"
QUEUES = "job-queue"
POLICIES = "scheduling-policy"
DEFINITIONS = "job-definition"


def invalid(message: str) -> ApiError:
    """Batch's error for everything that a caller can mend."""
    return ApiError("ClientException", message)


class Catalog:
    """Documents by kind and name; every change is on disk before it is seen."""

    def __init__(self, path: Path, arn: Callable[[str, str], str]) -> None:
        """`arn(kind, name)` makes an ARN of this account and region."""
        self._path = path
        self._lock = threading.RLock()
        self.arn = arn
        self._lacking: dict[str, str | None] = {}
        empty: dict[str, dict[str, Any]] = {ENVIRONMENTS: {}, QUEUES: {}, POLICIES: {}, DEFINITIONS: {}}
        self._kinds: dict[str, dict[str, Any]] = empty | read_json(path, {})

    def create(self, kind: str, name: str, document: Document) -> None:
        """Add a document; refused when its name is taken."""
        with self._lock:
            if name in self._kinds[kind]:
                raise invalid(f"Object already exists: {name}")
            self.put(kind, name, document)

    def put(self, kind: str, name: str, document: Document) -> None:
        """Add or replace a document."""
        with self._lock:
            self._kinds[kind][name] = document
            self._save()

    def remove(self, kind: str, name: str) -> None:
        """Forget a document."""
        with self._lock:
            self._kinds[kind].pop(name, None)
            self._save()

    def get(self, kind: str, reference: str) -> Document:
        """A document by name or ARN; ClientException where there is none."""
        found = self.find(kind, reference)
        if found is None:
            raise invalid(f"{self.arn(kind, name_of(reference))} does not exist")
        return found

    def find(self, kind: str, reference: str) -> Document | None:
        """A document by name or ARN."""
        with self._lock:
            return self._kinds[kind].get(name_of(reference))

    def all(self, kind: str) -> list[Document]:
        """All documents of a kind, in order of creation."""
        with self._lock:
            return list(self._kinds[kind].values())

    def register(self, name: str, document: Document) -> Document:
        """Add the next revision of a job definition."""
        with self._lock:
            revisions = self._kinds[DEFINITIONS].setdefault(name, [])
            revision = revisions[-1]["revision"] + 1 if revisions else 1
            arn = self.arn(DEFINITIONS, f"{name}:{revision}")
            revisions.append(document | {"revision": revision, "jobDefinitionArn": arn, "status": "ACTIVE"})
            self._save()
            return dict(revisions[-1])

    def revisions(self) -> list[Document]:
        """All revisions of all job definitions."""
        with self._lock:
            return [revision for name in self._kinds[DEFINITIONS].values() for revision in name]

    def definition(self, reference: str) -> Document:
        """A job definition by ARN, `name:revision`, or name, which means its latest active revision."""
        name, _, revision = name_of(reference).partition(":")
        with self._lock:
            found = [item for item in self._kinds[DEFINITIONS].get(name, ()) if item["status"] == "ACTIVE"]
        if revision:
            found = [item for item in found if str(item["revision"]) == revision]
        if not found:
            raise invalid(f"JobDefinition {reference} does not exist or is INACTIVE")
        return dict(found[-1])

    def deactivate(self, arn: str) -> None:
        """Deregister one revision."""
        with self._lock:
            for revision in self.revisions():
                if revision["jobDefinitionArn"] == arn:
                    revision["status"] = "INACTIVE"
            self._save()

    def tagged(self, arn: str) -> Document:
        """The document behind an ARN, whatever its kind."""
        everything = [*self.revisions(), *self.all(ENVIRONMENTS), *self.all(QUEUES), *self.all(POLICIES)]
        for document in everything:
            if arn in document.values():
                return document
        raise invalid(f"{arn} does not exist")

    def tag(self, arn: str, change: Callable[[Mapping[str, str]], dict[str, str]]) -> None:
        """Change the tags of the document behind an ARN."""
        with self._lock:
            document = self.tagged(arn)
            document["tags"] = change(document.get("tags", {}))
            self._save()

    def queues(self) -> list[Queue]:
        """All queues as the scheduler sees them; a disabled one takes no jobs, but runs those that it has."""
        return [self.queue(queue) for queue in self.all(QUEUES)]

    def queue(self, document: Document) -> Queue:
        """One queue as the scheduler sees it; disabled environments take no jobs."""
        order = sorted(document["computeEnvironmentOrder"], key=lambda item: item["order"])
        found = (self.find(ENVIRONMENTS, item["computeEnvironment"]) for item in order)
        policy = self.find(POLICIES, document.get("schedulingPolicyArn") or "")
        return Queue(
            arn=document["jobQueueArn"],
            priority=document["priority"],
            environments=tuple(
                self._environment(item) for item in found if item is not None and item["state"] == "ENABLED"
            ),
            policy=None if policy is None else policy.get("fairsharePolicy", {}),
            limits=document.get("jobStateTimeLimitActions", ()),
        )

    def lack(self, environment: str, instance_type: str | None) -> None:
        """Have an environment find no instances of a type, or (None) find them again."""
        self._lacking[name_of(environment)] = instance_type

    def _environment(self, document: Document) -> Environment:
        resources = document["computeResources"]
        types = resources.get("instanceTypes", ())
        return Environment(
            arn=document["computeEnvironmentArn"],
            max_vcpus=float(resources["maxvCpus"]),
            instances=instances_of(types) or (ANY,),
            lacking=self._lacking.get(document["computeEnvironmentName"]),
        )

    def _save(self) -> None:
        write_json(self._path, json.dumps(self._kinds))


def name_of(reference: str) -> str:
    """The name in an ARN; a name as it is."""
    return reference.rpartition("/")[2] if reference.startswith("arn:") else reference
