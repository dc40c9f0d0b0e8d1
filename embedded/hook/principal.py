"""How a call says which service made it: a token in the `User-Agent` that names the service's principal.

AWS knows it from the credentials; here a service calls over the wire as everyone does, and says so.
"""

import re
from collections.abc import Mapping

from botocore.config import Config

_TOKEN = "sluice-on-behalf-of/"  # noqa: S105 - a token of a header, not a secret
_PATTERN = re.compile(rf"{_TOKEN}([\w.-]+)")


def client_config(principal: str | None) -> Config | None:
    """What boto3 needs to name a principal, such as `states.amazonaws.com`; None for a plain client."""
    return Config(user_agent_extra=f"{_TOKEN}{principal}") if principal else None


def named_in(headers: Mapping[str, str]) -> str:
    """The principal that a request's headers (keys in lower case) name; empty for a client's own call."""
    found = _PATTERN.search(headers.get("user-agent", ""))
    return found[1] if found else ""
