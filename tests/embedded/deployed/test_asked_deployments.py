"""Deployments that no run asks for: by the command, and by an alias that somebody moves in MLflow."""

import json
import time
from uuid import uuid4

import pytest
import urllib3
from mlflow.webhooks.delivery import _generate_hmac_signature

from sluiceway.gateways.ledger import EventRecord, RunRecord
from sluiceway.gateways.mlflow_rest import MlflowRest
from sluiceway.gateways.registry import MlflowRegistry
from sluiceway.models.version_tags import CHAMPION
from tests.embedded.asked_project import PROJECT, asked_archive
from tests.embedded.asked_project import asked_run as asked_run
from tests.embedded.conftest import wait_for
from tests.embedded.deployed.test_privileges import sluice
from tests.embedded.stage import Stage

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def second_run(stage: Stage, asked_run: RunRecord) -> RunRecord:
    """Another version of the project's model, which is live now."""
    sluice(stage, "run", PROJECT, "-P", "strength=0.5", "--wait")
    (run,) = (
        each for each in stage.runs(PROJECT) if each.parameters == {"strength": "0.5"} and not each.steps
    )
    assert (run.status, run.deployed) == ("SUCCEEDED", True), run.reason
    return run


def registry(stage: Stage) -> MlflowRegistry:
    return MlflowRegistry(MlflowRest(stage.settings["tracking_uri"]))


def standing(stage: Stage) -> tuple[str, str]:
    """What is live by the ledger, and the champion by MLflow."""
    live = stage.ledger.endpoint(PROJECT)
    champion = registry(stage).version_by_alias(PROJECT, CHAMPION)
    assert live is not None
    assert champion is not None
    return live.model_version, champion.version


def test_a_version_goes_back_and_comes_again(
    stage: Stage, asked_run: RunRecord, second_run: RunRecord
) -> None:
    """Each is a deployment of its own in the ledger; the registry follows."""
    first, second = str(asked_run.model_version), str(second_run.model_version)
    assert standing(stage) == (second, second)
    assert f"version {first} is live" in sluice(stage, "rollback", PROJECT, "--wait")
    assert standing(stage) == (first, first)
    assert "nothing was live before" in sluice(stage, "rollback", PROJECT, expect=1)
    assert "SUCCEEDED" in sluice(stage, "deploy", PROJECT, second, "--wait")
    assert standing(stage) == (second, second)
    assert "unchanged: version" in sluice(stage, "deploy", PROJECT, second)
    deployments = [each.model_version for each in stage.ledger.deployments(PROJECT)]
    assert deployments[:3] == [second, first, second]


def test_an_alias_that_somebody_moves_is_deployed(
    stage: Stage, asked_run: RunRecord, second_run: RunRecord
) -> None:
    """By the next sweep, once, and recorded like every other wish."""
    version = next(
        one for one in (asked_run.model_version, second_run.model_version) if one != standing(stage)[0]
    )
    assert version is not None
    registry(stage).set_alias(PROJECT, CHAMPION, version)
    wait_for(lambda: standing(stage) == (version, version), seconds=240)
    decided = [each for each in stage.ledger.events() if _by_alias(each)]
    assert [(each.outcome, each.project) for each in decided] == [("requested", PROJECT)]


def _by_alias(event: EventRecord) -> bool:
    return event.event == "DeploymentAsked" and (event.cause or {}).get("trigger") == "registry"


def test_a_model_waits_until_somebody_approves_it(stage: Stage, asked_run: RunRecord) -> None:
    """The run ends well and says what it waits for; the endpoint serves it only after that."""
    careful = asked_archive({"sluice.yaml": ("margin: -0.2", "margin: -0.2, approval: true")})
    run = stage.next_run(PROJECT, lambda: stage.put("code/asked/asked.zip", careful))
    assert (run.status, run.deployed) == ("SUCCEEDED", False), run.reason
    assert f"`sluice approve {run.run_id}` deploys it" in run.reason
    assert standing(stage)[0] != run.model_version
    answer = json.loads(sluice(stage, "approve", run.run_id, "--wait", "--json"))
    assert (answer["status"], answer["run_id"]) == ("SUCCEEDED", run.run_id)
    assert standing(stage) == (run.model_version, run.model_version)
    assert stage.ledger.run(run.run_id).deployed


def notify(stage: Stage, secret: str) -> int:
    """What MLflow sends when an alias is moved, signed as MLflow signs; the status of the answer."""
    moved = {"name": PROJECT, "alias": CHAMPION, "version": "1"}
    text = json.dumps({"entity": "model_version_alias", "action": "created", "data": moved})
    delivery, sent_at = str(uuid4()), str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "X-MLflow-Delivery-Id": delivery,
        "X-MLflow-Timestamp": sent_at,
        "X-MLflow-Signature": _generate_hmac_signature(secret, delivery, sent_at, text),
    }
    host = stage.settings["webhook_url"].split("/")[2]
    pool = urllib3.PoolManager(ca_certs=stage.cloud.ca_bundle)
    url = f"{stage.cloud.endpoint_url}/mlflow"
    return int(pool.request("POST", url, body=text.encode(), headers=headers | {"Host": host}).status)


def test_mlflows_own_webhook_makes_the_stage_look(
    stage: Stage, asked_run: RunRecord, second_run: RunRecord
) -> None:
    """Signed with the stage's secret it is taken, forged it is not. What it tells, the sweep reads itself."""
    secret = uuid4().hex
    stage.cloud.client("secretsmanager").create_secret(Name="sluiceway/local/mlflow", SecretString=secret)
    wait_for(lambda: notify(stage, secret) == 202, seconds=90)
    assert notify(stage, "another secret") == 401
    told = stage.cloud.calls_of(_role(stage, "ReceiveWebhook"), action="events:PutEvents")
    assert all(call.allowed for call in told)


def _role(stage: Stage, function: str) -> str:
    pages = stage.cloud.client("lambda").get_paginator("list_functions").paginate()
    return next(
        str(each["Role"]) for page in pages for each in page["Functions"] if function in each["FunctionName"]
    )


def test_a_project_without_an_endpoint_crowns_its_models_and_deploys_none(
    stage: Stage, asked_run: RunRecord
) -> None:
    """The platform moves the alias there, which is nobody's wish; and who wishes is told why not."""
    without = asked_archive({"sluice.yaml": ("deploy: {instance_type: ml.t2.medium}", "deploy: null")})
    run = stage.next_run(PROJECT, lambda: stage.put("code/asked/asked.zip", without))
    assert (run.status, run.deployed) == ("SUCCEEDED", False), run.reason
    live, champion = standing(stage)
    assert champion == run.model_version != live
    assert "says `deploy: null`" in sluice(stage, "deploy", PROJECT, champion, expect=1)
    assert "says `deploy: null`" in sluice(stage, "approve", run.run_id, expect=1)
