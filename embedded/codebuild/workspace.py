"""The folder of a build while it runs, and what its processes are told."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from embedded.codebuild.buildspec import Buildspec
from embedded.codebuild.model import Build
from embedded.codebuild.variables import build_variables
from embedded.images.installers import cache_folder
from embedded.images.resolve import image_store
from embedded.images.shims import shim_environment, shims
from embedded.supervision import ProcessCloud


class Workspace:
    """Source, home and scratch of one build."""

    def __init__(self, build: Build, folder: Path) -> None:
        self._build = build
        self._folder = folder
        self.source = folder / "src"

    def plan(self, buildspec: Buildspec) -> Path:
        """Write down what the agent is to run."""
        phases = [asdict(phase) for phase in buildspec.phases]
        plan = {
            "folder": str(self._folder),
            "source": str(self.source),
            "exported": list(buildspec.exported),
            "phases": [{**phase, "finally": phase["finally_"]} for phase in phases],
        }
        path = self._folder / "plan.json"
        path.write_text(json.dumps(plan))
        return path

    def environment(self, cloud: ProcessCloud, given: Mapping[str, str]) -> dict[str, str]:
        """The variables of the agent and its commands: the role's credentials come last."""
        store = image_store(cloud.state_dir)
        child = dict(cloud.child_environment)
        role = cloud.credentials(self._build.service_role, self._build.id.rpartition(":")[2])
        told = build_variables(self._build, self.source)
        path = os.pathsep.join([str(shims(store)), child.get("PATH", os.defpath)])
        own = self._folders(child) | {"PATH": path}
        return child | own | shim_environment(store) | told | dict(given) | role

    def _folders(self, child: Mapping[str, str]) -> dict[str, str]:
        home, scratch = self._folder / "home", self._folder / "tmp"
        for folder in (home, scratch):
            folder.mkdir(parents=True, exist_ok=True)
        return {
            "HOME": str(home),
            "TMPDIR": str(scratch),
            "DOCKER_CONFIG": str(self._folder / ".docker"),
            # Installers keep this machine's cache and configuration although HOME is the build's own.
            "UV_CACHE_DIR": cache_folder(child),
            "XDG_CONFIG_HOME": child.get("XDG_CONFIG_HOME", str(Path(child.get("HOME", "/")) / ".config")),
        }
