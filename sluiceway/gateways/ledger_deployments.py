"""The ledger of images, endpoints and deployments."""

from sluiceway.errors import NotFound
from sluiceway.gateways.items import from_item, maybe, to_item, to_listed_item
from sluiceway.gateways.records import (
    Claim,
    DeploymentRecord,
    DeploymentStatus,
    EndpointRecord,
    ImageRecord,
)
from sluiceway.gateways.table import ABSENT, Table, before, equals
from sluiceway.reasons import shortened


class DeploymentLedger:
    """Images by tag, endpoints by project, deployments by id."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def image(self, tag: str) -> ImageRecord | None:
        """The image with this tag, once it was built."""
        return maybe(ImageRecord, self._table.get(f"IMAGE#{tag}", "IMAGE"))

    def record_image(self, record: ImageRecord) -> None:
        """Record a built image. Tags are content hashes, so whoever writes last says the same."""
        self._table.put(to_item(f"IMAGE#{record.tag}", "IMAGE", record))

    def endpoint(self, project: str) -> EndpointRecord | None:
        """What the project's endpoint serves."""
        return maybe(EndpointRecord, self._table.get(f"ENDPOINT#{project}", "ENDPOINT"))

    def move_endpoint(self, record: EndpointRecord, *, replacing: str | None) -> Claim:
        """Record what an endpoint serves now.

        `replacing` is the deployment that was live, or None for the first. THEIRS means that
        another deployment has become live in between.
        """
        pk = f"ENDPOINT#{record.project}"
        item = to_listed_item(pk, "ENDPOINT", record, kind="ENDPOINT", at=record.moved_at)
        when = ABSENT if replacing is None else equals("deployment_id", replacing)
        if self._table.put_if(item, when):
            return Claim.WON
        standing = self.endpoint(record.project)
        same = standing is not None and standing.deployment_id == record.deployment_id
        return Claim.MINE if same else Claim.THEIRS

    def endpoints(self) -> list[EndpointRecord]:
        """Every endpoint, most recently moved first."""
        items = self._table.newest("ENDPOINT", where={}, limit=None)
        return [from_item(EndpointRecord, item) for item in items]

    def claim_endpoint(self, project: str, deployment_id: str, *, at: str, stale_before: str) -> bool:
        """Let this deployment alone change the project's endpoint; False while another one may.

        A claim made before `stale_before` belongs to an execution that can no longer be running.
        """
        item = {"deployment_id": deployment_id, "claimed_at": at}
        free = (*equals("deployment_id", deployment_id), *before("claimed_at", stale_before))
        return self._table.put_if({"pk": f"ENDPOINT#{project}", "sk": "CLAIM", **item}, free) or (
            self._claimant(project) == deployment_id
        )

    def release_endpoint(self, project: str, deployment_id: str) -> None:
        """Let others change the endpoint again; does nothing for who does not hold the claim."""
        freed = {"deployment_id": "", "claimed_at": ""}
        when = equals("deployment_id", deployment_id)
        self._table.change(f"ENDPOINT#{project}", "CLAIM", values=freed, when=when)

    def deployment_under_way(self, project: str) -> str | None:
        """Id of the deployment that may change the project's endpoint at the moment."""
        return self._claimant(project) or None

    def _claimant(self, project: str) -> str | None:
        item = self._table.get(f"ENDPOINT#{project}", "CLAIM")
        return None if item is None else str(item["deployment_id"])

    def note_champion(self, project: str, model_version: str) -> None:
        """The alias `champion` points at this version, by the platform's doing or after it acted upon it."""
        self._table.put({"pk": f"ENDPOINT#{project}", "sk": "CHAMPION", "model_version": model_version})

    def noted_champion(self, project: str) -> str | None:
        """Where the platform last put the alias, or last saw that somebody had."""
        item = self._table.get(f"ENDPOINT#{project}", "CHAMPION")
        return None if item is None else str(item["model_version"])

    def begin_deployment(self, record: DeploymentRecord) -> Claim:
        """Record that a deployment starts; its owner may do so again."""
        key = _deployment_key(record.deployment_id)
        item = to_listed_item(*key, record, kind="DEPLOYMENT", at=record.started_at)
        if self._table.put_if(item, ABSENT):
            return Claim.WON
        same = self.deployment(record.deployment_id).owner == record.owner
        return Claim.MINE if same else Claim.THEIRS

    def find_deployment(self, deployment_id: str) -> DeploymentRecord | None:
        """The deployment, where there is one."""
        return maybe(DeploymentRecord, self._table.get(*_deployment_key(deployment_id)))

    def deployment(self, deployment_id: str) -> DeploymentRecord:
        """The deployment; raises `NotFound`."""
        record = self.find_deployment(deployment_id)
        if record is None:
            raise NotFound(f"there is no deployment {deployment_id!r}")
        return record

    def finish_deployment(
        self, deployment_id: str, status: DeploymentStatus, *, reason: str, at: str
    ) -> Claim:
        """Record the end state, unless another one stands; raises `NotFound`."""
        values = {"status": status, "reason": shortened(reason), "finished_at": at}
        key = _deployment_key(deployment_id)
        if self._table.change(*key, values=values, when=equals("status", "IN_PROGRESS")):
            return Claim.WON
        return Claim.MINE if self.deployment(deployment_id).status == status else Claim.THEIRS

    def deployments(self, project: str | None = None, *, limit: int | None = 50) -> list[DeploymentRecord]:
        """Deployments, newest first."""
        where = {"project": project} if project else {}
        items = self._table.newest("DEPLOYMENT", where=where, limit=limit)
        return [from_item(DeploymentRecord, item) for item in items]


def _deployment_key(deployment_id: str) -> tuple[str, str]:
    return f"DEPLOYMENT#{deployment_id}", "DEPLOYMENT"
