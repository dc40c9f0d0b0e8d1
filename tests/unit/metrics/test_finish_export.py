"""Finishing an export."""

from datetime import timedelta

import pytest

from sluiceway.gateways.objects import read_contract
from sluiceway.metrics.contracts import ExportManifest
from sluiceway.metrics.finish_export import IncompleteExport
from tests.unit.metrics.exports import BUCKET, NOW, Exports


def test_a_repeated_export_replaces_and_never_doubles():
    """The same day, exported again an hour later, stands there once."""
    exports = Exports()
    exports.metrics.add("AWS/Lambda", "Errors", FunctionName="f")
    exports.run(minutes=5)
    later = exports.run(minutes=60, now=NOW + timedelta(hours=1))
    assert later.datapoints == len(exports.rows()) == 90


def test_what_an_earlier_export_wrote_beyond_this_one_goes():
    """A day that needed two files may need one now."""
    exports = Exports()
    exports.metrics.add("AWS/Lambda", "Errors", FunctionName="f")
    stale = "metrics/date=2026-11-21/namespace=AWS%2FLambda/part-001.parquet"
    exports.objects.put(BUCKET, stale, b"stale")
    done = exports.run(minutes=5)
    manifest = read_contract(exports.objects, done.manifest_uri, ExportManifest)
    assert manifest.replaced == (f"s3://{BUCKET}/{stale}",)
    assert exports.files() == ["metrics/date=2026-11-21/namespace=AWS%2FLambda/part-000.parquet"]


def test_other_days_and_namespaces_stay():
    """Only the partitions of the plan are replaced."""
    exports = Exports()
    other = "metrics/date=2026-11-20/namespace=AWS%2FLambda/part-000.parquet"
    exports.objects.put(BUCKET, other, b"yesterday")
    exports.run(minutes=5)
    assert exports.files() == [other]


def test_an_export_that_lost_a_shard_is_refused():
    """Nothing is reported as exported that was not asked."""
    exports = Exports()
    exports.metrics.add("AWS/Lambda", "Errors")
    with pytest.raises(IncompleteExport, match="0 of 1 requests"):
        exports.finish(exports.plan(minutes=5), [])


def test_the_manifest_lists_every_file_with_its_points():
    """What it says is what lies there."""
    exports = Exports()
    exports.metrics.add("AWS/Lambda", "Errors")
    done = exports.run(minutes=5)
    manifest = read_contract(exports.objects, done.manifest_uri, ExportManifest)
    assert sum(file.datapoints for file in manifest.files) == done.datapoints == 30
    assert manifest.files[0].uri == f"s3://{BUCKET}/{exports.files()[0]}"
