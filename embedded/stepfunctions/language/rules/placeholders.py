"""Placeholders that nobody filled: `${Name}` is a text like any other to AWS, and never what was meant."""

import re
from collections.abc import Iterator
from typing import Any

from embedded.stepfunctions.language.diagnostics import UNFILLED_PLACEHOLDER, Diagnostic, error
from embedded.stepfunctions.language.rules.walk import strings

PLACEHOLDER = re.compile(r"\$\{([A-Za-z][\w.:-]*)\}", re.ASCII)


def check_placeholders(definition: dict[str, Any]) -> Iterator[Diagnostic]:
    """Each `${Name}` in a definition, comments aside."""
    for text, location in strings(definition, ""):
        if location.endswith("/Comment"):
            continue
        for name in dict.fromkeys(PLACEHOLDER.findall(text)):
            yield error(UNFILLED_PLACEHOLDER, f"The placeholder ${{{name}}} was not filled", location)
