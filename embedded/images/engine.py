"""A real container engine beside process images, for a build that asks for it.

A build with the variable `SLUICEWAY_ENGINE=docker` (or `podman`) in its environment has every `docker build`
and `docker tag` done by that engine first, and everything that process images do not know (`docker run`,
`docker save`, …) by it alone. What jobs and endpoints run stays the process image, which is made as well: it
is what the cloud's ECR holds. Where no such engine answers, `docker` says so and goes on without it.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from embedded.images.store import STORE_VARIABLE

VARIABLE = "SLUICEWAY_ENGINE"
ENGINES = ("docker", "podman")

_ANSWER_SECONDS = 5
# What is done here alone: there is no registry behind the cloud's ECR that an engine could speak to.
_OURS = ("login", "push", "pull", "inspect", "image", "version")
_BOTH = ("build", "buildx", "tag")
# Uploads are left to process images.
_NOT_FOR_ENGINES = ("--push",)


class NoEngineError(Exception):
    """The engine that was asked for is not there; the message says why."""


@dataclass(frozen=True)
class Engine:
    """An engine that answers."""

    program: str

    def run(self, words: Sequence[str]) -> int:
        """Run a command; its exit code."""
        given = [word for word in words if word not in _NOT_FOR_ENGINES]
        return subprocess.run([self.program, *given], check=False).returncode


def chosen(environment: Mapping[str, str]) -> Engine | None:
    """The engine that a build asked for, None if it did not; raises `NoEngineError`."""
    name = environment.get(VARIABLE)
    if not name:
        return None
    if name not in ENGINES:
        raise NoEngineError(f"{VARIABLE}={name} is none of {', '.join(ENGINES)}")
    # Ours comes first on a build's path, and is not meant.
    ours = Path(environment.get(STORE_VARIABLE, "")).absolute() / "bin"
    folders = [item for item in environment.get("PATH", "").split(os.pathsep) if Path(item) != ours]
    program = shutil.which(name, path=os.pathsep.join(folders))
    if program is None:
        raise NoEngineError(f"{VARIABLE}={name}: there is no {name} on this machine")
    if not _answers(program):
        raise NoEngineError(f"{VARIABLE}={name}: `{name} info` does not answer")
    return Engine(program)


def is_alone(words: Sequence[str]) -> bool:
    """Whether a command is the engine's alone."""
    return not words or words[0] not in (*_OURS, *_BOTH)


def is_shared(words: Sequence[str]) -> bool:
    """Whether the engine does a command, too."""
    return bool(words) and words[0] in _BOTH


def _answers(program: str) -> bool:
    try:
        found = subprocess.run([program, "info"], capture_output=True, timeout=_ANSWER_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return found.returncode == 0
