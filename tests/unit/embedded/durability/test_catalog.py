"""The tables of what is saved agree with MiniStack's own account of its state."""

import importlib
from typing import Any

import pytest

from embedded.durability import catalog
from embedded.durability.touched import WrittenDict

MODULES = {"lambda": "lambda_svc"}


def _module(service: str) -> Any:
    return importlib.import_module(f"ministack.services.{MODULES.get(service, service)}")


@pytest.mark.parametrize("service", catalog.EXPLICIT)
def test_every_name_that_ministack_saves_is_in_the_table(service: str) -> None:
    """An upgrade that saves one more would lose it silently."""
    assert set(catalog.EXPLICIT[service]) == set(_module(service).get_state())


@pytest.mark.parametrize(
    "service", ["sqs", "s3", "eventbridge", "scheduler", "iam", "ssm", "sts", "cloudwatch"]
)
def test_every_dictionary_is_watched(service: str) -> None:
    """Those that MiniStack saves, and those that it forgets."""
    module = _module(service)
    attached = catalog.attach(service, module, {})
    assert attached.derived is None
    assert {each.name for each in attached.collections} == {
        f"{service}.{name}" for name in (*module.get_state(), *catalog.forgotten(service))
    }
    assert all(isinstance(each.container, WrittenDict) for each in attached.collections)


def test_what_is_made_for_saving_is_saved_whole() -> None:
    """KMS makes text of its keys, which are objects."""
    attached = catalog.attach("kms", _module("kms"), {})
    assert attached.derived
    assert attached.derived.names == ("keys",)


def test_an_item_is_marked_by_who_stores_it() -> None:
    """Every write of DynamoDB goes through two functions; they are where items are noted."""
    import ast
    import inspect

    tree = ast.parse(inspect.getsource(_module("dynamodb")))
    stores = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and '"items"].setdefault(pk' in ast.unparse(node).replace("'", '"')
    ]
    assert stores == ["_set_item"]
