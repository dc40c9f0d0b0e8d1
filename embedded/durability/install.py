"""Puts durability in place: opens what was saved, watches what changes, holds back answers until then."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embedded import readiness
from embedded.cloud import Cloud
from embedded.durability import catalog, deliveries, gate, objects, pruning, restore, rule_deliveries, stacks
from embedded.durability.deliveries import Deliveries
from embedded.durability.journal import Journal
from embedded.durability.store import Store

# Services of ours in the place of MiniStack's keep their own records.
_OWN = frozenset({"batch", "codebuild", "stepfunctions"})


def database(state_dir: Path) -> Path:
    """The file that holds what MiniStack's services accepted."""
    return state_dir / "ministack" / "state.db"


@dataclass(frozen=True)
class Durability:
    """What the server needs of it."""

    journal: Journal
    store: Store

    def close(self) -> None:
        """Save everything at an orderly stop."""
        self.journal.save_all()
        self.store.close()


def install(app: Any, cloud: Cloud) -> Durability:
    """Save what MiniStack's `app` accepts from now on; raises StateUnreadable where the past is damaged.

    Called when all mends and services are in place: what they add is watched, too.
    """
    store = Store(database(cloud.state_dir))
    saved = restore.read(store)
    pruning.prune(cloud.state_dir, store, saved)
    pending = Deliveries()
    pending.pending.update(saved.entries.get(restore.DELIVERIES, {}))
    pending.pending.touched.clear()
    modules = {name: module for name, module in app._state_map.items() if name not in _OWN}
    journal = Journal(store, modules, saved.codecs, pending.pending)
    kinds = {**deliveries.install(pending, journal.wait), **rule_deliveries.install(pending)}
    objects.install(journal.save_own)
    _watch_items()
    cloud.save_callbacks.append(journal.wait)
    # Not when MiniStack would: what goes wrong there is passed over, and it starts empty.
    restore.put_back(saved, modules, app._get_module)
    stacks.settle()
    app._load_persisted_state = lambda: None
    app.app = gate.gated(app.app, journal)
    readiness.when_listening(cloud.endpoint_url, lambda: pending.take_up(kinds))
    return Durability(journal, store)


def _watch_items() -> None:
    """Have every item that is stored or removed marked: a table is too large to look for them."""
    from ministack.services import dynamodb

    for name in ("_set_item", "_remove_item"):
        setattr(dynamodb, name, _marking(getattr(dynamodb, name)))


def _marking(change: Any) -> Any:
    from ministack.services import dynamodb

    def marked(table: Any, partition: Any, sort: Any, *item: Any) -> Any:
        result = change(table, partition, sort, *item)
        region, account = table["TableArn"].split(":")[3:5]
        key = (account, region, table["TableName"])
        catalog.ITEMS.mark(key, partition, sort)
        dynamodb._tables._data.get(key)  # Touched: it is looked at at the next save.
        return result

    return marked
