"""Answers of containers become answers of InvokeEndpoint, or errors in SageMaker's words."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import urllib3

from embedded.sagemaker.capture import Exchange
from embedded.sagemaker.deployments import Deployments
from embedded.sagemaker.invocations import Invocations
from embedded.sagemaker.metrics import Invocation
from embedded.sagemaker.model_calls import MAX_PAYLOAD, ModelCalls
from embedded.sagemaker.naming import Names
from embedded.sagemaker.records import EndpointRecord
from embedded.sagemaker.site import Announcer
from embedded.sagemaker.tables import Tables
from embedded.wire import ApiError
from tests.unit.embedded.sagemaker.fakes import FakeAlarms, FakeClock, FakeContainers, fleet_of, variant

NAMES = Names("us-east-1", "000000000000")
NOBODY = Announcer(state=lambda *_: None, deployment=lambda *_: None)
TEXT = {"Content-Type": "text/plain", "X-Amzn-SageMaker-Custom-Attributes": "trace=1"}


class FakeInstance:
    """Answers with what it was given."""

    variant = "main"
    is_alive = True
    in_flight = 0

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.headers: dict[str, str] = {}

    def invoke(self, _body: bytes, headers: dict[str, str], *, seconds: float) -> Any:
        self.headers = headers
        if isinstance(self.answer, Exception):
            raise self.answer
        status, data = self.answer
        return SimpleNamespace(status=status, data=data, headers=TEXT)


class Runtime:
    """An endpoint with one instance, and what was counted."""

    def __init__(self, folder: Path, answer: Any) -> None:
        tables = Tables(folder)
        record = {
            "name": "One",
            "arn": "a",
            "created": 0,
            "modified": 0,
            "config": "c",
            "status": "InService",
        }
        tables.endpoints.add(EndpointRecord(**record, variants=(variant(),)))
        containers: Any = FakeContainers()
        deployments = Deployments(
            tables.endpoints, containers, NOBODY, alarms=FakeAlarms(), clock=FakeClock()
        )
        self.instance, self.counted = FakeInstance(answer), list[Invocation]()
        self.captured: list[Exchange] = []
        deployments.traffic("One").switch(fleet_of(self.instance, main=1.0))
        calls = ModelCalls(NAMES, self.counted.append)
        invocations = Invocations(NAMES, tables, deployments, calls, self.captured.append)
        self._operations = invocations.operations()

    def invoke(self, **params: Any) -> Any:
        call = {"EndpointName": "One", "Body": b"x"} | params
        return self._operations["InvokeEndpoint"](call, None)


def test_an_answer_comes_with_its_variant_and_attributes(tmp_path: Path) -> None:
    """Headers pass both ways under SageMaker's names."""
    runtime = Runtime(tmp_path, (200, b"42"))
    answer = runtime.invoke(
        ContentType="text/csv", Accept="text/plain", CustomAttributes="c", InferenceId="7"
    )
    assert (answer["Body"], answer["InvokedProductionVariant"], answer["CustomAttributes"]) == (
        b"42",
        "main",
        "trace=1",
    )
    assert runtime.instance.headers == {
        "Content-Type": "text/csv",
        "Accept": "text/plain",
        "X-Amzn-SageMaker-Custom-Attributes": "c",
        "X-Amzn-SageMaker-Inference-Id": "7",
    }


@pytest.mark.parametrize(
    ("status", "kind"), [(400, "client"), (429, "client"), (500, "server"), (302, "server")]
)
def test_an_error_of_the_container_is_a_model_error(tmp_path: Path, status: int, kind: str) -> None:
    """With its own status and words."""
    runtime = Runtime(tmp_path, (status, b"why"))
    with pytest.raises(
        ApiError, match=rf"Received {kind} error \({status}\) from primary with message \"why\""
    ) as e:
        runtime.invoke()
    assert (e.value.code, e.value.members["OriginalStatusCode"]) == ("ModelError", status)
    assert [(each.status, each.variant) for each in runtime.counted] == [(status, "main")]


def test_a_container_that_takes_too_long_is_a_model_error_with_status_0(tmp_path: Path) -> None:
    """In the words with which SageMaker explains a timeout."""
    pool: Any = None
    runtime = Runtime(tmp_path, urllib3.exceptions.ReadTimeoutError(pool, "/invocations", "timed out"))
    with pytest.raises(ApiError, match=r"\(0\) from primary with message \"Your invocation timed out"):
        runtime.invoke()
    assert runtime.counted[0].status == 0


@pytest.mark.parametrize(
    ("params", "code", "words"),
    [
        ({"EndpointName": "none"}, "ValidationError", "Endpoint none of account 000000000000 not found."),
        ({"EndpointName": "one"}, "ValidationError", "Endpoint one of account"),
        ({"TargetVariant": "other"}, "ValidationError", "Variant other of endpoint One not found"),
        ({"TargetModel": "m"}, "ValidationError", "TargetModel not implemented"),
        ({"Body": bytes(MAX_PAYLOAD + 1)}, "413", "HTTP content length exceeded 26214400 bytes."),
    ],
)
def test_a_request_that_cannot_be_served_is_refused(
    tmp_path: Path, params: dict[str, Any], code: str, words: str
) -> None:
    """Before any container is asked; the case of an endpoint's name counts."""
    runtime = Runtime(tmp_path, (200, b""))
    with pytest.raises(ApiError, match=words) as caught:
        runtime.invoke(**params)
    assert (caught.value.code, runtime.counted) == (code, [])


def test_without_a_live_container_the_service_is_unavailable(tmp_path: Path) -> None:
    """A client may try again: it is being replaced."""
    runtime = Runtime(tmp_path, (200, b""))
    runtime.instance.is_alive = False
    with pytest.raises(ApiError) as caught:
        runtime.invoke()
    assert caught.value.code == "ServiceUnavailable"


def test_only_answers_of_success_are_captured(tmp_path: Path) -> None:
    """What failed has no answer to compare."""
    answered, failed = Runtime(tmp_path / "a", (200, b"42")), Runtime(tmp_path / "b", (500, b""))
    answered.invoke()
    with pytest.raises(ApiError):
        failed.invoke()
    assert [each.answer.body for each in (*answered.captured, *failed.captured)] == [b"42"]
