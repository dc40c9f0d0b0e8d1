"""Reads a buildspec, version 0.2, strictly: what is not known is refused by name.

Reference: https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

PHASES = ("install", "pre_build", "build", "post_build")
_TOP = ("version", "env", "phases", "artifacts", "cache")
_ENV = ("shell", "variables", "exported-variables", "parameter-store", "secrets-manager")
_ARTIFACTS = ("files", "name", "discard-paths", "base-directory", "exclude-paths")
_PHASE = ("commands", "finally", "on-failure", "runtime-versions")
_ON_FAILURE = ("ABORT", "CONTINUE")


class BuildspecError(Exception):
    """A buildspec that cannot be run: says which key is wrong, and what is allowed."""


@dataclass(frozen=True)
class SpecPhase:
    """The commands of one phase."""

    name: str
    commands: tuple[str, ...] = ()
    finally_: tuple[str, ...] = ()
    on_failure: str = ""


@dataclass(frozen=True)
class Artifacts:
    """Which files a build leaves."""

    files: tuple[str, ...]
    name: str = ""
    base_directory: str = ""
    discard_paths: bool = False
    exclude_paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class Buildspec:
    """A buildspec; phases that it does not have are empty."""

    shell: str
    variables: Mapping[str, str]
    parameter_store: Mapping[str, str]
    secrets_manager: Mapping[str, str]
    exported: tuple[str, ...]
    phases: tuple[SpecPhase, ...]
    artifacts: Artifacts | None = None


def parse_buildspec(text: str) -> Buildspec:
    """Read YAML; raises `BuildspecError`."""
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BuildspecError(f"the buildspec is not YAML: {error}") from error
    top = _mapping("the buildspec", document, _TOP)
    if str(top.get("version")) != "0.2":
        raise BuildspecError(f"version: {top.get('version')!r} is not supported; write 0.2")
    env = _mapping("env", top.get("env", {}), _ENV)
    phases = _mapping("phases", top.get("phases", {}), PHASES)
    if not phases:
        raise BuildspecError("phases: there is none; write at least one")
    if env.get("shell", "sh") not in ("bash", "sh"):
        raise BuildspecError(f"env.shell: {env['shell']!r} is not supported; use bash or sh")
    return Buildspec(
        shell=env.get("shell", "sh"),
        variables=_texts("env.variables", env),
        parameter_store=_texts("env.parameter-store", env),
        secrets_manager=_texts("env.secrets-manager", env),
        exported=_words("env.exported-variables", env.get("exported-variables", [])),
        phases=tuple(_phase(name, phases.get(name, {})) for name in PHASES),
        artifacts=_artifacts(top["artifacts"]) if "artifacts" in top else None,
    )


def _artifacts(value: Any) -> Artifacts:
    given = _mapping("artifacts", value, _ARTIFACTS)
    files = _words("artifacts.files", given.get("files", []))
    exclude = _words("artifacts.exclude-paths", given.get("exclude-paths", []))
    name, base = str(given.get("name", "")), str(given.get("base-directory", ""))
    if "$" in name or "`" in name or "*" in base:
        raise BuildspecError("artifacts: name and base-directory are taken as they are, without $, ` and *")
    for pattern in (*files, *exclude):
        if pattern.startswith("/") or ".." in pattern.split("/"):
            raise BuildspecError(f"artifacts: {pattern!r} leaves the source; name files relative to it")
    return Artifacts(files, name, base, given.get("discard-paths") in (True, "yes"), exclude)


def _phase(name: str, value: Any) -> SpecPhase:
    phase = _mapping(f"phases.{name}", value, _PHASE)
    on_failure = str(phase.get("on-failure", ""))
    if on_failure and on_failure not in _ON_FAILURE:
        raise BuildspecError(
            f"phases.{name}.on-failure: {on_failure!r} is not supported; use ABORT or CONTINUE"
        )
    return SpecPhase(
        name=name.upper(),
        commands=_words(f"phases.{name}.commands", phase.get("commands", [])),
        finally_=_words(f"phases.{name}.finally", phase.get("finally", [])),
        on_failure=on_failure,
    )


def _mapping(where: str, value: Any, known: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BuildspecError(f"{where}: must be a mapping")
    for key in value:
        if key not in known:
            raise BuildspecError(f"{where}: {key!r} is not supported; there are {', '.join(known)}")
    return value


def _texts(where: str, env: Mapping[str, Any]) -> dict[str, str]:
    value = env.get(where.partition(".")[2], {})
    if not isinstance(value, dict):
        raise BuildspecError(f"{where}: must be a mapping of names to values")
    return {str(key): str(item) for key, item in value.items()}


def _words(where: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str | int | float | bool) for item in value):
        raise BuildspecError(f"{where}: must be a list of text; quote commands that hold ': '")
    return tuple(str(item) for item in value)
