"""Where proofs leave their figures, for `python -m tests.proofs.summary`."""

import json
from pathlib import Path
from typing import Any

FIGURES = Path(__file__).parents[2] / "build" / "proof"
"""A JSON file of each proof."""


def keep(name: str, *, in_full: bool, **figures: Any) -> None:
    """Keep a proof's figures under its name."""
    FIGURES.mkdir(parents=True, exist_ok=True)
    form = {"form": "long" if in_full else "short"}
    (FIGURES / f"{name}.json").write_text(json.dumps(form | figures, indent=1))
