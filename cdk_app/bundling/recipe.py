"""`layers/<name>/layer.yaml`: what a layer holds and what is cut from it, with the reason."""

from pathlib import Path

import yaml

from sluiceway.contract import Contract

ROOT = Path(__file__).parents[2]


class Cut(Contract):
    """Files that no function needs."""

    paths: tuple[str, ...]
    """Glob patterns below the layer's `python` folder."""
    why: str


class Recipe(Contract):
    """How a layer is made."""

    requirements: str
    """The lock file, relative to the repository."""
    cut: tuple[Cut, ...] = ()
    aws_services: tuple[str, ...] = ()
    """Services whose botocore model is kept; without any, botocore is left alone."""
    largest_mib: int
    """The layer may not grow over this without somebody deciding so."""


def layer_recipe(name: str) -> Recipe:
    """Read the recipe of a layer."""
    return Recipe.model_validate(yaml.safe_load((ROOT / "layers" / name / "layer.yaml").read_text()))
