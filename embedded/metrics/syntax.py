"""Metric math, read into a tree: numbers, names, texts, operators by their precedence, and calls."""

import re
from dataclasses import dataclass
from typing import TypeAlias

from embedded.metrics.values import InvalidMath

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|(?P<text>'[^']*'|\"[^\"]*\")"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign><=|>=|==|!=|&&|\|\||[-+*/^()<>,\[\]]))"
)
LIST = "[]"
"""The function that a list in brackets stands for."""
_WORDS = {"AND": "&&", "OR": "||"}
# From the weakest to the strongest; `^` and the sign of a number bind stronger than all of them.
_LEVELS = (("||",), ("&&",), ("==", "!="), ("<", ">", "<=", ">="), ("+", "-"), ("*", "/"))


@dataclass(frozen=True)
class Number:
    """A number."""

    value: float


@dataclass(frozen=True)
class Text:
    """A text in quotes."""

    value: str


@dataclass(frozen=True)
class Name:
    """The id of another query, or a word such as REPEAT."""

    value: str


@dataclass(frozen=True)
class Call:
    """A function and its arguments."""

    function: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True)
class Operation:
    """An operator between two values."""

    sign: str
    left: "Node"
    right: "Node"


Node: TypeAlias = Number | Text | Name | Call | Operation
Token = tuple[str, str]


def parse(text: str) -> Node:
    """The tree of an expression; InvalidMath where it is none."""
    reader = _Reader(_tokens(text))
    node = reader.level(0)
    if reader.peek() != ("end", ""):
        raise InvalidMath(f"Error in expression {text!r}: {reader.peek()[1]!r} was not expected")
    return node


def _tokens(text: str) -> list[Token]:
    tokens, at = [], 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        if not found or not found.lastgroup:
            raise InvalidMath(f"Error in expression {text!r}: it cannot be read from position {at}")
        word = found[found.lastgroup]
        tokens.append(("sign", _WORDS[word]) if word in _WORDS else (found.lastgroup, word))
        at = found.end()
    return tokens


class _Reader:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = [*tokens, ("end", "")]
        self._at = 0

    def peek(self) -> Token:
        return self._tokens[self._at]

    def take(self) -> Token:
        token = self.peek()
        self._at += 1
        return token

    def takes(self, *signs: str) -> str | None:
        kind, word = self.peek()
        if kind == "sign" and word in signs:
            self._at += 1
            return word
        return None

    def level(self, number: int) -> Node:
        if number == len(_LEVELS):
            return self._signed()
        node = self.level(number + 1)
        while sign := self.takes(*_LEVELS[number]):
            node = Operation(sign, node, self.level(number + 1))
        return node

    def _signed(self) -> Node:
        if self.takes("-"):
            return Operation("-", Number(0), self._signed())
        base = self._primary()
        return Operation("^", base, self._signed()) if self.takes("^") else base

    def _primary(self) -> Node:
        kind, word = self.take()
        if kind == "number":
            return Number(float(word))
        if kind == "text":
            return Text(word[1:-1])
        if kind == "name":
            return Call(word, self._arguments(")")) if self.takes("(") else Name(word)
        if (kind, word) == ("sign", "["):
            return Call(LIST, self._arguments("]"))
        if (kind, word) == ("sign", "("):
            node = self.level(0)
            self._close(")")
            return node
        raise InvalidMath(f"{word or 'The end of the expression'!r} was not expected")

    def _arguments(self, end: str) -> tuple[Node, ...]:
        if self.takes(end):
            return ()
        found = [self.level(0)]
        while self.takes(","):
            found.append(self.level(0))
        self._close(end)
        return tuple(found)

    def _close(self, end: str) -> None:
        if not self.takes(end):
            raise InvalidMath(f"A closing {end!r} is missing")


def functions_of(node: Node) -> frozenset[str]:
    """The names of all functions in a tree."""
    if isinstance(node, Call):
        return frozenset({node.function}).union(*map(functions_of, node.arguments))
    if isinstance(node, Operation):
        return functions_of(node.left) | functions_of(node.right)
    return frozenset()
