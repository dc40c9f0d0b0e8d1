"""Turn flights into training rows and held-out rows, split by time."""

import argparse
import sys
from pathlib import Path

import pandas as pd
from flights import FEATURES, LATE_MINUTES, TARGET, DataError, read_flights


def prepare(data: Path, output: Path, holdout_days: int) -> None:
    """Write `train.parquet` and `holdout.parquet`: the last `holdout_days` days are held out."""
    flights = read_flights(data).dropna(subset=["arr_delay"])  # cancelled flights never arrive
    dates = _dates(flights, data)
    held_out = dates > dates.max() - pd.Timedelta(days=holdout_days)
    rows = flights.assign(
        weekday=dates.dt.day_of_week.astype("int64"),
        **{TARGET: (flights["arr_delay"] >= LATE_MINUTES).astype("int64")},
    )[[*FEATURES, TARGET]]
    output.mkdir(parents=True, exist_ok=True)
    for name, part in (("train", rows[~held_out]), ("holdout", rows[held_out])):
        _check(part, name, data, holdout_days)
        part.to_parquet(output / f"{name}.parquet", index=False)
        print(f"{name}: {len(part)} flights, {part[TARGET].mean():.1%} delayed")


def _dates(flights: pd.DataFrame, data: Path) -> pd.Series:
    try:
        return pd.to_datetime(flights[["year", "month", "day"]])
    except ValueError as error:
        raise DataError(f"{data}: year, month and day of a row are no date: {error}") from error


def _check(part: pd.DataFrame, name: str, data: Path, holdout_days: int) -> None:
    if part[TARGET].nunique() < 2:
        raise DataError(
            f"{data}: the {name} part has {len(part)} flights, not both delayed and punctual ones; "
            f"add data, or change holdout_days (now {holdout_days})"
        )


def main() -> None:
    """Read the command line and prepare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with files of flights")
    parser.add_argument("--output", type=Path, required=True, help="folder for the two files")
    parser.add_argument("--holdout-days", type=float, default=7, help="days at the end to hold out")
    options = parser.parse_args()
    prepare(options.data, options.output, int(options.holdout_days))


if __name__ == "__main__":
    try:
        main()
    except DataError as error:
        sys.exit(f"DataError: {error}")
