"""All that a history has brought about, without times, to be compared with that of the undisturbed one."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.proofs.cloud import SimulatedCloud

_TIMES = frozenset(
    {"at", "recorded_at", "moved_at", "requested_at", "started_at", "finished_at", "claimed_at", "order"}
)
_OF_ITS_TIME = frozenset({"reason", "situation", "seen"})
"""Of decisions: `unchanged` says how far the other run was."""
_OF_A_POINTER = frozenset({"upload"})
"""Which of several uploads was the newest that was noted."""
_OF_A_VERSION = frozenset({"pk", "sk", "dataset", "version", "uri", "objects", "bytes"})
"""Who wrote a version down last may not be who made it the latest."""
_WAITING = ("PENDING", "LOG#", "SETTLED", "SEEN#FoundWrong")
"""Sort keys of what says who waits for what, and when: timers go as clocks say."""


def effects(cloud: "SimulatedCloud") -> Mapping[str, Any]:
    """The ledger, what was started, what was told, what was stored."""
    names = _Names(cloud.invariants.states)
    found: dict[str, Any] = {
        names.told(f"{pk} {sk}"): names.told(_timeless(pk, sk, item))
        for (pk, sk), item in cloud.table.items.items()
        if not sk.startswith(_WAITING) and not _is_a_timers(item)
    }
    found |= {f"execution {name}": given for name, given in cloud.starts.items()}
    found |= {f"event {names.told(event_id)}": names.told(event) for event_id, event in cloud.told.items()}
    found |= {f"object {key}": body for key, body in cloud.stored.bodies.items() if key[0] == "artifacts"}
    return found


class _Names:
    """A timer's name follows from all that it went through: its events are named by what lay there."""

    def __init__(self, states: Mapping[str, str]) -> None:
        self._states = states

    def told(self, value: Any) -> str:
        text = str(value)
        for event_id, state in self._states.items():
            text = text.replace(event_id, state)
        return text


def _is_a_timers(item: Mapping[str, Any]) -> bool:
    """Whether it only says what came of a timer, or of a delivery: how many there were depends on clocks."""
    return item.get("event") in ("DatasetSettled", "GitHubDelivered", "HeadAwaited")


def difference(cloud: "SimulatedCloud", clean: "SimulatedCloud") -> str:
    """What is missing, too much, or other than in the undisturbed history; empty when nothing is."""
    disturbed, undisturbed = effects(cloud), effects(clean)
    wrong = [
        f"{name}: {disturbed.get(name, 'nothing')} instead of {undisturbed.get(name, 'nothing')}"
        for name in sorted(disturbed.keys() | undisturbed.keys())
        if disturbed.get(name) != undisturbed.get(name)
    ]
    return "\n".join(wrong)


def _timeless(pk: str, sk: str, item: Mapping[str, Any]) -> Mapping[str, Any]:
    if sk.startswith("VERSION#"):
        return {name: item[name] for name in sorted(_OF_A_VERSION)}
    left_out = _TIMES | (_OF_ITS_TIME if pk.startswith("EVENT#") else _OF_A_POINTER)
    return {name: value for name, value in sorted(item.items()) if name not in left_out}
