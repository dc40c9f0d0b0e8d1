"""What a Dockerfile asks for, worked out before anything is done: files, commands and configuration."""

import platform
import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from embedded.images.dockerfile import DockerfileError, Instruction, assignments, expand, parse

BASE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_NEEDS_A_CONTAINER = (
    "apt-get",
    "apt",
    "apk",
    "yum",
    "dnf",
    "microdnf",
    "dpkg",
    "rpm",
    "useradd",
    "adduser",
    "sudo",
)


@dataclass(frozen=True)
class Copy:
    """Copy files of the build context to an absolute path of the image."""

    line: int
    sources: tuple[str, ...]
    target: str
    into_folder: bool
    mode: int | None


@dataclass(frozen=True)
class Run:
    """Run a command in the image's folder with its environment."""

    line: int
    argv: tuple[str, ...]
    workdir: str
    env: Mapping[str, str]
    shown: str


@dataclass(frozen=True)
class Plan:
    """A Dockerfile, resolved against its build arguments."""

    base: str
    steps: tuple[Copy | Run, ...]
    folders: tuple[str, ...]
    env: Mapping[str, str]
    workdir: str
    entrypoint: tuple[str, ...]
    cmd: tuple[str, ...]
    labels: Mapping[str, str]
    user: str


@dataclass
class _State:
    build_args: Mapping[str, str]
    global_args: dict[str, str] = field(default_factory=dict)
    args: dict[str, str] = field(default_factory=dict)
    base: str = ""
    steps: list[Copy | Run] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=lambda: {"PATH": BASE_PATH, "LANG": "C.UTF-8"})
    workdir: str = "/"
    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    user: str = "root"

    @property
    def variables(self) -> dict[str, str]:
        return {**self.args, **self.env}


def make_plan(text: str, build_args: Mapping[str, str]) -> Plan:
    """Work out a Dockerfile's text; raises `DockerfileError`."""
    state = _State(build_args)
    for instruction in parse(text):
        if not state.base and instruction.name not in ("ARG", "FROM"):
            raise DockerfileError(instruction.line, f"{instruction.name} stands before FROM")
        _APPLY[instruction.name](state, instruction)
    if not state.base:
        raise DockerfileError(1, "there is no FROM")
    return Plan(
        base=state.base,
        steps=tuple(state.steps),
        folders=tuple(dict.fromkeys(state.folders)),
        env=state.env,
        workdir=state.workdir,
        entrypoint=state.entrypoint,
        cmd=state.cmd,
        labels=state.labels,
        user=state.user,
    )


def _from(state: _State, instruction: Instruction) -> None:
    if state.base:
        raise DockerfileError(instruction.line, "a second FROM: builds in several stages are not known")
    base = expand(instruction.text.split()[0], state.global_args)
    name = base.partition("@")[0].rpartition("/")[2].partition(":")[0]
    if name != "python":
        raise DockerfileError(
            instruction.line,
            f"FROM {base}: a process image stands on this machine's Python; start FROM python:…",
        )
    state.base = base


def _arg(state: _State, instruction: Instruction) -> None:
    for word in instruction.text.split():
        name, sign, default = word.partition("=")
        inherited = state.global_args.get(name, _platform_args().get(name))
        value = expand(default.strip("\"'"), state.variables | state.global_args) if sign else inherited
        value = state.build_args.get(name, value)
        if value is not None:
            (state.args if state.base else state.global_args)[name] = value


def _env(state: _State, instruction: Instruction) -> None:
    # All values of one ENV see the variables as they were before it.
    before = state.variables
    state.env.update({key: expand(value, before) for key, value in assignments(instruction)})


def _label(state: _State, instruction: Instruction) -> None:
    state.labels.update({key: expand(value, state.variables) for key, value in assignments(instruction)})


def _workdir(state: _State, instruction: Instruction) -> None:
    state.workdir = _inside(state, instruction, expand(instruction.text.strip("\"'"), state.variables))
    state.folders.append(state.workdir)


def _copy(state: _State, instruction: Instruction) -> None:
    words = instruction.words or instruction.text.split()
    words = [expand(word, state.variables) for word in words]
    if len(words) < 2:
        raise DockerfileError(instruction.line, "COPY needs a source and a destination")
    *sources, destination = words
    into = destination.endswith(("/", "/.")) or destination == "." or len(sources) > 1
    target = _inside(state, instruction, destination)
    mode = int(instruction.flags["chmod"], 8) if "chmod" in instruction.flags else None
    state.steps.append(Copy(instruction.line, tuple(sources), target, into, mode))
    state.folders.append(target)


def _run(state: _State, instruction: Instruction) -> None:
    mount = instruction.flags.get("mount", "type=cache")
    if "type=cache" not in mount.split(","):
        raise DockerfileError(instruction.line, f"RUN --mount={mount}: only type=cache is known")
    argv = tuple(instruction.words or ("sh", "-e", "-c", instruction.text))
    shell = instruction.words is None
    _refuse_containers_tools(instruction, instruction.text if shell else argv[0])
    run = Run(instruction.line, argv, state.workdir, state.variables, instruction.text)
    state.steps.append(run)


def _refuse_containers_tools(instruction: Instruction, text: str) -> None:
    for command in re.split(r"&&|\|\||[;|(){}]", text):
        first = next((word for word in command.split() if "=" not in word), "")
        if first in _NEEDS_A_CONTAINER:
            raise DockerfileError(
                instruction.line,
                f"RUN {first}: a process image has no system of its own; use a Python package instead",
            )


def _entrypoint(state: _State, instruction: Instruction) -> None:
    state.entrypoint = _command(instruction)
    state.cmd = ()


def _cmd(state: _State, instruction: Instruction) -> None:
    state.cmd = _command(instruction)


def _command(instruction: Instruction) -> tuple[str, ...]:
    return tuple(instruction.words or ("/bin/sh", "-c", instruction.text))


def _user(state: _State, instruction: Instruction) -> None:
    state.user = expand(instruction.text, state.variables)


def _expose(_state: _State, _instruction: Instruction) -> None:
    """Documents a port; a process listens where it is told."""


def _inside(state: _State, instruction: Instruction, path: str) -> str:
    absolute = posixpath.normpath(posixpath.join(state.workdir, path))
    if absolute == "/" and instruction.name == "WORKDIR":
        raise DockerfileError(instruction.line, "WORKDIR /: name a folder of the image, such as /opt/app")
    return absolute


def _platform_args() -> dict[str, str]:
    architecture = _ARCHITECTURES.get(platform.machine(), platform.machine())
    target = {"TARGETPLATFORM": f"linux/{architecture}", "TARGETOS": "linux", "TARGETARCH": architecture}
    return target | {key.replace("TARGET", "BUILD"): value for key, value in target.items()}


_APPLY: Mapping[str, Callable[[_State, Instruction], None]] = {
    "FROM": _from,
    "ARG": _arg,
    "ENV": _env,
    "LABEL": _label,
    "WORKDIR": _workdir,
    "COPY": _copy,
    "RUN": _run,
    "ENTRYPOINT": _entrypoint,
    "CMD": _cmd,
    "USER": _user,
    "EXPOSE": _expose,
}
