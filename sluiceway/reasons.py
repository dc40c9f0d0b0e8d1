"""Reasons that people read, cut to what every place that they pass through can hold."""

from typing import Annotated

from pydantic import AfterValidator

LONGEST = 8000
"""Characters: at most 32,000 bytes. Step Functions takes causes of 32,768, DynamoDB items of 400 KB,
EventBridge events of 256 KB; builds, tracebacks and archives with thousands of bad entries write more."""


def shortened(text: str) -> str:
    """The beginning and the end of a text that is too long: what failed, and what was said of it last."""
    if len(text) <= LONGEST:
        return text
    left_out = f"\n[… {len(text) - LONGEST} characters left out …]\n"
    half = (LONGEST - len(left_out)) // 2
    return text[:half] + left_out + text[-half:]


Reason = Annotated[str, AfterValidator(shortened)]
"""A sentence, or a log's last lines, that says why; never longer than `LONGEST`."""
