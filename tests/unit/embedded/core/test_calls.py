"""The record of calls."""

from pathlib import Path

from embedded.calls import Call, Recorder, read


def _call(**changes: object) -> Call:
    values = {
        "at": 1.0,
        "principal": "arn:aws:sts::1:assumed-role/PlanRun/s",
        "by_service": False,
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::b/k",
        "decision": "Allow",
    }
    return Call(**(values | changes))  # type: ignore[arg-type]


def test_calls_are_read_as_written(tmp_path: Path) -> None:
    """One line each; the role's name is in the session's ARN."""
    recorder = Recorder(tmp_path)
    recorder.write(_call())
    recorder.write(_call(at=5.0, decision="ImplicitDeny"))
    recorder.flush()
    assert read(tmp_path) == [_call(), _call(at=5.0, decision="ImplicitDeny")]
    assert [call.allowed for call in read(tmp_path, since=2)] == [False]
    assert read(tmp_path)[0].role_name == "PlanRun"


def test_a_half_written_line_is_left_out(tmp_path: Path) -> None:
    """Reading while the server writes sees whole calls only."""
    recorder = Recorder(tmp_path)
    recorder.write(_call())
    recorder.flush()
    with (tmp_path / "calls.jsonl").open("a") as file:
        file.write('{"at": 1.0, "princ')
    assert read(tmp_path) == [_call()]
