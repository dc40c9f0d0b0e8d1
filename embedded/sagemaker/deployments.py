"""Endpoints in motion: fleets are started, take over, are drained and ended."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from embedded.sagemaker.containers import StartError, processes
from embedded.sagemaker.instance import Instance
from embedded.sagemaker.records import EndpointRecord, Table, Variant
from embedded.sagemaker.traffic import Fleet, Traffic
from embedded.sagemaker.upkeep import Starter, Upkeep

logger = logging.getLogger(__name__)

Announce = Callable[[EndpointRecord, Fleet], None]


class Deployments:
    """Brings what runs to what the records say."""

    def __init__(
        self,
        endpoints: Table[EndpointRecord],
        containers: Starter,
        announce: Announce,
    ) -> None:
        self._endpoints = endpoints
        self._containers = containers
        self._announce = announce
        self._traffic: dict[str, Traffic] = {}
        self._closing = threading.Event()
        self._upkeep = Upkeep(containers, self.traffic, self._variant, self._closing)

    def traffic(self, name: str) -> Traffic:
        """The traffic of an endpoint; nobody takes it before its first fleet is healthy."""
        return self._traffic.setdefault(name.lower(), Traffic())

    def close(self) -> None:
        """From now on the end of a container is nobody's failure: the cloud is being stopped."""
        self._closing.set()

    def deploy(self, name: str) -> threading.Thread:
        """Start the pending deployment of an endpoint, aside."""
        return self._aside(self._deploy, name)

    def resize(self, name: str, before: Sequence[Variant]) -> threading.Thread:
        """Bring weights and capacities to what the record says, aside; or back to `before`."""
        return self._aside(self._resize, name, before)

    def delete(self, name: str) -> threading.Thread:
        """End an endpoint, aside, and forget it."""
        return self._aside(self._delete, name)

    def resume(self, name: str) -> threading.Thread:
        """Bring an endpoint back after the server was restarted."""
        return self._aside(self._resume, name)

    def change(self, name: str, **values: Any) -> None:
        """Record a change of an endpoint and tell of it."""
        if self._closing.is_set():
            return
        record = self._endpoints.change(name, modified=time.time(), **values)
        if record is not None:
            self._announce(record, self.traffic(name).fleet)

    def _aside(self, run: Callable[..., None], name: str, *args: Any) -> threading.Thread:
        def guarded() -> None:
            try:
                run(name, *args)
            except Exception as error:
                logger.exception("endpoint %s", name)
                self._give_up(name, f"{type(error).__name__}: {error}")

        thread = threading.Thread(target=guarded, name=f"endpoint {name}", daemon=True)
        thread.start()
        return thread

    def _deploy(self, name: str) -> None:
        """Blue/green, all at once: the old fleet serves until the new one is healthy."""
        pending = self._record(name).pending
        assert pending is not None  # noqa: S101 - deploy() follows the writing of it
        try:
            variants = tuple(self._containers.resolved(each) for each in pending.variants)
            fleet = self._launch(name, variants)
        except StartError as error:
            self._give_up(name, str(error))
            return
        before = self._take_over(name, fleet)
        self._closing.wait(pending.termination_wait_seconds if before.all() else 0)
        self.traffic(name).drain(before.all())
        self.change(
            name, status="InService", reason=None, config=pending.config, variants=variants, pending=None
        )
        self._containers.stop(before.all())

    def _give_up(self, name: str, reason: str) -> None:
        """An endpoint that has a fleet stays with it; one that never had has failed."""
        status = "InService" if self.traffic(name).fleet.all() else "Failed"
        self.change(name, status=status, reason=reason, pending=None)

    def _resize(self, name: str, before: Sequence[Variant]) -> None:
        variants = self._record(name).variants
        try:
            self._converge(name, variants)
        except StartError as error:
            self.change(name, status="RollingBack", reason=str(error))
            self._converge(name, before)
            self.change(name, status="InService", variants=tuple(before))
        else:
            self.change(name, status="InService")

    def _delete(self, name: str) -> None:
        before = self.traffic(name).switch(Fleet())
        self.traffic(name).drain(before.all())
        self._containers.stop(before.all())
        self._endpoints.remove(name)
        self._traffic.pop(name.lower(), None)

    def _resume(self, name: str) -> None:
        record = self._record(name)
        if record.status == "Deleting":
            self._delete(name)
        elif record.status != "Failed":
            if record.variants:
                self._restore(record)
            if record.pending:
                self.change(name, status="Updating" if record.variants else "Creating")
                self._deploy(name)

    def _restore(self, record: EndpointRecord) -> None:
        self.change(record.name, status="SystemUpdating")
        try:
            self._take_over(record.name, self._launch(record.name, record.variants))
        except StartError as error:
            self._give_up(record.name, str(error))
        else:
            self.change(record.name, status="InService")

    def _launch(self, name: str, variants: Sequence[Variant]) -> Fleet:
        """A fleet whose every instance is healthy; when one is not, all are ended."""
        with ThreadPoolExecutor(len(variants)) as pool:
            starts = [
                pool.submit(self._containers.start, name, each, processes(each.instances))
                for each in variants
            ]
        failed = [error for error in (start.exception() for start in starts) if error]
        if failed:
            self._containers.stop(
                [one for start in starts if not start.exception() for one in start.result()]
            )
            raise failed[0]
        instances = {each.name: start.result() for each, start in zip(variants, starts, strict=True)}
        return Fleet(instances, {each.name: each.weight for each in variants})

    def _take_over(self, name: str, fleet: Fleet) -> Fleet:
        before = self.traffic(name).switch(fleet)
        for instance in fleet.all():
            self._upkeep.watch(name, instance, fleet)
        return before

    def _converge(self, name: str, variants: Sequence[Variant]) -> None:
        traffic = self.traffic(name)
        fleet = traffic.fleet
        for variant in variants:
            missing = processes(variant.instances) - fleet.count(variant.name)
            for instance in self._containers.start(name, variant, max(missing, 0)):
                traffic.add(instance, fleet)
                self._upkeep.watch(name, instance, fleet)
            self._retire(traffic, fleet.instances[variant.name][: max(-missing, 0)])
        traffic.reweigh({variant.name: variant.weight for variant in variants})

    def _retire(self, traffic: Traffic, instances: Sequence[Instance]) -> None:
        for instance in instances:
            traffic.remove(instance)
        traffic.drain(instances)
        self._containers.stop(instances)

    def _variant(self, name: str, variant: str) -> Variant | None:
        record = self._endpoints.get(name)
        return next((each for each in record.variants if each.name == variant), None) if record else None

    def _record(self, name: str) -> EndpointRecord:
        record = self._endpoints.get(name)
        if record is None:
            raise LookupError(name)
        return record
