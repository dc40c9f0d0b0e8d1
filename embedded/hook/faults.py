"""Put a fault plan in force in a running cloud, see what became of it, and take it out again.

    with faults.injected(state_dir, FaultPlan(faults=(lost,))):
        ...

What is asked for holds when the function returns. A plan ends with the server: no kill is repeated.
"""

import contextlib
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embedded import lifecycle
from embedded.hook import admin
from embedded.hook.plan import Action as Action
from embedded.hook.plan import Fault as Fault
from embedded.hook.plan import FaultPlan as FaultPlan
from embedded.hook.plan import PlanError
from embedded.state import LifecycleError

_SECONDS = 30


@dataclass(frozen=True)
class Outcome:
    """What became of an entry so far."""

    name: str
    action: str
    matched: int
    """How many calls it spoke of."""
    injected: int


@dataclass(frozen=True)
class Status:
    """The plan in force."""

    is_active: bool
    outcomes: tuple[Outcome, ...] = ()

    @property
    def unused(self) -> Sequence[str]:
        """The names of entries that matched no call: most likely a mistake in the plan."""
        return [each.name for each in self.outcomes if not each.matched]


def apply(state_dir: Path | None, plan: FaultPlan) -> None:
    """Put a plan in force, in place of the one before."""
    _request(state_dir, "PUT", admin.FAULTS, plan.model_dump(mode="json"))


def show(state_dir: Path | None) -> Status:
    """What became of the plan in force."""
    return _status(_request(state_dir, "GET", admin.FAULTS))


def clear(state_dir: Path | None) -> Status:
    """Inject nothing any more; what became of the plan."""
    return _status(_request(state_dir, "DELETE", admin.FAULTS))


def flush(state_dir: Path | None) -> None:
    """Bring all that has happened into the record's file."""
    _request(state_dir, "PUT", admin.RECORD)


def switch(state_dir: Path | None, *, on: bool) -> None:
    """Turn the hook off and on again, to measure what it costs: off, it records and injects nothing."""
    _request(state_dir, "PUT", admin.SWITCH, {"on": on})


@contextlib.contextmanager
def injected(state_dir: Path, plan: FaultPlan, *, must_match: bool = True) -> Iterator[None]:
    """Have a plan in force inside; an entry that matched nothing is an error then."""
    apply(state_dir, plan)
    try:
        yield
    except BaseException:
        with contextlib.suppress(LifecycleError):
            clear(state_dir)
        raise
    unused = clear(state_dir).unused
    if must_match and unused:
        raise PlanError(f"these entries of the plan matched no call: {', '.join(unused)}")


def _status(value: Mapping[str, Any]) -> Status:
    return Status(value["active"], tuple(Outcome(**each) for each in value["faults"]))


def _request(state_dir: Path | None, method: str, path: str, value: Any = None) -> Any:
    variables = lifecycle.client_variables(state_dir)
    url = f"{variables['AWS_ENDPOINT_URL']}{path}"
    body = None if value is None else json.dumps(value).encode()
    request = urllib.request.Request(url, data=body, method=method)  # noqa: S310 - our own server
    context = ssl.create_default_context(cafile=variables["AWS_CA_BUNDLE"])
    direct = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
    )
    try:
        with direct.open(request, timeout=_SECONDS) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        raise PlanError(json.loads(error.read())["error"]) from error
    except OSError as error:
        raise LifecycleError(f"the embedded cloud does not answer at {url}: run `sluice local up`") from error
