"""The columns of a flight: what is known before departure, and what is to be predicted."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

CATEGORIES = ["carrier", "origin", "dest"]
NUMBERS = ["hour", "minute", "weekday", "distance"]
FEATURES = [*CATEGORIES, *NUMBERS]
"""Known when a flight is scheduled. The date itself is left out: a model cannot learn it from the past."""

TARGET = "delayed"
LATE_MINUTES = 15
"""A flight is delayed when it arrives this late (the Bureau of Transportation Statistics' own definition)."""

SOURCE_COLUMNS = ["year", "month", "day", "hour", "minute", "distance", *CATEGORIES, "arr_delay"]


class DataError(Exception):
    """Data that cannot be used; the message names the file and what is wrong with it."""


def read_flights(folder: Path) -> pd.DataFrame:
    """All flights of the Parquet and CSV files in `folder` and below, with the columns that are used."""
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder: give the folder with the flights' Parquet or CSV files")
    paths = sorted(path for path in folder.rglob("*") if path.suffix in _READERS)
    if not paths:
        raise DataError(f"{folder} holds no .parquet or .csv file: the dataset is empty")
    return pd.concat([_read(path) for path in paths], ignore_index=True)


def check_columns(columns: Iterable[str], required: Sequence[str], path: Path) -> None:
    """Raise `DataError` that names the columns which `path` does not have."""
    present = set(columns)
    if missing := [name for name in required if name not in present]:
        raise DataError(f"{path}: missing column {', '.join(missing)}; found {', '.join(sorted(present))}")


def _read(path: Path) -> pd.DataFrame:
    try:
        flights = _READERS[path.suffix](path)
    except Exception as error:
        raise DataError(f"{path} cannot be read as {path.suffix[1:]}: {error}") from error
    check_columns(flights.columns, SOURCE_COLUMNS, path)
    if flights.empty:
        raise DataError(f"{path} holds no rows")
    if empty := [name for name in SOURCE_COLUMNS if flights[name].isna().all()]:
        raise DataError(f"{path}: column {', '.join(empty)} has no value in any of its {len(flights)} rows")
    return flights[SOURCE_COLUMNS]


_READERS = {".parquet": pd.read_parquet, ".csv": pd.read_csv}
