"""One endpoint with its record on disk, whose containers, alarms and clock are the test's."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from embedded.sagemaker.deployments import Deployments
from embedded.sagemaker.records import EndpointRecord, Options, Pending, Table, Variant
from embedded.sagemaker.site import Announcer
from embedded.sagemaker.traffic import NoVariantError, Traffic
from tests.unit.embedded.sagemaker.fakes import FakeAlarms, FakeClock, FakeContainers

ARN = "arn:aws:sagemaker:us-east-1:000000000000:endpoint/one"


@dataclass
class World:
    """A server's view of one endpoint; `restart` is the next server on the same folder."""

    folder: Path
    containers: FakeContainers = field(default_factory=FakeContainers)
    clock: FakeClock = field(default_factory=FakeClock)
    alarms: FakeAlarms = field(default_factory=FakeAlarms)
    statuses: list[str] = field(default_factory=list)
    phases: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """A new server on the same folder: nothing runs, everything is remembered."""
        self.containers = FakeContainers()
        self.table = Table(self.folder, EndpointRecord)
        self.deployments = Deployments(
            self.table,
            self.containers,  # type: ignore[arg-type]
            Announcer(state=self._state, deployment=self._phase),
            alarms=self.alarms,
            clock=self.clock,
        )

    def create(self, *variants: Variant) -> None:
        record = EndpointRecord(
            name="one", arn=ARN, created=0, modified=0, config="c1", status="Creating", variants=()
        )
        self.table.add(record.model_copy(update={"pending": pending("c1", *variants)}))
        self.deployments.deploy("one").join()

    def update(self, *variants: Variant, deployment: Any = None) -> None:
        self.begin(*variants, deployment=deployment)
        self.deployments.deploy("one").join()

    def begin(self, *variants: Variant, deployment: Any = None, **values: Any) -> None:
        """Record an update that is under way."""
        found = pending("c2", *variants).model_copy(update={"deployment": deployment, **values})
        found = found.model_copy(update={"started": self.clock.now()})
        self.deployments.change("one", status="Updating", pending=found)

    def resize(self, to: Variant) -> None:
        before = self.record.variants
        self.deployments.change("one", status="Updating", variants=(to,))
        self.deployments.resize("one", before).join()

    def asked(self, times: int = 400) -> dict[str, int]:
        """Which image answers how many of so many requests."""
        seen: dict[str, int] = {}
        for _ in range(times):
            try:
                with self.deployments.traffic("one").lease() as lease:
                    image = str(lease.instance.image)  # type: ignore[attr-defined]
            except NoVariantError:
                image = "nobody"
            seen[image] = seen.get(image, 0) + 1
        return seen

    @property
    def record(self) -> EndpointRecord:
        found = self.table.get("one")
        assert found is not None
        return found

    def _state(self, record: EndpointRecord, _traffic: Traffic) -> None:
        self.statuses.append(record.status)

    def _phase(self, record: EndpointRecord, _traffic: Traffic) -> None:
        phases = record.pending.phases if record.pending else record.phases
        for phase in phases.values():
            if not self.phases or self.phases[-1] != phase.message:
                self.phases.append(phase.message)


def pending(config: str, *variants: Variant) -> Pending:
    return Pending(config=config, variants=variants, started=0, options=Options())
