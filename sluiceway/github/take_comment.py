"""Follows the command in a comment, when its author may push to the repository."""

from sluiceway.errors import PermanentError
from sluiceway.gateways.records import EventRecord
from sluiceway.github.check_pull_request import propose, touches
from sluiceway.github.commands import Command, InvalidCommand, read_command
from sluiceway.github.contracts import CommentTold, Delivery
from sluiceway.github.handling import Handling
from sluiceway.github.names import event_id
from sluiceway.github.wishes import chosen, deployment, run_of_commit, run_of_latest
from sluiceway.triggers.contracts import DeploymentAsked, RunAsked

EVENT = "CommandWritten"


def take_comment(delivery: Delivery, told: CommentTold, on: Handling) -> EventRecord:
    """Once for each comment: what a command asked for is known by the comment's id."""
    asked = event_id("comment", delivery.repository.casefold(), told.comment_id)
    subject = f"{delivery.repository}#{told.number}"
    known = on.ledger.event(asked)
    if known is not None:
        return known
    try:
        # What was first understood stands: the head may have moved since its wish was published.
        wish = on.ledger.held(asked, RunAsked) or on.ledger.hold(asked, _wish(asked, delivery, told, on))
    except PermanentError as error:
        return on.record(asked, EVENT, subject, outcome="refused", reason=f"{told.author}: {error}")
    on.events.publish(wish)
    reason = f"{told.author} asks for {told.line!r}"
    return on.record(asked, EVENT, subject, outcome="requested", reason=reason, project=wish.project)


def _wish(asked: str, delivery: Delivery, told: CommentTold, on: Handling) -> RunAsked | DeploymentAsked:
    """Who asks is checked before what: a stranger learns nothing about projects."""
    if not on.github.may_write(delivery.repository, told.author):
        raise InvalidCommand("only people who may push to the repository may command here")
    command = read_command(told.line)
    asked_by = f"{told.author} on {delivery.repository}#{told.number}"[:256]
    foreign = on.owned_elsewhere(command.project, delivery.repository) if command.project else None
    if foreign:
        raise InvalidCommand(foreign)
    if command.verb != "run":
        return deployment(command, event_id=asked, asked_by=asked_by)
    if told.pull_request:
        return _preview(command, asked, delivery.repository, told.number, asked_by=asked_by, on=on)
    return run_of_latest(_named(command), event_id=asked, asked_by=asked_by)


def _named(command: Command) -> Command:
    if command.project is None:
        raise InvalidCommand("name the project: /sluice run PROJECT")
    return command


def _preview(
    command: Command, asked: str, repository: str, number: int, *, asked_by: str, on: Handling
) -> RunAsked:
    """A preview of the pull request's head; a fork's is not built on anybody's word but the owner's."""
    request = on.github.pull_request(repository, number)
    proposal = propose(repository, request, on.settings)
    if proposal.from_fork:
        raise InvalidCommand(proposal.withheld)
    found = on.projects_at(repository, request.sha)
    paths = on.github.changed_paths(repository, number)
    meant = [each for each in found if command.project == each.name or touches(paths, each.folder)]
    return run_of_commit(
        command,
        chosen(command, meant),
        event_id=asked,
        asked_by=asked_by,
        commit=proposal.commit,
        preview=True,
        on=on,
    )
