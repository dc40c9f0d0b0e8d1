"""Splits the points: every fifth row is held out."""

import sys
from pathlib import Path

import pandas as pd

source, output = Path(sys.argv[1]), Path(sys.argv[2])
frame = pd.concat([pd.read_csv(path) for path in sorted(source.rglob("*.csv"))], ignore_index=True)
if frame.empty:
    raise SystemExit(f"no rows in {[path.name for path in sorted(source.rglob('*.csv'))]}")
output.mkdir(parents=True, exist_ok=True)
held_out = frame.index % 5 == 0
frame[held_out].to_parquet(output / "holdout.parquet", index=False)
frame[~held_out].to_parquet(output / "train.parquet", index=False)
