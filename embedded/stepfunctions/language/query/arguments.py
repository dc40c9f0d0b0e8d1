"""Arguments held against a function's signature, as the reference implementation does it.

jsonata-python takes null for a missing argument, so that `$lowercase(null)` is answered in a dozen ways.
https://docs.jsonata.org/embedding-extending#function-signature-syntax
"""

import re
from typing import Any

from jsonata.functions import Functions
from jsonata.jexception import JException
from jsonata.signature import Signature
from jsonata.utils import Utils


def validated(signature: Signature, args: list[Any], context: Any) -> list[Any]:
    """The arguments a function is called with: single values as arrays, the context where one is left out."""
    supplied = "".join(map(_symbol, args))
    matched = signature._regex.fullmatch(supplied)
    if matched is None:
        _refuse(signature, supplied)
    result: list[Any] = []
    index = 0
    for param, symbols in zip(signature._params, matched.groups(), strict=True):
        if symbols == "" and param.context:
            result.append(_from_context(signature, param, context, index))
            continue
        # What is left out at the end stays out: the functions have defaults.
        for symbol in symbols:
            result.append(_argument(signature, param, symbol, args[index], index))
            index += 1
    return result


def _symbol(value: Any) -> str:
    if value is Utils.NULL_VALUE:
        return "l"
    if isinstance(value, str | bool | int | float | list | dict):
        kinds = ((str, "s"), (bool, "b"), (int | float, "n"), (list, "a"), (dict, "o"))
        return next(symbol for kind, symbol in kinds if isinstance(value, kind))
    is_function = Utils.is_function(value) or Functions.is_lambda(value) or Functions.is_regex(value)
    return "f" if is_function else "m"


def _from_context(signature: Signature, param: Any, context: Any, index: int) -> Any:
    # The question mark is there because the argument may be left out.
    if not re.match(param.regex.removesuffix("?"), _symbol(context)):
        raise JException("T0411", -1, index + 1, signature.function_name)
    return context


def _argument(signature: Signature, param: Any, symbol: str, given: Any, index: int) -> Any:
    if param.type != "a" or symbol == "m":
        return None if symbol == "m" else given
    fits = symbol == "a" or param.subtype is None or symbol == param.subtype
    if symbol == "a" and param.subtype is not None:
        fits = all(_symbol(item) == param.subtype[0] for item in given)
    if not fits:
        raise JException("T0412", -1, index + 1, signature.function_name, param.subtype)
    return given if symbol == "a" else [given]


def _refuse(signature: Signature, supplied: str) -> None:
    pattern, matched = "", 0
    for param in signature._params:
        pattern += param.regex
        found = re.match(pattern, supplied)
        if found is None:
            break
        matched = found.end()
    raise JException("T0410", -1, matched + 1, signature.function_name)
