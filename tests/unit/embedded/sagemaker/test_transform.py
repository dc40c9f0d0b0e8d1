"""Objects become payloads, answers become objects, and requests are read strictly."""

from types import SimpleNamespace
from typing import Any

import pytest

from embedded.sagemaker.transform.batches import TooLargeError, assembled, batches, output_key
from embedded.sagemaker.transform.calls import CallError, ask, limits_of
from embedded.sagemaker.transform.requests import read_plan
from embedded.wire import ApiError

DATA = b"a\nbb\nccc\n"


@pytest.mark.parametrize(
    ("by_lines", "is_single", "limit", "expected"),
    [
        (False, False, 100, [DATA]),
        (True, True, 100, [b"a", b"bb", b"ccc"]),
        (True, False, 100, [b"a\nbb\nccc"]),
        (True, False, 6, [b"a\nbb", b"ccc"]),
    ],
)
def test_an_object_is_split_into_payloads(
    by_lines: bool, is_single: bool, limit: int, expected: list[bytes]
) -> None:
    """Whole, line by line, or as many lines as fit."""
    assert list(batches(DATA, by_lines=by_lines, is_single=is_single, limit=limit)) == expected


def test_what_does_not_fit_is_an_error() -> None:
    """A record, or an object that is not split."""
    for by_lines, limit in ((True, 2), (False, 8)):
        with pytest.raises(TooLargeError):
            list(batches(DATA, by_lines=by_lines, is_single=False, limit=limit))


def test_answers_are_put_together() -> None:
    """As they are, or each ending with one newline."""
    assert assembled([b"1", b"2\n"], with_newlines=False) == b"12\n"
    assert assembled([b"1", b"2\n"], with_newlines=True) == b"1\n2\n"


@pytest.mark.parametrize(
    ("prefix", "key", "expected"),
    [
        ("in/", "in/a.csv", "out/a.csv.out"),
        ("in", "in/b/a.csv", "out/in/b/a.csv.out"),
        ("in/a.csv", "in/a.csv", "out/a.csv.out"),
    ],
)
def test_outputs_lie_as_their_inputs_do(prefix: str, key: str, expected: str) -> None:
    """Below the output path, with `.out`."""
    assert output_key(prefix, key, "out/") == expected


def request(**members: Any) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": "s3://b/in/"}
    return {
        "TransformJobName": "j",
        "ModelName": "m",
        "TransformInput": {"DataSource": {"S3DataSource": source}, "SplitType": "Line"},
        "TransformOutput": {"S3OutputPath": "s3://b/out"},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    } | members


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"DataProcessing": {"JoinSource": "Input"}}, "JoinSource not implemented"),
        ({"ExperimentConfig": {"TrialName": "t"}}, "ExperimentConfig not implemented"),
        ({"MaxPayloadInMB": 60, "MaxConcurrentTransforms": 2}, "must not exceed 100 MB"),
        ({"MaxPayloadInMB": 0}, "MaxPayloadInMB 0"),
        ({"TransformOutput": {"S3OutputPath": "s3://b/o", "KmsKeyId": "k"}}, "KmsKeyId not implemented"),
        (
            {"TransformInput": request()["TransformInput"] | {"SplitType": "RecordIO"}},
            "SplitType RecordIO not implemented",
        ),
        (
            {
                "TransformInput": request()["TransformInput"] | {"SplitType": "None"},
                "BatchStrategy": "SingleRecord",
            },
            "BatchStrategy requires SplitType",
        ),
    ],
)
def test_what_a_job_cannot_be_is_refused(members: dict[str, Any], words: str) -> None:
    """By name."""
    with pytest.raises(ApiError, match=words):
        read_plan(request(**members))


def test_what_is_not_a_filter_is_no_filter() -> None:
    """The defaults of DataProcessing may be spelled out."""
    read_plan(request(DataProcessing={"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}))


class FakeInstance:
    """Answers one status after the other."""

    def __init__(self, *statuses: int, parameters: bytes = b"") -> None:
        self.statuses = list(statuses)
        self.parameters = parameters

    def invoke(self, _payload: bytes, _headers: Any, *, seconds: float) -> Any:
        del seconds
        return SimpleNamespace(status=self.statuses.pop(0), data=b"done")

    def ask(self, _path: str) -> Any:
        return SimpleNamespace(status=200 if self.parameters else 404, data=self.parameters)


def test_a_container_that_fails_is_asked_again_but_not_for_ever() -> None:
    """Three times more unless told otherwise; a request that it blames is not repeated."""
    plan = read_plan(request())
    flaky, broken, blaming = FakeInstance(500, 503, 200), FakeInstance(*[500] * 5), FakeInstance(400, 200)
    assert ask(flaky, plan, b"x") == b"done"  # type: ignore[arg-type]
    for instance, left in ((broken, 1), (blaming, 1)):
        with pytest.raises(CallError):
            ask(instance, plan, b"x")  # type: ignore[arg-type]
        assert len(instance.statuses) == left


def test_a_container_may_say_how_much_it_takes() -> None:
    """`/execution-parameters`, unless the request says it."""
    told: Any = FakeInstance(parameters=b'{"MaxConcurrentTransforms": 4, "MaxPayloadInMB": 2}')
    silent: Any = FakeInstance()
    assert (
        limits_of(read_plan(request()), told).at_once,
        limits_of(read_plan(request()), silent).at_once,
    ) == (4, 1)
    assert limits_of(read_plan(request(MaxPayloadInMB=1)), told).payload_bytes == 2**20
    assert limits_of(read_plan(request()), silent).payload_bytes == 6 * 2**20
