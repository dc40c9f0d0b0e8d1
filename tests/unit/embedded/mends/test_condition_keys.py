"""Condition keys of requests to CloudWatch and S3."""

from embedded.mends import condition_keys, object_tagging


def test_the_namespace_is_found_in_both_protocols() -> None:
    """JSON, which boto3 speaks, and the older form."""
    assert condition_keys.namespace(b'{"Namespace": "N", "MetricData": []}', {}) == "N"
    assert condition_keys.namespace(b"Action=PutMetricData&Namespace=A%2FB", {}) == "A/B"
    assert condition_keys.namespace(b"", {"Action": "PutMetricData", "Namespace": ["N"]}) == "N"
    assert condition_keys.namespace(b"{", {}) == ""


def test_tags_of_a_put_are_condition_keys() -> None:
    """Each tag, and the list of their names."""
    found = object_tagging.request_tags({"x-amz-tagging": "a=1&b=x%20y"})
    assert found == {
        "s3:RequestObjectTag/a": "1",
        "s3:RequestObjectTag/b": "x y",
        "s3:RequestObjectTagKeys": ["a", "b"],
    }
    assert object_tagging.request_tags({}) == {}


def test_a_put_with_tags_needs_another_action() -> None:
    """Also one that copies and replaces the source's tags; one without tags needs none."""
    needed = [("s3:PutObjectTagging", "arn:aws:s3:::b/k")]
    assert object_tagging._tagging("/b/k", {"x-amz-tagging": "a=1"}) == needed
    copied = {"x-amz-copy-source": "b/s", "x-amz-tagging-directive": "REPLACE"}
    assert object_tagging._tagging("/b/k", copied | {"x-amz-tagging": "a=1"}) == needed
    assert object_tagging._tagging("/b/k", {}) == object_tagging._tagging("/b/k", copied) == []
