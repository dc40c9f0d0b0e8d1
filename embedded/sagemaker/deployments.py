"""Endpoints in motion: fleets are started, take over, are drained and ended."""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any

from embedded.sagemaker import blue_green, rolling
from embedded.sagemaker.alarms import Alarms
from embedded.sagemaker.baking import RollbackError
from embedded.sagemaker.clock import Clock
from embedded.sagemaker.containers import StartError
from embedded.sagemaker.fleet import Fleet
from embedded.sagemaker.launching import Launcher
from embedded.sagemaker.policy import ALL_AT_ONCE, Policy, applicable, read_policy
from embedded.sagemaker.records import EndpointRecord, Pending, Table, Variant
from embedded.sagemaker.resizing import resize
from embedded.sagemaker.rolling import MixedError
from embedded.sagemaker.site import Announcer, Site, StoppedError
from embedded.sagemaker.traffic import Traffic
from embedded.sagemaker.upkeep import Starter, Upkeep

logger = logging.getLogger(__name__)


class Deployments:
    """Brings what runs to what the records say."""

    def __init__(
        self,
        endpoints: Table[EndpointRecord],
        containers: Starter,
        announcer: Announcer,
        *,
        alarms: Alarms,
        clock: Clock,
    ) -> None:
        self._endpoints = endpoints
        self._announcer = announcer
        self._alarms = alarms
        self._clock = clock
        self._traffic: dict[str, Traffic] = {}
        self._closing = threading.Event()
        self._launcher = Launcher(containers, clock)
        self._upkeep = Upkeep(containers, self.traffic, self._closing)

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
        return self._aside(lambda site: resize(site, before), name)

    def delete(self, name: str) -> threading.Thread:
        """End an endpoint, aside, and forget it."""
        return self._aside(self._delete, name)

    def resume(self, name: str) -> threading.Thread:
        """Bring an endpoint back after the server was restarted."""
        return self._aside(self._resume, name)

    def change(self, name: str, **values: Any) -> None:
        """Record a change of an endpoint and tell of it."""
        self._site(name).change(**values)

    def reap(self) -> None:
        """End containers of serverless variants that have been idle for long."""
        for traffic in list(self._traffic.values()):
            for fleet in filter(None, (traffic.fleet, traffic.next)):
                for pool in fleet.pools.values():
                    pool.reap()

    def _site(self, name: str) -> Site:
        return Site(
            name=name,
            table=self._endpoints,
            traffic=self.traffic(name),
            launcher=self._launcher,
            upkeep=self._upkeep,
            alarms=self._alarms,
            clock=self._clock,
            closing=self._closing,
            announcer=self._announcer,
        )

    def _aside(self, run: Callable[[Site], None], name: str) -> threading.Thread:
        site = self._site(name)

        def guarded() -> None:
            try:
                run(site)
            except StoppedError:
                logger.info("endpoint %s: gone on with at the next start", name)
            except Exception as error:
                logger.exception("endpoint %s", name)
                _give_up(site, f"{type(error).__name__}: {error}")

        thread = threading.Thread(target=guarded, name=f"endpoint {name}", daemon=True)
        thread.start()
        return thread

    def _deploy(self, site: Site) -> None:
        pending = site.pending
        if pending.rollback is not None:
            _give_up(site, pending.rollback)
            return
        try:
            before = self._bring(site, pending)
        except MixedError as error:
            site.change(status="UpdateRollbackFailed", reason=str(error), pending=None)
        except (StartError, RollbackError) as error:
            _give_up(site, str(error))
        else:
            self._finish(site, before)

    def _bring(self, site: Site, pending: Pending) -> Fleet:
        """Let the pending configuration serve; the fleet before it."""
        if not site.record.variants:
            return _create(site, pending)
        policy = _policy(site, pending)
        deploy = rolling.deploy if policy.rolling else blue_green.deploy
        return deploy(site, policy)

    def _finish(self, site: Site, before: Fleet) -> None:
        pending = site.pending
        site.drain(before)
        site.change(
            status="InService",
            reason=None,
            config=pending.config,
            variants=pending.variants,
            options=pending.options,
            pending=None,
        )
        site.launcher.stop(before.all())

    def _delete(self, site: Site) -> None:
        site.end(site.traffic.switch(Fleet()))
        self._endpoints.remove(site.name)
        self._traffic.pop(site.name.lower(), None)

    def _resume(self, site: Site) -> None:
        record = site.record
        if record.status == "Deleting":
            self._delete(site)
        elif record.status != "Failed":
            if record.variants:
                _restore(site, record)
            if record.pending:
                site.change(status="Updating" if record.variants else "Creating")
                self._deploy(site)


def _policy(site: Site, pending: Pending) -> Policy:
    fleet = site.traffic.fleet
    if not fleet.variants:  # What served could not be brought back: there is nothing to shift traffic from.
        return ALL_AT_ONCE
    return applicable(read_policy(pending.deployment), site.record.variants, pending.variants)


def _create(site: Site, pending: Pending) -> Fleet:
    variants = site.launcher.pinned(pending.variants)
    fleet = site.launcher.launch(site.name, pending.config, variants, pending.options)
    site.note(variants=variants)
    before = site.take_over(fleet)
    site.watch(fleet)
    return before


def _restore(site: Site, record: EndpointRecord) -> None:
    site.change(status="SystemUpdating")
    try:
        fleet = site.launcher.launch(site.name, record.config, record.variants, record.options)
    except StartError as error:
        site.change(status="Failed", reason=str(error), phases={})
        return
    site.take_over(fleet)
    site.watch(fleet)
    site.change(status="InService", phases={})


def _give_up(site: Site, reason: str) -> None:
    """An endpoint that has a fleet stays with it; one that never had has failed."""
    site.end(site.traffic.leave())
    has_fleet = bool(site.traffic.fleet.variants)
    site.change(status="InService" if has_fleet else "Failed", reason=reason, pending=None, phases={})
