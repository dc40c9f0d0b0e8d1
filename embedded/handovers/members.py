"""Members of parameters, found by name: those of an API and those of a template differ in case only."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from embedded.environment import ACCOUNT_ID

_ROLE_ARN = re.compile(r"arn:aws:iam::\d{12}:role/.+")
_PROFILE_ARN = re.compile(r"arn:aws:iam::(\d{12}):instance-profile/(?:.+/)?([^/]+)")
# Maps whose keys are a user's own: a variable called ROLE_ARN hands no role to anybody.
_FREE = frozenset({"environment", "variables", "tags", "parameters", "hyperparameters", "metadata"})
_FREE_TEXT = frozenset({"definitionsubstitutions", "definition", "input"})


def first(value: Mapping[str, Any], *names: str) -> str:
    """The first member of these names that is given, at the top; empty where none is."""
    found = {key.lower(): each for key, each in value.items()}
    return next((str(found[name.lower()]) for name in names if found.get(name.lower())), "")


def inner(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The structure of this name; empty where there is none."""
    found = next((each for key, each in value.items() if key.lower() == name.lower()), None)
    return found if isinstance(found, Mapping) else {}


def role_arns(params: Mapping[str, Any], names: str) -> list[str]:
    """The ARNs of roles in members whose names end as the regular expression says, each once."""
    ending = re.compile(rf".*{names}$", re.IGNORECASE)
    return list(dict.fromkeys(arn for each in _values(params, ending) for arn in _roles(each)))


def _values(value: Any, ending: re.Pattern[str]) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _values(each, ending)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            if ending.match(key):
                yield from (item for item in _listed(each) if isinstance(item, str))
            elif key.lower() not in _FREE | _FREE_TEXT:
                yield from _values(each, ending)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _roles(value: str) -> Iterator[str]:
    """A role's ARN; those of an instance profile; a bare name is one in this account."""
    profile = _PROFILE_ARN.fullmatch(value)
    if profile:
        yield from _of_profile(*profile.groups())
    elif _ROLE_ARN.fullmatch(value):
        yield value
    elif re.fullmatch(r"[\w+=,.@-]+", value):
        yield from _named(value)


def _of_profile(account: str, name: str) -> Iterator[str]:
    from ministack.services import iam

    profile = iam._instance_profiles.get_scoped(account, None, name) or {}
    for role in profile.get("Roles", ()):
        yield from _named(role if isinstance(role, str) else role["RoleName"])


def _named(name: str) -> Iterator[str]:
    from ministack.services import iam

    role = iam._roles.get_scoped(ACCOUNT_ID, None, name)
    if role:
        yield str(role["Arn"])
