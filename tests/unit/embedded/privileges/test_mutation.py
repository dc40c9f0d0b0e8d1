"""The mutation run over hand-made records, and its command."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from embedded.calls import Call
from embedded.privileges import __main__ as command
from embedded.privileges import mutation, saved, templates
from embedded.privileges.allowances import Allowance
from embedded.privileges.report import summary, table
from embedded.privileges.roles import Role, kind_of

BUCKET = "arn:aws:s3:::bucket"


def role(*actions: str, logical: str = "ReaderRole", name: str = "stack-Reader-1") -> Role:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": f"{BUCKET}/*"}
    return Role(name, logical, ({"Version": "2012-10-17", "Statement": [statement]},), "function")


def call(action: str, *, at: float = 5.0) -> Call:
    session = "arn:aws:sts::000000000000:assumed-role/stack-Reader-1/one"
    return Call(at, session, False, action, f"{BUCKET}/a", "Allow")


def run(*calls: Call, excused: Sequence[Allowance] = ()) -> list[mutation.Outcome]:
    return mutation.run([role("s3:GetObject", "s3:PutObject")], calls, excused)


def test_a_mutant_dies_of_the_first_call_that_misses_its_action() -> None:
    """Another call of the same role does not help it."""
    killers = [each.killer.at if each.killer else None for each in run(call("s3:GetObject", at=7))]
    assert killers == [7, None]


def test_a_mutant_that_no_call_misses_survives() -> None:
    """Unless somebody says why it may."""
    excuse = Allowance(role="ReaderRole", action="s3:PutObject", reason="only AWS writes")
    assert [each.survived for each in run(call("s3:GetObject"))] == [False, True]
    assert [each.survived for each in run(call("s3:GetObject"), excused=[excuse])] == [False, False]


def test_the_table_names_the_call_and_its_test(tmp_path: Path) -> None:
    """One line for each action; survivors are killed by nobody."""
    saved.note_test(tmp_path, 1.0, "test_early")
    saved.note_test(tmp_path, 4.0, "test_reading")
    lines = table(run(call("s3:GetObject")), saved.Tests(tmp_path).at).splitlines()
    assert lines[1].split("  ")[-1] == f"s3:GetObject on {BUCKET}/a in test_reading"
    assert lines[2].endswith("NOBODY")
    assert summary(run(call("s3:GetObject"))) == "2 mutants: 1 killed, 0 excused, 1 survived"


@pytest.mark.parametrize(
    ("principal", "kind"),
    [
        ({"Service": "states.amazonaws.com"}, "machine"),
        ({"Service": ["scheduler.amazonaws.com"]}, "schedule"),
        ({"Service": "pipes.amazonaws.com"}, "pipes"),
        ({"AWS": "arn:aws:iam::000000000000:root"}, "person"),
    ],
)
def test_a_role_is_of_the_kind_that_it_trusts(principal: dict[str, Any], kind: str) -> None:
    """So that the table says whose it is."""
    assert kind_of({"Statement": [{"Effect": "Allow", "Principal": principal}]}) == kind


def _template(folder: Path, *actions: str) -> Path:
    document = {"Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}
    properties = {"Policies": [{"PolicyName": "p", "PolicyDocument": document}]}
    resources = {"ReaderRole1A2B3C4D": {"Type": "AWS::IAM::Role", "Properties": properties}}
    (folder / "Stack.template.json").write_text(json.dumps({"Resources": resources}))
    return folder


def test_roles_are_held_to_the_template(tmp_path: Path) -> None:
    """An action that was added or removed since is told, and a role that is gone."""
    folder = _template(tmp_path, "s3:GetObject", "s3:PutObject")
    assert templates.differences(folder, [role("s3:GetObject", "s3:PutObject")]) == []
    (line,) = templates.differences(folder, [role("s3:GetObject")])
    assert line == "ReaderRole: deployed with s3:GetObject, in the template with s3:GetObject, s3:PutObject"
    assert len(templates.differences(folder, [role(logical="Other")])) == 2


@pytest.mark.parametrize(("actions", "code"), [(("s3:GetObject",), 0), (("s3:GetObject", "s3:PutObject"), 1)])
def test_the_command_fails_when_a_mutant_survives(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    actions: tuple[str, ...],
    code: int,
) -> None:
    """Of a cloud that has ended: with its roles as they were written down."""
    monkeypatch.setattr(command.calls, "read", lambda _folder, since: [call("s3:GetObject", at=since + 1)])
    saved.save_roles(tmp_path, [role(*actions)])
    exceptions = tmp_path / "none.yaml"
    exceptions.write_text("[]")
    folder = _template(tmp_path, *actions)
    arguments = ["--state", str(tmp_path), "--exceptions", str(exceptions), "--template", str(folder)]
    assert command.main(arguments) == code
    assert ("NOBODY" in capsys.readouterr().out) is bool(code)


def test_the_command_fails_when_an_exception_is_not_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It goes stale loudly: the action is used, or the role has it no more."""
    monkeypatch.setattr(command.calls, "read", lambda _folder, since: [call("s3:GetObject", at=since + 1)])
    saved.save_roles(tmp_path, [role("s3:GetObject")])
    exceptions = tmp_path / "some.yaml"
    exceptions.write_text("- {role: ReaderRole, action: s3:GetObject, reason: only AWS reads}\n")
    assert command.main(["--state", str(tmp_path), "--exceptions", str(exceptions)]) == 1
    assert "exception not needed: ReaderRole s3:GetObject (only AWS reads)" in capsys.readouterr().out


def test_the_command_has_nothing_to_judge_where_nothing_was_recorded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No cloud runs there, and none has: exit code 2 and what to do."""
    assert command.main(["--state", str(tmp_path)]) == 2
    assert "run the tests of tests/embedded first" in capsys.readouterr().err
