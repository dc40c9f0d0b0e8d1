"""Records outlive the server; listings filter, sort and page them; tags belong to them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from embedded.sagemaker import listing, tags
from embedded.sagemaker.description import describe, event_detail
from embedded.sagemaker.records import EndpointRecord, ModelRecord, Table
from embedded.sagemaker.tables import Tables
from embedded.sagemaker.traffic import Traffic
from embedded.wire import ApiError
from tests.unit.embedded.sagemaker.fakes import variant

ARN = "arn:aws:sagemaker:us-east-1:000000000000:model/"
ANYBODY: Any = None


def model(name: str, created: float = 0.0) -> ModelRecord:
    return ModelRecord(name=name, arn=ARN + name.lower(), created=created, request={"ModelName": name})


def endpoint(**values: Any) -> EndpointRecord:
    record = {"name": "E", "arn": "a", "created": 1.5, "modified": 2.5, "config": "c", "status": "InService"}
    return EndpointRecord(**{**record, "variants": (variant(instances=2),), **values})


def test_a_record_is_on_disk_when_it_counts(tmp_path: Path) -> None:
    """Another table on the same folder has it."""
    Table(tmp_path, ModelRecord).add(model("One"))
    found = Table(tmp_path, ModelRecord).get("one")
    assert found is not None
    assert found.request == {"ModelName": "One"}


def test_names_differ_by_more_than_case(tmp_path: Path) -> None:
    """SageMaker's ARNs are in lower case, so its names are one whatever their case."""
    table = Table(tmp_path, ModelRecord)
    assert table.add(model("One"))
    assert not table.add(model("ONE"))


def test_listings_filter_sort_and_page() -> None:
    """Newest first, unless asked otherwise."""
    records = [model("alpha", 1), model("beta", 2), model("alphabet", 3)]
    first, token = listing.select(records, {"NameContains": "alpha", "MaxResults": 1})
    second, end = listing.select(records, {"NameContains": "alpha", "MaxResults": 1, "NextToken": token})
    assert [each.name for each in (*first, *second)] == ["alphabet", "alpha"]
    assert end is None
    after = {"CreationTimeAfter": datetime.fromtimestamp(2, UTC), "SortBy": "Name", "SortOrder": "Ascending"}
    assert [each.name for each in listing.select(records, after)[0]] == ["alphabet", "beta"]


def test_tags_are_added_listed_and_deleted(tmp_path: Path) -> None:
    """By the ARN of the resource."""
    tables = Tables(tmp_path)
    tables.models.add(model("one"))
    run = tags.operations(tables)
    arn = {"ResourceArn": ARN + "one"}
    run["AddTags"](arn | {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]}, ANYBODY)
    run["DeleteTags"](arn | {"TagKeys": ["a"]}, ANYBODY)
    assert run["ListTags"](arn, ANYBODY) == {"Tags": [{"Key": "b", "Value": "2"}], "NextToken": None}


def test_tags_of_nothing_are_refused(tmp_path: Path) -> None:
    """With the ARN that was asked for."""
    with pytest.raises(ApiError, match=r'Could not find model ".*/none"'):
        tags.operations(Tables(tmp_path))["ListTags"]({"ResourceArn": ARN + "none"}, ANYBODY)


def test_a_description_tells_desired_and_current_apart() -> None:
    """Two instances are wanted, none runs."""
    described = describe(endpoint(), Traffic())["ProductionVariants"][0]
    assert (described["DesiredInstanceCount"], described["CurrentInstanceCount"]) == (2, 0)
    assert described["DeployedImages"][0]["SpecifiedImage"] == "image:one"


def test_an_event_spells_status_and_moments_as_eventbridge_gets_them() -> None:
    """Capitals and milliseconds; no reason where there is none."""
    detail = event_detail(endpoint(status="RollingBack"), Traffic())
    assert (detail["EndpointStatus"], detail["CreationTime"]) == ("ROLLING_BACK", 1500)
    assert "FailureReason" not in detail
    assert event_detail(endpoint(reason="why"), Traffic())["FailureReason"] == "why"
