"""Fires schedules: one step each second, driven by a clock, every attempt on a thread of its own.

What a schedule still has to do stands in its own record, so that it is saved and found again with it.
"""

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from typing import Any

from embedded.schedules import attempts, expressions, placeholders, planning, targets
from embedded.schedules.attempts import NotDelivered
from embedded.schedules.placeholders import Invocation
from embedded.schedules.targets import Request

logger = logging.getLogger(__name__)

CONSIDERED, PENDING = "_Considered", "_Pending"
Record = dict[str, Any]
Call = Callable[[Request, str], None]
Count = Callable[[Record, str], None]

_parse = cache(expressions.parse)


@dataclass(frozen=True)
class World:
    """What the engine works on."""

    records: Callable[[], Iterable[Record]]
    remove: Callable[[Record], None]
    save: Callable[[Record], None]
    """Say that a record was changed."""
    call: Call
    """(request, role) makes a call; raises when it fails."""
    count: Count
    """(record, metric) counts one."""
    clock: Callable[[], float]
    draw: Callable[[], float] = attempts.draw


class Engine:
    """The schedules of a cloud."""

    def __init__(self, world: World, executor: Executor) -> None:
        self._world = world
        self._executor = executor
        self._next: dict[tuple[str, float], float | None] = {}
        self._under_way: set[str] = set()

    def tick(self) -> None:
        """Do what is due now."""
        now = self._world.clock()
        for record in self._world.records():
            if record.get("State") == "ENABLED":
                self._plan(record, now)
            self._attempt_due(record, now)
            self._finish(record)

    def _plan(self, record: Record, now: float) -> None:
        key = (record["Arn"], record["LastModificationDate"])
        next_at = self._next.get(key, 0.0)
        if next_at is None or next_at > now:
            return
        expression = _parse(record["ScheduleExpression"], record["ScheduleExpressionTimezone"])
        found = planning.plan(
            planning.timing_of(record, expression), considered=record.get(CONSIDERED, 0.0), now=now
        )
        for moment in found.dropped:
            logger.warning("%s: %s was missed", record["Arn"], moment)
            self._world.count(record, "InvocationDroppedCount")
        record[PENDING] = [*record.get(PENDING, []), *(_pending(record, at, now) for at in found.fire)]
        record[CONSIDERED] = found.considered
        self._next[key] = found.next_at
        if found.fire or found.dropped:
            self._world.save(record)

    def _attempt_due(self, record: Record, now: float) -> None:
        for pending in record.get(PENDING, []):
            if pending["next_at"] <= now and pending["id"] not in self._under_way:
                self._under_way.add(pending["id"])
                self._executor.submit(self._attempt, record, pending)

    def _attempt(self, record: Record, pending: dict[str, Any]) -> None:
        try:
            self._invoke(record, pending)
        except Exception:
            logger.exception("%s: an attempt broke off", record["Arn"])
        finally:
            self._under_way.discard(pending["id"])

    def _invoke(self, record: Record, pending: dict[str, Any]) -> None:
        target = record["Target"]
        invocation = Invocation(pending["id"], pending["scheduled"], pending["attempt"])
        self._world.count(record, "InvocationAttemptCount")
        try:
            self._world.call(request_of(record, invocation), target["RoleArn"])
        except Exception as error:
            self._failed(record, pending, invocation, attempts.not_delivered(error))
        else:
            self._replace(record, pending, None)

    def _failed(
        self, record: Record, pending: dict[str, Any], invocation: Invocation, failed: NotDelivered
    ) -> None:
        logger.warning("%s: attempt %s failed: %s", record["Arn"], invocation.attempt, failed)
        self._world.count(record, "TargetErrorThrottledCount" if failed.may_retry else "TargetErrorCount")
        policy, now = attempts.policy_of(record["Target"]), self._world.clock()
        retry_at = policy.retry_at(
            invocation.attempt, first_at=pending["first_at"], now=now, draw=self._world.draw
        )
        if failed.may_retry and retry_at is not None:
            self._replace(record, pending, pending | {"attempt": invocation.attempt + 1, "next_at": retry_at})
            return
        self._bury(
            record, invocation, failed, policy.exhausted_by(invocation.attempt) if failed.may_retry else ""
        )
        self._replace(record, pending, None)

    def _bury(self, record: Record, invocation: Invocation, failed: NotDelivered, exhausted: str) -> None:
        target = record["Target"]
        self._world.count(record, "InvocationDroppedCount")
        dead = (target.get("DeadLetterConfig") or {}).get("Arn")
        if not dead:
            return
        letter = attempts.letter(record["Arn"], target["Arn"], invocation, failed, exhausted)
        message = targets.request({"Arn": dead}, _payload(record, invocation), invocation.execution_id)
        parameters = dict(message.parameters) | {"MessageAttributes": letter}
        try:
            letter_to = Request("sqs", "SendMessage", parameters, group_of(record["Arn"]))
            self._world.call(letter_to, target["RoleArn"])
        except Exception as error:
            logger.warning("%s: no dead letter: %s", record["Arn"], error)
            self._world.count(record, "InvocationsFailedToBeSentToDeadLetterCount")
        else:
            self._world.count(record, "InvocationsSentToDeadLetterCount")

    def _replace(self, record: Record, old: dict[str, Any], new: dict[str, Any] | None) -> None:
        # A new list each time: the state may be being saved.
        others = [each for each in record.get(PENDING, []) if each["id"] != old["id"]]
        record[PENDING] = [*others, new] if new else others
        self._world.save(record)

    def _finish(self, record: Record) -> None:
        """A schedule that deletes itself goes when its last invocation is done."""
        key = (record["Arn"], record["LastModificationDate"])
        is_over = self._next.get(key, 0.0) is None and not record.get(PENDING)
        if is_over and record.get("ActionAfterCompletion") == "DELETE":
            self._next.pop(key, None)
            self._world.remove(record)


def request_of(record: Record, invocation: Invocation) -> Request:
    """The call of one invocation."""
    asked = targets.request(record["Target"], _payload(record, invocation), invocation.execution_id)
    return replace(asked, source_arn=group_of(record["Arn"]))


def group_of(schedule_arn: str) -> str:
    """The ARN of a schedule's group: what Scheduler names as the source when it assumes a role."""
    prefix, _, path = schedule_arn.partition(":schedule/")
    return f"{prefix}:schedule-group/{path.partition('/')[0]}"


def _payload(record: Record, invocation: Invocation) -> str:
    own = record["Target"].get("Input")
    if own:
        return placeholders.fill(own, record["Arn"], invocation)
    return placeholders.notification(record, invocation)


def _pending(record: Record, moment: float, now: float) -> dict[str, Any]:
    # The same for the same moment, so that firing it again after a kill starts nothing twice.
    named = f"{record['Arn']} {record['LastModificationDate']} {moment}"
    identity = sha256(named.encode()).hexdigest()[:16]
    return {"id": identity, "scheduled": moment, "attempt": 1, "first_at": now, "next_at": now}
