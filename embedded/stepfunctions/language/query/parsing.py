"""From the text of an expression to its syntax tree, by the grammar of JSONata 2.0.6.

jsonata-python knows the operators `??` and `?:` of 2.1, which AWS refuses, and sees them in signatures, too
(`<n?:n>`); a comment at the end leads it past the end of the text.
"""

import re
from typing import Any

from jsonata.jexception import JException
from jsonata.parser import Parser
from jsonata.tokenizer import Tokenizer
from jsonata.utils import Utils

from embedded.stepfunctions.language.query.regex import compiled

_LATER = frozenset(["??", "?:"])
_NUMBER = re.compile(r"[-+\w.]+", re.ASCII)


def syntax_tree(expression: str) -> Any:
    """The tree that the evaluator walks; raises JException."""
    try:
        return _Parser().parse(expression)
    except IndexError:
        # Only a comment makes the tokenizer look further than there is text.
        raise JException("S0106", -1) from None
    except JException as problem:
        # The literal null is there, although it is nothing to Python.
        if problem.error == "S0213" and problem.current is None:
            raise JException("S0213", problem.location, Utils.NULL_VALUE) from None
        raise


class _Tokens(Tokenizer):  # type: ignore[misc]  # jsonata has no types
    """The tokens of 2.0.6."""

    def __init__(self, expression: str) -> None:
        # Behind the blank nothing follows that a comment could end at.
        super().__init__(expression + " ", compiled)

    def next(self, prefix: bool) -> Any:
        """The next token, or nothing at the end."""
        try:
            token = super().next(prefix)
        except JException as problem:
            raise _named(problem, self.path) from None
        if token is not None and token.type == "operator" and token.value in _LATER:
            self.position -= 1
            token.value = "?"
        return token


def _named(problem: JException, text: str) -> JException:
    """What jsonata-python leaves out: a number that is too large, and the code of a wrong escape."""
    if problem.error == "S0102":
        number = _NUMBER.match(text, problem.location)
        return JException("S0102", problem.location, number and number[0])
    is_escape = problem.error == "S0301" and problem.current is not None
    return JException("S0103", problem.location, problem.current) if is_escape else problem


class _Parser(Parser):  # type: ignore[misc]  # jsonata has no types
    """The parser, reading those tokens."""

    def parse(self, expression: str) -> Any:
        """As jsonata's own, which makes its tokenizer itself."""
        self.source = expression
        self.lexer = _Tokens(expression)
        self.advance()
        tree = self.expression(0)
        if self.node.id != "(end)":
            raise JException("S0201", self.node.position, self.node.value)
        tree = self.process_ast(tree)
        if tree.type == "parent" or tree.seeking_parent is not None:
            raise JException("S0217", tree.position, tree.type)
        return tree
