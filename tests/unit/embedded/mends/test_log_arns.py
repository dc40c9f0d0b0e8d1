"""IAM is asked about streams of log groups, as AWS's denials name them."""

import json

from embedded.mends.log_arns import resource

GROUP = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/one"


def test_a_request_on_a_stream_names_the_stream() -> None:
    """A policy may allow the streams of a group with `:log-stream:*`, or with the group's own `:*`."""
    body = json.dumps({"logGroupName": "/aws/lambda/one", "logStreamName": "a/b"}).encode()
    assert resource(GROUP, body) == f"{GROUP}:log-stream:a/b"


def test_a_request_on_a_group_names_no_stream() -> None:
    """A policy on the bare ARN of the group does not match it, as on AWS."""
    body = json.dumps({"logGroupName": "/aws/lambda/one"}).encode()
    assert resource(GROUP, body) == f"{GROUP}:log-stream:"


def test_a_request_on_no_group_stays_as_it_is() -> None:
    """DescribeLogGroups without a prefix acts on everything."""
    assert resource("*", b"{}") == "*"
