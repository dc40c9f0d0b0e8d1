"""What a plan's entry does to a request: before it is served, and after."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from embedded.hook import answers
from embedded.hook.active_plan import ActivePlan
from embedded.hook.answers import Answer, Failure
from embedded.hook.inflight import Describer, InFlight
from embedded.hook.operations import Operation
from embedded.hook.plan import Action, Fault

_WORDING = "This error was injected by a fault plan"

Write = Callable[[InFlight], None]


def power_cut() -> None:
    """End this process at once; what it started is ended by the guardian."""
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Faults:
    """The plan in force, if any, and how its entries act on requests."""

    describer: Describer
    write_now: Write
    """Brings a call's record to disk at once: nothing comes after a kill."""
    kill: Callable[[], None] = power_cut
    plan: ActivePlan | None = None

    async def before(self, found: InFlight) -> Answer | None:
        """Choose a fault for a request, and do what comes before it is served: an answer ends it there."""
        plan = self.plan
        if plan is None or found.call is None:
            return None
        found.principal = self.describer.principal(found.call)
        found.fault = plan.due(self.describer.seen(found))
        act = _BEFORE.get(found.fault.action) if found.fault else None
        return await act(self, found) if act else None

    def after(self, found: InFlight, answer: Answer) -> Answer:
        """What is answered to a request that was served."""
        act = _AFTER.get(found.fault.action) if found.fault else None
        return act(self, found, answer) if act else answer

    async def _fail(self, found: InFlight) -> Answer:
        return self.error(found)

    def error(self, found: InFlight) -> Answer:
        """The error that the request's fault asks for, in the request's protocol."""
        assert found.call  # noqa: S101 - a fault was chosen for it
        assert found.fault  # noqa: S101
        service, operation = self.describer.names(found)
        failure = failure_of(found.fault, service, operation)
        return answers.render(failure, call=found.call, operation=operation, request_id=found.request_id)

    async def _delay(self, found: InFlight) -> None:
        assert found.fault  # noqa: S101
        await asyncio.sleep(found.fault.seconds or 0)

    async def _kill_before(self, found: InFlight) -> None:
        assert found.fault  # noqa: S101
        if (found.fault.moment or "before") == "before":
            self._kill(found)

    def _fail_after(self, found: InFlight, _answer: Answer) -> Answer:
        return self.error(found)

    def _lose(self, found: InFlight, answer: Answer) -> Answer:
        found.drop = True
        return answer

    def _kill_after(self, found: InFlight, answer: Answer) -> Answer:
        if found.fault and found.fault.moment == "after":
            found.drop, found.at_the_answer = True, self._kill
        return answer

    def _kill(self, found: InFlight) -> None:
        found.drop, found.ended = True, time.perf_counter()
        self.write_now(found)
        self.kill()


_BEFORE: Mapping[Action, Callable[[Faults, InFlight], Awaitable[Answer | None]]] = {
    Action.FAIL_BEFORE: Faults._fail,
    Action.THROTTLE: Faults._fail,
    Action.DELAY: Faults._delay,
    Action.KILL: Faults._kill_before,
}
_AFTER: Mapping[Action, Callable[[Faults, InFlight, Answer], Answer]] = {
    Action.FAIL_AFTER: Faults._fail_after,
    Action.LOST_ANSWER: Faults._lose,
    Action.KILL: Faults._kill_after,
}


def failure_of(fault: Fault, service: str, operation: Operation) -> Failure:
    """The error that an entry asks for: its own, else the service's for throttling, else an internal one."""
    if fault.action is Action.THROTTLE:
        return replace(
            answers.throttling(service, operation), message=f"Rate exceeded. {_WORDING}: {fault.name}"
        )
    code = fault.code or ("InternalError" if service == "s3" else "InternalFailure")
    modelled = answers.status_of(operation, code) or 400
    status = fault.status or (modelled if fault.code else 500)
    return Failure(code, fault.message or f"{_WORDING}: {fault.name}", status)
