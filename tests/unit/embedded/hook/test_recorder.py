"""The record's files."""

from dataclasses import replace
from pathlib import Path

import pytest

from embedded.hook import record
from embedded.hook.follow import follow
from embedded.hook.record import FILE, Check, Record, Selection, dump, load, read
from embedded.hook.recorder import Recorder


def _record(**changes: object) -> Record:
    found = Record(
        at=1.0,
        duration=0.5,
        principal="arn:aws:sts::1:assumed-role/PlanRun/s",
        by_service=True,
        on_behalf_of="states.amazonaws.com",
        service="s3",
        operation="GetObject",
        resources=("arn:aws:s3:::b/k",),
        decision="Allow",
        checks=(Check("s3:GetObject", "arn:aws:s3:::b/k", "Allow", context={"s3:prefix": ["k"]}),),
    )
    return replace(found, **changes)  # type: ignore[arg-type]


def test_a_record_is_read_as_it_was_written() -> None:
    """Nothing is lost in between."""
    assert load(dump(_record())) == _record()
    assert load(dump(_record()).replace(b"{", b'{"of_another_version":1,', 1)) == _record()


def test_what_cannot_be_written_breaks_no_call(tmp_path: Path) -> None:
    """The next is written; so is the one before."""
    recorder = Recorder(tmp_path)
    recorder.write(_record(at=1.0))
    recorder.write(_record(parameters={"a": {1, 2}, (3,): b""}))
    recorder.write(_record(at=2.0))
    recorder.flush()
    assert [each.at for each in read(tmp_path)] == [1.0, 2.0]


def test_a_killed_servers_half_line_harms_no_other(tmp_path: Path) -> None:
    """The next server goes on in the same file, after the last whole line."""
    (tmp_path / FILE).write_bytes(dump(_record()) + b'{"at": 1.0, "dur')
    recorder = Recorder(tmp_path)
    recorder.write(_record())
    recorder.flush()
    assert (tmp_path / FILE).read_bytes() == dump(_record()) * 2


def test_a_full_file_is_put_aside_and_old_ones_are_dropped(tmp_path: Path) -> None:
    """So many are kept, and read first."""
    recorder = Recorder(tmp_path, rotate_bytes=1)
    for number in range(10):
        recorder.write(_record(at=float(number)))
    recorder.flush()
    assert [path.name for path in record.files(tmp_path)] == [f"{FILE}.3", f"{FILE}.2", f"{FILE}.1", FILE]
    assert [each.at for each in read(tmp_path)] == [7.0, 8.0, 9.0]


@pytest.mark.parametrize(
    ("selection", "is_taken"),
    [
        (Selection(), True),
        (Selection(since=2.0), False),
        (Selection(role="Plan*"), True),
        (Selection(role="states.amazonaws.com"), True),
        (Selection(role="root"), False),
        (Selection(service="s3", operation="Get*"), True),
        (Selection(operation="Put*"), False),
        (Selection(denied=True), False),
    ],
)
def test_records_are_chosen_by_time_caller_and_call(selection: Selection, is_taken: bool) -> None:
    """Names may be globs; a caller is a role, a user, root, or the service that called."""
    assert selection.takes(_record()) is is_taken


def test_the_record_is_followed_into_the_next_file(tmp_path: Path) -> None:
    """What was there before is not repeated, half a line is waited for, and a new file is taken up."""
    path = tmp_path / FILE
    path.write_bytes(dump(_record(at=0.0)))
    line, waits = dump(_record(at=1.0)), []

    def wait() -> None:
        waits.append(1)
        if len(waits) == 1:
            path.open("ab").write(line[:20])
        elif len(waits) == 2:
            path.open("ab").write(line[20:])
        else:
            path.rename(f"{path}.1")
            path.write_bytes(dump(_record(at=2.0)))

    found = follow(tmp_path, Selection(), wait=wait)
    assert [next(found).at, next(found).at] == [1.0, 2.0]
