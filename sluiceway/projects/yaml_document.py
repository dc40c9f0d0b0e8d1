"""A YAML file of an untrusted project: its value, and the line on which each part of it stands."""

import re
from collections.abc import Sequence
from typing import Any

import yaml

from sluiceway.projects.problems import Problem

MAX_BYTES = 64 * 1024
"""sluice.yaml and MLproject are written by hand."""
MAX_NODES = 10_000
"""Aliases counted as often as they are used: a few lines of YAML can otherwise unfold to gigabytes."""

MAX_DEPTH = 32
"""Of lists and mappings in each other: PyYAML takes a minute for 60,000 opening brackets."""

Path = tuple[str | int, ...]

_PLAIN_WORDS = {
    "'\\t'": "a tab: indent with spaces",
    "found another document": "a second document: keep one, without a `---` in between",
    "mapping values are not allowed": "a second `: `, or too deep an indent: put text with a colon in quotes",
}
"""For what PyYAML says, by what is in it."""
_KEY_TAGS = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:merge")


class _Composer(yaml.SafeLoader):
    """Gives up as soon as the text is nested too deeply."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """The next node, with those that lie in it."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "it is nested too deeply", mark)
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


class _Loader(yaml.SafeLoader):
    """Names the place of a value that Python cannot hold: PyYAML itself lets bare errors out."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """The node's value, or PyYAML's error with its mark."""
        try:
            return super().construct_object(node, deep=deep)
        except (ValueError, LookupError, AttributeError, TypeError) as error:
            what = f"{str(node.value)[:60]!r} is no {node.tag.rpartition(':')[2]}: put it in quotes"
            raise yaml.constructor.ConstructorError(None, None, what, node.start_mark) from error


class InvalidYaml(Exception):
    """The text cannot be read; `problems` say why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = list(problems)


class YamlDocument:
    """One YAML mapping; raises `InvalidYaml` for anything else."""

    def __init__(self, file: str, content: bytes) -> None:
        self.file = file
        root = _compose(file, content)
        _check_size(file, root)
        wrong = _wrong_keys(file, root)
        if wrong:
            raise InvalidYaml(wrong)
        self._root = root
        self.value: dict[str, Any] = _construct(file, root)

    def line(self, path: Sequence[str | int]) -> int:
        """Line of the deepest part of the path that is there, counted from 1."""
        return self.locate(path)[1]

    def locate(self, path: Sequence[str | int]) -> tuple[Path, int]:
        """The part of the path that is there, and its line."""
        node: yaml.Node = self._root
        line = node.start_mark.line + 1
        for depth, step in enumerate(path):
            found = _child(node, step)
            if found is None:
                return tuple(path[:depth]), line
            node, line = found
        return tuple(path), line

    def problem(self, path: Sequence[str | int], message: str) -> Problem:
        """A problem at a place of this file; the message starts with the place in dots."""
        dotted = ".".join(map(str, path))
        return Problem(self.file, self.line(path), f"{dotted}: {message}" if dotted else message)


def _compose(file: str, content: bytes) -> yaml.MappingNode:
    if len(content) > MAX_BYTES:
        raise InvalidYaml([Problem(file, None, f"has {len(content)} bytes, the limit is {MAX_BYTES}")])
    try:
        text = content.decode("utf-8-sig")
        root = yaml.compose(text, Loader=_Composer)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        what = f"is not UTF-8 text: {error.reason}: save the file as UTF-8"
        raise InvalidYaml([Problem(file, line, what)]) from error
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        what = f"the character U+{int(error.character):04X} is not allowed: remove it"
        raise InvalidYaml([Problem(file, line, f"is not valid YAML: {what}")]) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise InvalidYaml([_syntax_problem(file, error)]) from error
    if not isinstance(root, yaml.MappingNode):
        raise InvalidYaml([Problem(file, 1, "must hold a mapping (`key: value` lines)")])
    return root


def _syntax_problem(file: str, error: Exception) -> Problem:
    mark = getattr(error, "problem_mark", None)
    what = str(getattr(error, "problem", None) or "it is nested too deeply")
    what = next((said for sign, said in _PLAIN_WORDS.items() if sign in what), what)
    return Problem(file, mark.line + 1 if mark else None, f"is not valid YAML: {what}")


def _check_size(file: str, root: yaml.Node) -> None:
    """Counts what the aliases unfold to; one that holds itself runs the count out, too."""
    waiting, seen = [root], 0
    while waiting:
        node = waiting.pop()
        seen += 1
        if seen > MAX_NODES:
            raise InvalidYaml(
                [Problem(file, node.start_mark.line + 1, f"unfolds to over {MAX_NODES} values")]
            )
        waiting += _children(node)


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _wrong_keys(file: str, node: yaml.Node) -> list[Problem]:
    """YAML readers silently keep the last of two equal keys, and take `on`, `no` or `1` for no text."""
    problems = [problem for child in _children(node) for problem in _wrong_keys(file, child)]
    seen: set[str] = set()
    for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
        name, line = str(key.value), key.start_mark.line + 1
        if name in seen:
            problems.append(Problem(file, line, f"{name!r} stands here a second time"))
        elif key.tag not in _KEY_TAGS:
            problems.append(Problem(file, line, f"the key {_shown(key)} is no text: put it in quotes"))
        seen.add(name)
    return problems


def _shown(key: yaml.Node) -> str:
    return str(key.value)[:60] if isinstance(key, yaml.ScalarNode) else "(a list or a mapping)"


def _construct(file: str, root: yaml.MappingNode) -> dict[str, Any]:
    try:
        value: dict[str, Any] = _Loader("").construct_document(root)
    except (yaml.YAMLError, RecursionError) as error:
        raise InvalidYaml([_syntax_problem(file, error)]) from error
    return value


def _child(node: yaml.Node, step: str | int) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.MappingNode):
        pairs = ((key, value) for key, value in node.value if str(key.value) == str(step))
        found = next(pairs, None)
        return (found[1], found[0].start_mark.line + 1) if found else None
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step].start_mark.line + 1
    return None


def dotted_path(message: str) -> Path:
    """The place that a message starts with: `steps.train.needs: …` gives ("steps", "train", "needs")."""
    match = re.match(r"[a-z_]+(\.[A-Za-z0-9_-]+)+", message)
    return tuple(match[0].split(".")) if match else ()
