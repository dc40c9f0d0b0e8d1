"""Planning an export."""

from datetime import timedelta

from sluiceway.gateways.objects import read_contract
from sluiceway.metrics.contracts import ExportPlan, MetricFilter, Shard
from tests.unit.metrics.exports import NOW, Exports


def test_the_same_range_and_filters_give_the_same_plan():
    """A repeated task writes the same objects again."""
    exports = Exports()
    exports.metrics.add("AWS/Lambda", "Errors", FunctionName="f")
    assert exports.plan(minutes=5) == exports.plan(minutes=5)


def test_only_uris_leave_the_task():
    """A plan may be larger than a state payload."""
    exports = Exports()
    for number in range(1200):
        exports.metrics.add("AWS/Lambda", "Errors", FunctionName=f"f{number}")
    plan = exports.plan(minutes=5)
    shard = read_contract(exports.objects, plan.shard_uris[0], Shard)
    assert len(plan.model_dump_json()) < 500
    assert [len(request.queries) for request in shard.requests] == [500, 500, 200]


def test_a_filter_chooses_by_name_and_dimension():
    """Names and dimensions narrow a namespace."""
    exports = Exports()
    for name in ("f", "g"):
        exports.metrics.add("AWS/Lambda", "Errors", FunctionName=name)
        exports.metrics.add("AWS/Lambda", "Duration", FunctionName=name)
    chosen = MetricFilter(
        namespace="AWS/Lambda",
        metric_names=("Errors",),
        dimensions={"FunctionName": "g"},
        statistics=("p99",),
    )
    plan = exports.plan(minutes=5, metrics=(chosen,))
    assert read_contract(exports.objects, plan.plan_uri, ExportPlan).queries == 1


def test_a_day_that_cloudwatch_no_longer_lists_in_full_is_not_exported_again():
    """After two weeks ListMetrics forgets series: a second export would lose what the first one has."""
    exports = Exports()
    exports.metrics.add("AWS/Lambda", "Errors", FunctionName="f")
    old = {"start": NOW - timedelta(days=20), "minutes": 5}
    assert exports.run(**old).datapoints == 288
    assert exports.plan(**old).shard_uris == ()
