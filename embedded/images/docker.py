"""`docker` as builds call it: login, build, tag, push, pull and image inspect, on process images.

What it does not know it refuses with exit code 125, as Docker does for its own errors.
"""

import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from embedded.images import engine
from embedded.images.build import build
from embedded.images.dockerfile import DockerfileError
from embedded.images.image import ProcessImage
from embedded.images.plan import make_plan
from embedded.images.registry import ImageNotFoundError, Reference, parse_reference, push
from embedded.images.resolve import resolve
from embedded.images.store import STORE_VARIABLE, ImageStore, with_tag


class RefusedError(Exception):
    """A call of `docker` that cannot be done; the message says why."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0, or 1 when it failed."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _by_engine(words)
        if code is not None:
            return code
        options = _parser().parse_args(words)
        options.run(options)
    except (RefusedError, DockerfileError, ImageNotFoundError, OSError) as error:
        _complain(str(error))
        return 1
    except ClientError as error:
        _complain(f"denied or failed: {error}")
        return 1
    return 0


def _by_engine(words: Sequence[str]) -> int | None:
    """The exit code where a real engine has done a command, or failed to; None where it is done here."""
    try:
        found = engine.chosen(os.environ)
    except engine.NoEngineError as error:
        _complain(f"{error}; going on with process images alone")
        return None
    if found is None or not (engine.is_alone(words) or engine.is_shared(words)):
        return None
    code = found.run(words)
    return code if code or engine.is_alone(words) else None


def _login(options: argparse.Namespace) -> None:
    password = sys.stdin.read().strip()
    if options.username != "AWS" or not password:
        raise RefusedError("login: ECR takes --username AWS and the password of `aws ecr get-login-password`")
    path = _logins_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"auths": {options.registry: {}}}))
    _say("Login Succeeded")


def _build(options: argparse.Namespace) -> None:
    context = Path(options.context)
    dockerfile = Path(options.file) if options.file else context / "Dockerfile"
    if not dockerfile.is_file():
        raise RefusedError(f"build: there is no {dockerfile}; name the file with -f")
    plan = make_plan(dockerfile.read_text(), _build_args(options.build_arg))
    image = build(plan, context, _store(), say=_say)
    _say(f"Successfully built {image.digest}")
    for tag in options.tag:
        _store().name(with_tag(tag), image.digest)
        _say(f"Successfully tagged {with_tag(tag)}")
    if options.push:
        for tag in options.tag:
            _push_reference(with_tag(tag))


def _build_args(given: Sequence[str]) -> dict[str, str]:
    pairs = (word.partition("=") for word in given)
    # `--build-arg NAME` alone takes the value from the environment.
    return {key: value if sign else os.environ.get(key, "") for key, sign, value in pairs}


def _tag(options: argparse.Namespace) -> None:
    _store().name(with_tag(options.target), _local(options.source).digest)


def _push(options: argparse.Namespace) -> None:
    _push_reference(with_tag(options.name))


def _push_reference(name: str) -> None:
    image, reference = _local(name), parse_reference(name)
    _check_login(reference)
    _say(f"The push refers to repository [{reference.uri}]")
    digest = push(_ecr(reference), image, reference)
    _store().name(f"{reference.uri}@{digest}", image.digest)
    _say(f"{reference.tag}: digest: {digest}")


def _check_login(reference: Reference) -> None:
    path = _logins_file()
    known = json.loads(path.read_text())["auths"] if path.exists() else {}
    hosts = {re.sub(r"^https?://", "", host).split("/")[0] for host in known}
    if reference.registry not in hosts:
        raise RefusedError(f"{reference.registry}: no basic auth credentials; run `docker login` first")


def _pull(options: argparse.Namespace) -> None:
    reference = parse_reference(options.name)
    _check_login(reference)
    image = resolve(_BuildCloud(reference), options.name)
    _store().name(with_tag(options.name), image.digest)


class _BuildCloud:
    """A build's own view of the cloud: its role's client, and the machine's images."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self.state_dir = _store().root.parent

    def client(self, _service: str) -> Any:
        return _ecr(self._reference)


def _inspect(options: argparse.Namespace) -> None:
    image = _local(options.name)
    found = _description(image, asked=options.name)
    if not options.format:
        _say(json.dumps([found], indent=4))
        return
    if options.format not in _FORMATS:
        raise RefusedError(
            f"inspect: --format {options.format} is not known; known are {', '.join(_FORMATS)}"
        )
    try:
        _say(_FORMATS[options.format](found))
    except IndexError:
        raise RefusedError(f"inspect: {options.name} has no RepoDigests; push it first") from None


def _description(image: ProcessImage, *, asked: str) -> dict[str, Any]:
    known = [name for name, digest in _store().names().items() if digest == image.digest]
    # The engine of a build is new to each build: what other builds pushed of the same image comes last.
    repository = re.split(r"@|:(?=[^/]*$)", asked)[0]
    names = sorted(known, key=lambda name: (not name.startswith((f"{repository}@", f"{repository}:")), name))
    config = image.config
    return {
        "Id": image.digest,
        "RepoTags": [name for name in names if "@" not in name],
        "RepoDigests": [name for name in names if "@" in name],
        "Config": {
            "Env": [f"{key}={value}" for key, value in config.env.items()],
            "Entrypoint": list(config.entrypoint),
            "Cmd": list(config.cmd),
            "WorkingDir": config.workdir,
            "Labels": dict(config.labels),
        },
    }


_FORMATS: Mapping[str, Callable[[dict[str, Any]], str]] = {
    "{{index .RepoDigests 0}}": lambda found: str(found["RepoDigests"][0]),
    "{{.Id}}": lambda found: str(found["Id"]),
    "{{json .Config.Labels}}": lambda found: json.dumps(found["Config"]["Labels"]),
    "{{json .}}": json.dumps,
}


def _version(_options: argparse.Namespace) -> None:
    _say("docker on process images (no Docker engine)")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="docker", allow_abbrev=False)
    parser.error = _refuse  # type: ignore[method-assign]
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)
    _add_login(commands.add_parser("login"))
    _add_build(commands.add_parser("build"))
    _add_build(_nested(commands, "buildx").add_parser("build"))
    tag = commands.add_parser("tag")
    tag.add_argument("source")
    tag.add_argument("target")
    tag.set_defaults(run=_tag)
    for name, run in (("push", _push), ("pull", _pull)):
        command = commands.add_parser(name)
        command.add_argument("-q", "--quiet", action="store_true")
        command.add_argument("name")
        command.set_defaults(run=run)
    _add_inspect(commands.add_parser("inspect"))
    _add_inspect(_nested(commands, "image").add_parser("inspect"))
    commands.add_parser("version").set_defaults(run=_version)
    return parser


def _nested(commands: Any, name: str) -> Any:
    return commands.add_parser(name).add_subparsers(required=True, parser_class=_Parser)


def _add_login(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-u", "--username", required=True)
    parser.add_argument("--password-stdin", action="store_true", required=True)
    parser.add_argument("registry")
    parser.set_defaults(run=_login)


def _add_build(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-t", "--tag", action="append", default=[])
    parser.add_argument("-f", "--file")
    parser.add_argument("--build-arg", action="append", default=[])
    parser.add_argument("--push", action="store_true")
    # These change how Docker builds, not what comes out of it here.
    for option in ("--platform", "--provenance", "--sbom", "--progress"):
        parser.add_argument(option)
    for option in ("--load", "--pull"):
        parser.add_argument(option, action="store_true")
    parser.add_argument("context")
    parser.set_defaults(run=_build)


def _add_inspect(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-f", "--format")
    parser.add_argument("name")
    parser.set_defaults(run=_inspect)


class _Parser(argparse.ArgumentParser):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options, allow_abbrev=False)

    def error(self, message: str) -> Any:
        _refuse(message)


def _refuse(message: str) -> Any:
    _complain(
        f"{message}. Process images know: login, build, buildx build, tag, push, pull, inspect, version"
    )
    raise SystemExit(125)


def _local(name: str) -> ProcessImage:
    image = _store().find(name) if name.startswith("sha256:") else _store().named(name)
    if image is None:
        raise RefusedError(f"No such image: {name}")
    return image


def _store() -> ImageStore:
    root = os.environ.get(STORE_VARIABLE)
    if not root:
        raise RefusedError(
            f"{STORE_VARIABLE} is not set; this docker runs within a build of the laptop cloud"
        )
    return ImageStore(Path(root))


def _ecr(reference: Reference) -> Any:
    return boto3.client("ecr", region_name=reference.region)


def _logins_file() -> Path:
    folder = os.environ.get("DOCKER_CONFIG") or Path(os.environ.get("HOME", "/")) / ".docker"
    return Path(folder) / "config.json"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _complain(text: str) -> None:
    sys.stderr.write(f"docker: {text}\n")


if __name__ == "__main__":
    sys.exit(main())
