"""Makes a process image of a plan: found when it was made before, remade when it was left half-made."""

import hashlib
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path

from embedded.images import installers
from embedded.images.context import copy_files, files_digest
from embedded.images.dockerfile import DockerfileError
from embedded.images.image import COMPLETE, ImageConfig, ProcessImage
from embedded.images.paths import PRIVATE
from embedded.images.plan import Copy, Plan, Run
from embedded.images.store import ImageStore

# Part of every digest: raise it when the same plan would be executed differently.
FORMAT = 1

Say = Callable[[str], None]


def plan_digest(plan: Plan, context: Path) -> str:
    """The digest of everything that an image is made from, `sha256:…`."""
    files = [files_digest(context, step) for step in plan.steps if isinstance(step, Copy)]
    plain = asdict(replace(plan, steps=tuple(replace(step, line=0) for step in plan.steps)))
    parts = [FORMAT, plain, files, platform.python_version(), platform.machine()]
    return "sha256:" + hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def build(plan: Plan, context: Path, store: ImageStore, *, say: Say = print) -> ProcessImage:
    """The image of a plan, made if need be. Raises `DockerfileError` when a step fails."""
    if (context / ".dockerignore").exists():
        raise DockerfileError(
            1, "the context's .dockerignore is not known; leave out of the context what it names"
        )
    digest = plan_digest(plan, context)
    with store.locked(digest):
        found = store.find(digest)
        if found:
            say(f"CACHED {digest}")
            return found
        folder = store.folder(digest)
        shutil.rmtree(folder, ignore_errors=True)
        image = _make(plan, context, ProcessImage(_config(plan, digest), folder, folder / "rootfs"), say)
        (folder / COMPLETE).touch()
        return image


def _config(plan: Plan, digest: str) -> ImageConfig:
    return ImageConfig(
        digest=digest,
        base=plan.base,
        python=platform.python_version(),
        entrypoint=plan.entrypoint,
        cmd=plan.cmd,
        env=plan.env,
        workdir=plan.workdir,
        folders=plan.folders,
        labels=plan.labels,
        user=plan.user,
    )


def _make(plan: Plan, context: Path, image: ProcessImage, say: Say) -> ProcessImage:
    for name in PRIVATE:
        (image.rootfs / name.lstrip("/")).mkdir(parents=True)
    say(f"FROM {plan.base}: Python {image.config.python} of this machine stands for it")
    if plan.user != "root":
        say(f"USER {plan.user}: processes run as the user who started the cloud")
    _create_environment(image)
    for number, step in enumerate(plan.steps, 1):
        _STEPS[type(step)](step, image, context, _numbered(say, number, len(plan.steps)))
    image.workdir.mkdir(parents=True, exist_ok=True)
    (image.folder / "image.json").write_text(image.config.model_dump_json(indent=1))
    return image


def _numbered(say: Say, number: int, total: int) -> Say:
    return lambda text: say(f"Step {number}/{total} : {text}")


def _create_environment(image: ProcessImage) -> None:
    # With pip in it, as images of Python have: `python -m pip` works, too.
    argv = [
        installers.real_uv() or "uv",
        "venv",
        "--quiet",
        "--seed",
        "--python",
        sys.executable,
        str(image.virtual_environment),
    ]
    subprocess.run(argv, check=True, env=installers.settings(os.environ))


def _copy(step: Copy, image: ProcessImage, context: Path, say: Say) -> None:
    count = copy_files(context, step, image.rootfs)
    say(f"COPY {' '.join(step.sources)} {step.target} ({count} file{'s' * (count != 1)})")


def _run(step: Run, image: ProcessImage, _context: Path, say: Say) -> None:
    say(f"RUN {step.shown}")
    # The image as it is at this step: its environment then, and its folders.
    at_step = ProcessImage(image.config.model_copy(update={"env": step.env}), image.folder, image.rootfs)
    paths = at_step.paths
    foreign = paths.foreign(step.shown)
    if foreign:
        raise DockerfileError(
            step.line, f"RUN names {foreign}, which belongs to this machine; use a path beneath a WORKDIR"
        )
    workdir = paths.real(step.workdir)
    workdir.mkdir(parents=True, exist_ok=True)
    argv = [paths.command(word) for word in step.argv]
    result = subprocess.run(argv, cwd=workdir, env=_run_environment(at_step), check=False)
    if result.returncode:
        raise DockerfileError(
            step.line, f"RUN {shlex.join(step.argv[-1:])} ended with exit code {result.returncode}"
        )


def _run_environment(image: ProcessImage) -> dict[str, str]:
    tools = installers.folder(image.folder)
    values = installers.settings(os.environ) | image.environment()
    return values | {
        "PATH": f"{tools}:{values['PATH']}",
        "UV_PROJECT_ENVIRONMENT": str(image.virtual_environment),
        "UV_CACHE_DIR": installers.cache_folder(os.environ),
    }


_STEPS: Mapping[type, Callable[..., None]] = {Copy: _copy, Run: _run}
