"""What the nodes of a multi-node parallel job may be, and what a submission changes of them.

Sources: https://docs.aws.amazon.com/batch/latest/APIReference/API_NodeProperties.html and
API_NodeOverrides.html
"""

import re
from collections.abc import Mapping
from typing import Any

from embedded.batch.catalog import Document, invalid
from embedded.batch.containers import check_container, normalised, overridden
from embedded.batch.model import node_range

_TARGET = re.compile(r"\d+|\d*:\d*")
_UNSUPPORTED = ("ecsProperties", "eksProperties", "consumableResourceProperties")
_MOST_NODES = 1000


def normalised_nodes(nodes: Document) -> Document:
    """`nodeProperties` with the containers' lists filled in."""
    ranges = [
        each | ({"container": normalised(each["container"])} if "container" in each else {})
        for each in nodes["nodeRangeProperties"]
    ]
    return nodes | {"nodeRangeProperties": ranges}


def check_nodes(nodes: Document) -> None:
    """Raise ClientException unless every node has a container and one of them is the main node."""
    count = int(nodes["numNodes"])
    if not 1 <= count <= _MOST_NODES or not 0 <= nodes["mainNode"] < count:
        raise invalid(f"nodeProperties: numNodes {count} and mainNode {nodes['mainNode']} do not go together")
    covered: set[int] = set()
    for each in nodes["nodeRangeProperties"]:
        _check_range(each)
        covered |= set(node_range(each, count))
    if covered != set(range(count)):
        raise invalid(f"nodeProperties: the ranges must account for all nodes 0 to {count - 1}")


def with_overrides(nodes: Document, overrides: Document, parameters: Mapping[str, str]) -> Document:
    """`nodeProperties` as a submission changes them."""
    for each in overrides.get("nodePropertyOverrides", ()):
        _refuse(
            each, ("ecsPropertiesOverride", "eksPropertiesOverride", "consumableResourcePropertiesOverride")
        )
    count = int(overrides.get("numNodes") or nodes["numNodes"])
    given = {item["targetNodes"]: item for item in overrides.get("nodePropertyOverrides", ())}
    ranges = [_changed(each, given, parameters) for each in nodes["nodeRangeProperties"]]
    unknown = set(given) - {each["targetNodes"] for each in ranges}
    if unknown:
        raise invalid(
            f"nodeOverrides: targetNodes {', '.join(sorted(unknown))}: use a range of the definition"
        )
    made = nodes | {"numNodes": count, "nodeRangeProperties": ranges}
    check_nodes(made)
    return made


def _changed(each: Document, given: Mapping[str, Any], parameters: Mapping[str, str]) -> Document:
    override = given.get(each["targetNodes"], {})
    container = overridden(each["container"], dict(override.get("containerOverrides", {})), parameters)
    return each | {"container": container}


def _check_range(each: Document) -> None:
    if not _TARGET.fullmatch(each["targetNodes"]):
        raise invalid(f"nodeProperties: targetNodes {each['targetNodes']!r} is not like 0:3, :3, 4: or 2")
    _refuse(each, _UNSUPPORTED)
    if "container" not in each:
        raise invalid("nodeProperties: each range needs a container")
    check_container(each["container"], "nodeProperties.container", is_fargate=False)


def _refuse(each: Mapping[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        if each.get(name):
            raise invalid(f"{name} is not supported here")
