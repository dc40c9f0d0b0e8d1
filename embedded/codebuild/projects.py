"""Operations on projects."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from embedded.api_error import ApiError
from embedded.codebuild.project_checks import check_project, invalid
from embedded.json_store import read_json, write_json
from embedded.paging import page

Document = dict[str, Any]
PassRole = Callable[[str], None]

_DEFAULTS: Mapping[str, Any] = {"timeoutInMinutes": 60, "queuedTimeoutInMinutes": 480, "tags": []}
_PAGE = 100


class Projects:
    """All projects, kept as the API shows them; each operation takes the API's parameters."""

    def __init__(self, path: Path, arn: Callable[[str], str], encryption_key: str) -> None:
        self._path = path
        self._arn = arn
        self._encryption_key = encryption_key
        self._lock = threading.RLock()
        self._projects: dict[str, Document] = read_json(path, {})

    def create(self, params: Document, pass_role: PassRole) -> Document:
        """CreateProject."""
        check_project(params)
        pass_role(params["serviceRole"])
        with self._lock:
            if params["name"] in self._projects:
                raise ApiError(
                    "ResourceAlreadyExistsException", f"Project already exists: {self._arn(params['name'])}"
                )
            return {"project": self._put(params["name"], dict(_DEFAULTS) | params | {"created": time.time()})}

    def update(self, params: Document, pass_role: PassRole) -> Document:
        """UpdateProject: members that are given replace those of the project."""
        with self._lock:
            changed = self.get(params["name"]) | params
            check_project(changed)
            if "serviceRole" in params:
                pass_role(params["serviceRole"])
            return {"project": self._put(params["name"], changed)}

    def delete(self, params: Document) -> Document:
        """DeleteProject: one that is not there is gone already."""
        with self._lock:
            self._projects.pop(_name(params["name"]), None)
            self._save()
        return {}

    def batch_get(self, params: Document) -> Document:
        """BatchGetProjects."""
        found = {name: self._projects.get(_name(name)) for name in params["names"]}
        return {
            "projects": [project for project in found.values() if project],
            "projectsNotFound": [name for name, project in found.items() if not project],
        }

    def list(self, params: Document) -> Document:
        """ListProjects, by name unless asked otherwise."""
        by = {"CREATED_TIME": "created", "LAST_MODIFIED_TIME": "lastModified"}.get(
            params.get("sortBy", ""), "name"
        )
        projects = sorted(self._projects.values(), key=lambda project: project[by])
        if params.get("sortOrder") == "DESCENDING":
            projects.reverse()
        shown, more = page(
            [item["name"] for item in projects], params.get("nextToken"), _PAGE, invalid=invalid
        )
        return {"projects": shown, **more}

    def get(self, name: str) -> Document:
        """A project by name or ARN; ResourceNotFoundException where there is none."""
        found = self._projects.get(_name(name))
        if found is None:
            raise ApiError("ResourceNotFoundException", f"Project cannot be found: {self._arn(_name(name))}")
        return dict(found)

    def next_number(self, name: str) -> int:
        """The number of the project's next build."""
        with self._lock:
            project = self._projects[name]
            project["buildNumber"] = project.get("buildNumber", 0) + 1
            self._save()
            return int(project["buildNumber"])

    def _put(self, name: str, document: Document) -> Document:
        own = {"arn": self._arn(name), "lastModified": time.time()}
        self._projects[name] = {"encryptionKey": self._encryption_key, **document, **own}
        self._save()
        return dict(self._projects[name])

    def _save(self) -> None:
        write_json(self._path, json.dumps(self._projects))


def _name(reference: str) -> str:
    return reference.rpartition("/")[2] if reference.startswith("arn:") else reference
