"""The roles of synthesised templates, so that what was deployed is held to what would be."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from embedded.privileges.roles import Role, logical_name

_ROLE, _POLICY = "AWS::IAM::Role", "AWS::IAM::Policy"


def differences(folder: Path, roles: Sequence[Role]) -> list[str]:
    """One line for each role whose actions are not those of the templates in a cloud assembly."""
    wanted, found = actions_of(folder), {role.logical_name: _actions(role.policies) for role in roles}
    names = sorted(wanted.keys() | found.keys())
    return [
        f"{name}: deployed with {_shown(found.get(name))}, in the template with {_shown(wanted.get(name))}"
        for name in names
        if wanted.get(name) != found.get(name)
    ]


def actions_of(folder: Path) -> dict[str, Counter[str]]:
    """The actions of each role in the templates of a folder, with how often each is granted."""
    found: dict[str, Counter[str]] = {}
    for path in sorted(folder.glob("*.template.json")):
        resources = json.loads(path.read_text()).get("Resources", {})
        for name, documents in _documents(resources):
            found[name] = found.get(name, Counter()) + _actions(documents)
    return found


def _documents(resources: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    for logical_id, resource in resources.items():
        properties = resource.get("Properties", {})
        if resource["Type"] == _ROLE:
            policies = properties.get("Policies", [])
            yield logical_name(logical_id), [each["PolicyDocument"] for each in policies]
        elif resource["Type"] == _POLICY:
            for role in properties.get("Roles", []):
                yield logical_name(role["Ref"]), [properties["PolicyDocument"]]


def _actions(documents: Sequence[Mapping[str, Any]]) -> Counter[str]:
    listed = [
        statement.get("Action", [])
        for document in documents
        for statement in document["Statement"]
        if statement["Effect"] == "Allow"
    ]
    return Counter(action for each in listed for action in ([each] if isinstance(each, str) else each))


def _shown(actions: Counter[str] | None) -> str:
    return "no such role" if actions is None else ", ".join(sorted(actions.elements())) or "no action"
