"""The example project and its months of real flights."""

import importlib.util
import os
from pathlib import Path
from typing import Any

PROJECT = "flight-delay"
DATASET = "flights"
FOLDER = Path(__file__).parents[2] / "projects" / "flight_delay"
MONTHS = 12


def fetch(month: int) -> Path:
    """Path of a month of 2013 as Parquet, fetched when it is not in the cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "sluiceway" / "flights"
    cache.mkdir(parents=True, exist_ok=True)
    path: Path = _fetcher().fetch_month(month, cache)
    return path


def _fetcher() -> Any:
    """The project's own script: the project never imports this package, nor is it one."""
    spec = importlib.util.spec_from_file_location("fetch_months", FOLDER / "fetch_months.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(FOLDER / "fetch_months.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
