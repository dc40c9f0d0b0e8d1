"""Reading synthesised templates."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Properties = dict[str, Any]


@dataclass(frozen=True)
class Statement:
    """One statement of a role's policy."""

    role: str
    """`<stack>/<logical id>`"""
    actions: tuple[str, ...]
    resources: tuple[Any, ...]
    condition: Properties


@dataclass(frozen=True)
class Assembly:
    """The templates of one stage, by stack."""

    folder: Path
    templates: dict[str, Properties]

    @classmethod
    def read(cls, folder: Path) -> "Assembly":
        """Read every template of a cloud assembly."""
        files = sorted(folder.glob("*.template.json"))
        return cls(folder, {path.name.partition(".")[0]: json.loads(path.read_text()) for path in files})

    def resources(self, kind: str | None = None) -> dict[str, Properties]:
        """`<stack>/<logical id>` → the resource, of one type or of all."""
        return {
            f"{stack}/{name}": resource
            for stack, template in self.templates.items()
            for name, resource in template.get("Resources", {}).items()
            if kind is None or resource["Type"] == kind
        }

    def properties(self, kind: str) -> dict[str, Properties]:
        """`<stack>/<logical id>` → the properties of every resource of a type."""
        return {name: resource.get("Properties", {}) for name, resource in self.resources(kind).items()}

    def statements(self) -> Iterator[Statement]:
        """Every statement of every role."""
        for role, properties in self.properties("AWS::IAM::Role").items():
            for policy in properties.get("Policies", []):
                for statement in policy["PolicyDocument"]["Statement"]:
                    yield Statement(
                        role,
                        tuple(_list(statement["Action"])),
                        tuple(_list(statement["Resource"])),
                        statement.get("Condition", {}),
                    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def role_of(stack_and_name: str, reference: Any) -> str:
    """`<stack>/<logical id>` of the role that a resource's property refers to."""
    return f"{stack_and_name.partition('/')[0]}/{reference['Fn::GetAtt'][0]}"
