"""What payloads tell, in the corners of GitHub's documentation: accounts that are gone, code, lists."""

import time
from typing import Any

import pytest

from sluiceway.github.commands import InvalidCommand, read_command, read_inputs
from sluiceway.github.contracts import CommentTold, Delivery, DispatchTold, PullRequestTold
from sluiceway.github.read_payload import IgnoredPayload, read_told
from sluiceway.github.strict_json import InvalidJson, parse_object
from tests.fakes.github_world import payload
from tests.unit.github.requests import Door, as_body, request


def comment(body: str, **more: Any) -> dict[str, Any]:
    return payload("comment_on_an_issue", comment={"id": 1, "body": body, "user": {"login": "o"}, **more})


@pytest.mark.parametrize("event", ["projects_v2_item", "star", "installation", "organization"])
def test_every_event_of_github_has_a_name_that_is_taken(event: str) -> None:
    """Some hold a digit; many come without a repository. A webhook may be set to send everything."""
    answer = Door().knock(request(as_body({"action": "created"}), event=event))
    assert (answer.status, answer.outcome) == (202, "ignored")


@pytest.mark.parametrize("action", ["created", "edited", "deleted"])
def test_a_comment_of_an_account_that_is_gone_is_nobodys(action: str) -> None:
    """GitHub documents the user as nullable; nobody may not command, and nothing breaks."""
    door = Door()
    body = as_body(comment("/sluice run rain", user=None) | {"action": action})
    assert door.knock(request(body, event="issue_comment")).status == 202
    authors = [sent.told.author for sent, _ in door.queue.sent if isinstance(sent, Delivery)]  # type: ignore[union-attr]
    assert authors == ([""] if action == "created" else [])


@pytest.mark.parametrize(
    "body",
    ["> /sluice run rain", "```\n/sluice run rain\n```", "    /sluice run rain", "\n\t/sluice run rain",
     "  \t/sluice run rain", "`/sluice run rain`", "<!-- x -->\n/sluice run rain", "- /sluice run rain"],
)  # fmt: skip
def test_a_command_that_is_only_shown_is_none(body: str) -> None:
    """Quoted, in a block of code, in a list: people talk about commands, too."""
    with pytest.raises(IgnoredPayload):
        read_told("issue_comment", comment(body))


@pytest.mark.parametrize(
    "body", ["/sluice run rain", "\r\n  /sluice run rain \r\nplease", "/sluice run rain\r\n> not this"]
)
def test_a_command_is_its_comments_first_line(body: str) -> None:
    """GitHub ends lines with CR LF; what follows the command is talk."""
    told = read_told("issue_comment", comment(body))
    assert isinstance(told, CommentTold)
    assert told.line == "/sluice run rain"


def test_a_pull_request_that_was_moved_to_another_branch_is_looked_at() -> None:
    """`edited` tells of titles as well; only one that changes the base can change what follows."""
    edited = payload("pull_request_opened", action="edited")
    for changes in (None, {}, {"title": {"from": "x"}}):
        with pytest.raises(IgnoredPayload):
            read_told("pull_request", edited | {"changes": changes})
    moved = {"changes": {"base": {"ref": {"from": "dev"}, "sha": {"from": "aa" * 20}}}}
    assert read_told("pull_request", edited | moved) == PullRequestTold(action="edited", number=2)


def test_lists_of_a_dispatch_are_several_values() -> None:
    """`client_payload` is any JSON; what somebody asks for is not left out in silence."""
    given = {"project": "rain", "dataset": ["flights@1", "days@2"], "step": ["prepare", {"x": 1}, "train"]}
    told = read_told("repository_dispatch", payload("repository_dispatch", client_payload=given))
    assert isinstance(told, DispatchTold)
    command = read_inputs(told.inputs)
    assert command.dataset_versions == {"flights": "1", "days": "2"}
    assert command.steps == ("prepare", "train")


@pytest.mark.parametrize("inputs", [{"project": "rain snow"}, {"force": "yes"}, {"force": "1"}])
def test_inputs_that_can_be_read_in_two_ways_are_refused(inputs: dict[str, str]) -> None:
    """Better than to run something else than what was meant."""
    with pytest.raises(InvalidCommand):
        read_inputs(inputs)
    assert read_inputs({"force": "True"}).force
    assert not read_inputs({"force": "false"}).force


def test_a_command_that_was_cut_is_not_followed() -> None:
    """Half a parameter would train another model than the one that was asked for."""
    value = "x" * 3000
    line = read_told("issue_comment", comment(f"/sluice run rain --param a={value}"))
    given = {"parameters": {"a": value}}
    inputs = read_told("repository_dispatch", payload("repository_dispatch", client_payload=given))
    assert isinstance(line, CommentTold)
    assert isinstance(inputs, DispatchTold)
    with pytest.raises(InvalidCommand, match="too long"):
        read_command(line.line)
    with pytest.raises(InvalidCommand, match="too long"):
        read_inputs(inputs.inputs)


@pytest.mark.parametrize("end", [b"", b"\\", b'"', b"\\\\"])
def test_a_text_that_never_ends_takes_no_longer_than_any_other(end: bytes) -> None:
    """Looking for its end from each quotation mark in it would take hours for six megabytes."""
    started = time.process_time()
    with pytest.raises(InvalidJson):
        parse_object(b'{"a":"' + b'\\"' * 1_000_000 + end)
    assert time.process_time() - started < 5
