"""What the processes of jobs are told: secrets, their place in an array, GPUs; and lines while they run."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from embedded.batch.gpus import gpu_variables
from embedded.batch.model import Job
from embedded.log_stream import now_ms
from tests.fakes.embedded_cloud import HOST, FakeCloud
from tests.unit.embedded.batch.processes import ROLE, Service

SECRET = "arn:aws:secretsmanager:us-east-1:000000000000:secret:db-AbCdEf"
PARAMETER = "arn:aws:ssm:us-east-1:000000000000:parameter/app/mode"


class FakeSecrets:
    """One secret and one parameter."""

    def get_secret_value(self, **call: str) -> dict[str, str]:
        if call["SecretId"] != SECRET:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetSecretValue")
        return {"SecretString": json.dumps({"user": "me"})}

    def get_parameter(self, **call: Any) -> dict[str, Any]:
        return {"Parameter": {"Value": f"{call['Name']} {call['WithDecryption']}"}}


@pytest.fixture
def secretive(cloud: FakeCloud) -> Iterator[FakeCloud]:
    cloud.clients |= {"secretsmanager": FakeSecrets(), "ssm": FakeSecrets()}
    yield cloud
    del cloud.clients["secretsmanager"], cloud.clients["ssm"]


def test_secrets_are_variables(secretive: FakeCloud, service: Service) -> None:
    """A secret, one key of it, and a parameter; the definition shows only where they come from."""
    secrets = [
        {"name": "WHOLE", "valueFrom": SECRET},
        {"name": "USER_NAME", "valueFrom": f"{SECRET}:user::"},
        {"name": "MODE", "valueFrom": PARAMETER},
    ]
    service.register(f"{HOST}/env:1", secrets=secrets)
    names = [item["name"] for item in secrets]
    detail = service.end(service.submit(f"import os; [print(os.environ[name]) for name in {names}]"))
    lines = secretive.logs.lines[detail["container"]["logStreamName"]]
    assert lines == ['{"user": "me"}', "me", "/app/mode True"]
    assert detail["container"]["secrets"] == secrets
    assert "environment" in detail["container"]


def test_a_secret_that_cannot_be_had_fails_the_start(secretive: FakeCloud, service: Service) -> None:
    """In ECS's words."""
    service.register(f"{HOST}/env:1", secrets=[{"name": "A", "valueFrom": SECRET.replace("db", "other")}])
    reason = service.end(service.submit("pass"))["statusReason"]
    assert reason.startswith("ResourceInitializationError: unable to pull secrets")
    assert "unable to retrieve secret from asm" in reason


def test_lines_are_there_while_the_job_runs(service: Service, cloud: FakeCloud, tmp_path: Path) -> None:
    """The job goes on only when its line was seen in the log."""
    seen = tmp_path / "seen"
    code = f"import os, time\nprint('begun', flush=True)\nwhile not os.path.exists('{seen}'): time.sleep(.01)"
    job_id = service.submit(code)
    service.until(job_id, "RUNNING")
    stream = service.batch.book.get(job_id).log_stream
    with cloud.logs.changed:
        assert cloud.logs.changed.wait_for(lambda: cloud.logs.lines[stream] == ["begun"], 60)
    assert service.batch.book.get(job_id).status == "RUNNING"
    seen.touch()
    assert service.end(job_id)["status"] == "SUCCEEDED"


def test_children_know_their_index(service: Service, cloud: FakeCloud) -> None:
    """By variables; each has its own id, log and session."""
    code = "import os; print(os.environ['AWS_BATCH_JOB_ARRAY_INDEX'], os.environ['AWS_BATCH_JOB_ID'])"
    job_id = service.submit(f"{code}; print(os.environ['AWS_ACCESS_KEY_ID'])", arrayProperties={"size": 2})
    assert service.end(job_id)["status"] == "SUCCEEDED"
    streams = [service.end(f"{job_id}:{index}")["container"]["logStreamName"] for index in range(2)]
    assert [cloud.logs.lines[stream] for stream in streams] == [
        [f"{index} {job_id}:{index}", f"{ROLE}/{job_id}-{index}"] for index in range(2)
    ]


def test_a_stream_is_named_after_its_definition(service: Service, cloud: FakeCloud) -> None:
    """`<definition>/default/<task id>` where no prefix is given."""
    service.register(f"{HOST}/env:1", logConfiguration={"logDriver": "awslogs"})
    detail = service.end(service.submit("pass"))
    task = detail["container"]["taskArn"].rpartition("/")[2]
    assert detail["container"]["logStreamName"] == f"d/default/{task}"


def test_a_job_is_told_of_the_machines_gpus(tmp_path: Path) -> None:
    """As many as it asked for; where there are none it is told that there are none."""
    needs = [{"type": "GPU", "value": "1"}]
    plain = {"job_id": "j", "job_arn": "j", "name": "j", "queue_arn": "q", "definition_arn": "d"}
    job = Job(**plain, created_at=now_ms(), order=1, container={"resourceRequirements": needs})
    assert gpu_variables(job, tmp_path)["CUDA_VISIBLE_DEVICES"] == "-1"
    for name in ("nvidia0", "nvidia1", "nvidiactl"):
        (tmp_path / name).touch()
    assert gpu_variables(job, tmp_path)["NVIDIA_VISIBLE_DEVICES"] == "0"


def test_nodes_are_processes_that_know_each_other(service: Service, cloud: FakeCloud) -> None:
    """The child connects to the main node by the address that it is told; the main node then ends the job."""
    main = (
        "import os, socket; s = socket.create_server(('127.0.0.1', 0)); "
        "open(os.environ['PORT_FILE'], 'w').write(str(s.getsockname()[1])); s.accept(); print('met')"
    )
    child = (
        "import os, socket, time\n"
        "while not os.path.exists(os.environ['PORT_FILE']) or not open(os.environ['PORT_FILE']).read(): "
        "time.sleep(.01)\n"
        "host = os.environ['AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS']\n"
        "socket.create_connection((host, int(open(os.environ['PORT_FILE']).read())))\ntime.sleep(60)"
    )
    service.register_nodes({"0": main, "1": child}, {"PORT_FILE": str(cloud.state_dir / "port")})
    answer = service.call("SubmitJob", jobName="j", jobQueue="ec2", jobDefinition="nodes")
    detail = service.end(answer["jobId"])
    assert (detail["status"], detail["nodeProperties"]["mainNode"]) == ("SUCCEEDED", 0)
    stream = service.end(f"{answer['jobId']}#0")["container"]["logStreamName"]
    assert cloud.logs.lines[stream] == ["met"]
