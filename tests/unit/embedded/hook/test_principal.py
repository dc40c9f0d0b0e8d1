"""A call says which service made it."""

import boto3

from embedded.hook import principal


def test_a_client_of_a_service_names_it_in_what_it_sends() -> None:
    """Whoever gets the request knows that Step Functions made it, not a client under its role."""
    sent: list[dict[str, str]] = []
    client = boto3.client(
        "sqs",
        region_name="eu-central-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=principal.client_config("states.amazonaws.com"),
    )
    client.meta.events.register(
        "before-call", lambda params, **_: sent.append(params["headers"]) or _answer()
    )

    client.list_queues()

    assert principal.named_in({"user-agent": sent[0]["User-Agent"]}) == "states.amazonaws.com"


def test_a_plain_client_names_none() -> None:
    """Without a principal nothing is changed, and none is found."""
    assert principal.client_config(None) is None
    assert principal.named_in({"user-agent": "Boto3/1.40 md/Botocore"}) == ""


def _answer() -> tuple[object, dict[str, object]]:
    class _Ok:
        status_code = 200

    return _Ok(), {"QueueUrls": []}
