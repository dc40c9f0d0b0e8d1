"""What IAM was asked, as read from the record of calls."""

from pathlib import Path

from embedded.calls import Call, read
from embedded.hook.record import FILE, Check, Record, dump


def _record(*checks: Check, at: float = 1.0) -> Record:
    return Record(
        at=at,
        duration=0.01,
        principal="arn:aws:sts::1:assumed-role/PlanRun/s",
        by_service=False,
        on_behalf_of="",
        service="s3",
        operation="GetObject",
        checks=checks,
    )


def _check(decision: str = "Allow") -> Check:
    return Check("s3:GetObject", "arn:aws:s3:::b/k", decision, context={"s3:prefix": "k"})


def _call(*, at: float = 1.0, decision: str = "Allow") -> Call:
    principal = "arn:aws:sts::1:assumed-role/PlanRun/s"
    context = {"s3:prefix": "k"}
    return Call(at, principal, False, "s3:GetObject", "arn:aws:s3:::b/k", decision, context)


def test_each_question_of_a_call_is_read_oldest_first(tmp_path: Path) -> None:
    """A call may raise several questions; what IAM was not asked about is none."""
    records = [_record(_check("ImplicitDeny"), at=5.0), _record(_check(), _check()), _record(at=3.0)]
    (tmp_path / FILE).write_bytes(b"".join(map(dump, records)))
    assert read(tmp_path) == [_call(), _call(), _call(at=5.0, decision="ImplicitDeny")]
    assert [call.allowed for call in read(tmp_path, since=2)] == [False]
    assert read(tmp_path)[0].role_name == "PlanRun"


def test_a_half_written_line_is_left_out(tmp_path: Path) -> None:
    """Reading while the server writes sees whole calls only, even where half a line ends in a brace."""
    line = dump(_record(_check()))
    (tmp_path / FILE).write_bytes(line + line[: line.index(b"}") + 1])
    assert read(tmp_path) == [_call()]
