"""Creates or updates a project's endpoint for a model version."""

from dataclasses import dataclass

from sluiceway.clock import utc_now
from sluiceway.endpoints.contracts import StartDeploymentInput, StartDeploymentOutput
from sluiceway.endpoints.patience import CLAIM_HOLDS, before_now
from sluiceway.endpoints.resource_names import deployment_resource, endpoint_name
from sluiceway.errors import DeploymentFailed, LostRace
from sluiceway.gateways.hosting import Endpoint, EndpointConfig, HostedModel, Hosting
from sluiceway.gateways.ledger import DeploymentRecord, ImageRecord, Ledger
from sluiceway.gateways.objects import Objects, read_contract
from sluiceway.gateways.registry import Registry
from sluiceway.names import run_key, s3_uri
from sluiceway.projects.contracts import Deploy
from sluiceway.training.contracts import RunPlan


@dataclass(frozen=True, kw_only=True)
class HostingSettings:
    """What all endpoints of a stage share."""

    prefix: str
    role_arn: str
    artifacts_bucket: str


def start_deployment(
    given: StartDeploymentInput,
    *,
    ledger: Ledger,
    objects: Objects,
    registry: Registry,
    hosting: Hosting,
    settings: HostingSettings,
) -> StartDeploymentOutput:
    """Ask SageMaker for the model version. Raises `LostRace` while another deployment holds the endpoint."""
    plan_uri = s3_uri(settings.artifacts_bucket, run_key(given.run_id, "plan.json"))
    plan = read_contract(objects, plan_uri, RunPlan)
    _claim(ledger, plan.project, given.deployment_id)
    wanted = _wanted(given, plan, registry=registry, prefix=settings.prefix)
    record = _begun(wanted, ledger, hosting)
    _prepare(
        record, plan.config.deploy or Deploy(), _image(ledger, record), hosting=hosting, settings=settings
    )
    _apply(record, hosting.describe(record.endpoint), hosting)
    return StartDeploymentOutput(
        deployment_id=record.deployment_id,
        endpoint=record.endpoint,
        endpoint_config=wanted.endpoint_config or "",
    )


def _claim(ledger: Ledger, project: str, deployment_id: str) -> None:
    stale = before_now(CLAIM_HOLDS)
    if not ledger.claim_endpoint(project, deployment_id, at=utc_now(), stale_before=stale):
        raise LostRace(f"another deployment of {project} is under way: this one waits")


def _wanted(
    given: StartDeploymentInput, plan: RunPlan, *, registry: Registry, prefix: str
) -> DeploymentRecord:
    version = registry.get_model_version(plan.project, given.model_version)
    return DeploymentRecord(
        deployment_id=given.deployment_id,
        project=plan.project,
        run_id=given.run_id,
        endpoint=endpoint_name(prefix, plan.project),
        endpoint_config=deployment_resource(prefix, plan.project, given.deployment_id),
        model_version=given.model_version,
        restores=given.restores,
        image_tag=plan.image_tag,
        artifact_uri=version.source,
        owner=given.deployment_id,
        started_at=utc_now(),
    )


def _begun(wanted: DeploymentRecord, ledger: Ledger, hosting: Hosting) -> DeploymentRecord:
    """The deployment as first recorded: what was live before it must not be read again after a change."""
    found = ledger.find_deployment(wanted.deployment_id)
    if found is not None:
        return found
    live, standing = ledger.endpoint(wanted.project), hosting.describe(wanted.endpoint)
    if standing is not None and standing.changing:
        raise LostRace(f"endpoint {wanted.endpoint} is {standing.status}: this deployment waits")
    before = {
        "previous_endpoint_config": standing.config if standing else None,
        "previous_deployment_id": live.deployment_id if live else None,
    }
    ledger.begin_deployment(wanted.model_copy(update=before))
    return ledger.deployment(wanted.deployment_id)


def _image(ledger: Ledger, record: DeploymentRecord) -> ImageRecord:
    image = ledger.image(record.image_tag)
    if image is None:
        raise DeploymentFailed(f"image {record.image_tag} is not in the ledger: run the project again")
    return image


def _prepare(
    record: DeploymentRecord,
    deploy: Deploy,
    image: ImageRecord,
    *,
    hosting: Hosting,
    settings: HostingSettings,
) -> None:
    name = deployment_resource(settings.prefix, record.project, record.deployment_id)
    hosting.ensure_model(
        HostedModel(name=name, image=image.uri, artifact_uri=record.artifact_uri, role_arn=settings.role_arn)
    )
    hosting.ensure_config(
        EndpointConfig(
            name=name,
            model=name,
            instance_type=deploy.instance_type,
            instance_count=deploy.instance_count,
        )
    )


def _apply(record: DeploymentRecord, endpoint: Endpoint | None, hosting: Hosting) -> None:
    """Create or update, unless that was done before and only the answer was lost."""
    config = record.endpoint_config or ""
    if endpoint is None:
        hosting.create(record.endpoint, config)
    elif config in (endpoint.config, endpoint.pending_config):
        return
    elif endpoint.changing:
        raise LostRace(f"endpoint {record.endpoint} is {endpoint.status}: this deployment waits")
    else:
        hosting.update(record.endpoint, config)
