"""Reads a strict subset of Dockerfiles; whatever is outside of it is refused by name and line.

Known: FROM (one stage, a Python base), ARG, ENV, WORKDIR, COPY, RUN, USER, LABEL, EXPOSE, ENTRYPOINT, CMD, in
JSON and shell form, with line continuations. Reference: https://docs.docker.com/reference/dockerfile/
"""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

KNOWN = ("FROM", "ARG", "ENV", "WORKDIR", "COPY", "RUN", "USER", "LABEL", "EXPOSE", "ENTRYPOINT", "CMD")
FLAGS: Mapping[str, tuple[str, ...]] = {
    "FROM": ("platform",),
    "COPY": ("chown", "chmod", "link"),
    "RUN": ("mount",),
}
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?:(:[-+])([^}]*))?\})")
_FLAG = re.compile(r"--([a-z]+)(?:=(\S*))?\s+")


class DockerfileError(Exception):
    """A Dockerfile that a process image cannot be made from: says where, what, and what to do."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"Dockerfile:{line}: {problem}")
        self.line = line


@dataclass(frozen=True)
class Instruction:
    """One instruction as written: its name, flags, and the text after them."""

    line: int
    name: str
    flags: Mapping[str, str]
    text: str

    @property
    def words(self) -> list[str] | None:
        """The elements of the JSON form; None when this is the shell form."""
        if not self.text.startswith("["):
            return None
        try:
            words = json.loads(self.text)
        except ValueError:
            return None  # As Docker does: what is not JSON is a shell command that starts with a bracket.
        if not all(isinstance(word, str) for word in words):
            raise DockerfileError(self.line, f"{self.name}: the JSON form holds strings only")
        return list(words)


def parse(text: str) -> list[Instruction]:
    """The instructions of a Dockerfile, in order."""
    found = [_instruction(line, content) for line, content in _logical_lines(text)]
    if not found:
        raise DockerfileError(1, "there is no instruction; start with FROM")
    return found


def expand(text: str, variables: Mapping[str, str]) -> str:
    """Replace `$X`, `${X}`, `${X:-word}` and `${X:+word}` as Docker does; an unknown variable is empty."""

    def value(match: re.Match[str]) -> str:
        found = variables.get(match[1] or match[2], "")
        if match[3] == ":-":
            return found or match[4]
        if match[3] == ":+":
            return match[4] if found else ""
        return found

    return _VARIABLE.sub(value, text)


def assignments(instruction: Instruction) -> Iterator[tuple[str, str]]:
    """The pairs of an ENV or LABEL, as `key=value …` or in the old form `key value`."""
    first = instruction.text.split(None, 1)
    if first and "=" not in first[0]:
        if instruction.name != "ENV" or len(first) != 2:
            raise DockerfileError(instruction.line, f"{instruction.name} {instruction.text}: write KEY=value")
        yield first[0], first[1]
        return
    for word in _split(instruction):
        key, sign, value = word.partition("=")
        if not sign:
            raise DockerfileError(
                instruction.line, f"{instruction.name}: {word!r} is not of the form KEY=value"
            )
        yield key, value


def _split(instruction: Instruction) -> list[str]:
    try:
        return shlex.split(instruction.text)
    except ValueError as error:
        raise DockerfileError(instruction.line, f"{instruction.name}: {error}") from error


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    parts: list[str] = []
    start = 0
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            _check_directive(number, line)
            continue
        start = start if parts else number
        parts.append(line.removesuffix("\\").rstrip())
        if not line.endswith("\\"):
            yield start, " ".join(parts)
            parts = []
    if parts:
        yield start, " ".join(parts)


def _check_directive(number: int, line: str) -> None:
    if re.match(r"#\s*escape\s*=\s*[^\\]", line, re.IGNORECASE):
        raise DockerfileError(number, f"{line!r}: only the escape character \\ is known")


def _instruction(line: int, content: str) -> Instruction:
    word, _, rest = content.partition(" ")
    name = word.upper()
    if name not in KNOWN:
        raise DockerfileError(line, f"{name} is not known to process images; known are {', '.join(KNOWN)}")
    flags, text = _flags(line, name, rest.strip())
    if not text:
        raise DockerfileError(line, f"{name} needs an argument")
    if name in ("RUN", "COPY") and "<<" in text:
        raise DockerfileError(line, f"{name}: here-documents are not known; chain commands with && instead")
    return Instruction(line, name, flags, text)


def _flags(line: int, name: str, text: str) -> tuple[dict[str, str], str]:
    flags: dict[str, str] = {}
    while match := _FLAG.match(text):
        if match[1] not in FLAGS.get(name, ()):
            raise DockerfileError(line, f"{name} --{match[1]} is not known to process images")
        flags[match[1]] = match[2] or ""
        text = text[match.end() :]
    return flags, text
