"""Denials, held against MiniStack's own words."""

import json

import pytest
from ministack.core import iam_actions

from embedded.mends import denied_resources

DENIED = ("lambda", "lambda:InvokeFunction", "arn:aws:sts::0:assumed-role/r/s", "request")
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f"


def test_a_denial_names_the_resource(monkeypatch: pytest.MonkeyPatch) -> None:
    """As AWS words it; MiniStack leaves the resource out."""
    unmended = json.loads(iam_actions.access_denied_response(*DENIED, resource_arn=FUNCTION)[2])
    assert FUNCTION not in str(unmended)
    monkeypatch.setattr(iam_actions, "access_denied_response", iam_actions.access_denied_response)
    denied_resources.install()
    status, _, body = iam_actions.access_denied_response(*DENIED, resource_arn=FUNCTION)
    assert status == 403
    assert f"lambda:InvokeFunction on resource: {FUNCTION} because no identity-based" in str(json.loads(body))
