"""Functions, jobs and builds of the machines, on a world in memory. Tests say what goes wrong."""

from typing import Any

from sluiceway.contract import Contract
from sluiceway.endpoints import contracts as endpoints
from sluiceway.endpoints.check_deployment import check_deployment
from sluiceway.endpoints.fail_deployment import fail_deployment
from sluiceway.endpoints.promote_model import promote_model
from sluiceway.endpoints.start_deployment import start_deployment
from sluiceway.endpoints.verify_deployment import verify_deployment
from sluiceway.images import contracts as images
from sluiceway.images.prepare_build import prepare_build
from sluiceway.images.record_image import JobSettings, record_image
from sluiceway.models import contracts as models
from sluiceway.models.decide_gate import decide_gate
from sluiceway.models.plan_evaluation import plan_evaluation
from sluiceway.models.register_model import register_model
from sluiceway.training import contracts as training
from sluiceway.training.fail_run import fail_run
from sluiceway.training.finish_run import finish_run
from sluiceway.training.plan_run import plan_run
from tests.fakes.run_world import BUCKET, PLATFORM, PREFIX, World, result_of, score

Json = dict[str, Any]
JOBS = JobSettings(
    prefix=PREFIX,
    job_role_arn="job",
    execution_role_arn="execution",
    log_group="steps",
    cpu_architecture="X86_64",
)


class Functions:
    """One method for each function; jobs and builds leave what real ones leave."""

    NAMES = (
        "plan_run", "finish_run", "fail_run", "prepare_build", "record_image", "plan_evaluation",
        "register_model", "decide_gate", "start_deployment", "check_deployment", "verify_deployment",
        "promote_model", "fail_deployment",
    )  # fmt: skip

    def __init__(self, world: World) -> None:
        self.world = world
        self.roc_auc: float | None = 0.7
        self.build_fails = self.training_fails = False
        self.endpoint_fails: str | None = None
        self.commands: list[list[str]] = []
        self.built: list[str] = []

    @property
    def _ledger(self) -> Json:
        return {"ledger": self.world.ledger}

    @property
    def _runs(self) -> Json:
        return {**self._ledger, "objects": self.world.objects}

    def plan_run(self, given: Json) -> Contract:
        tracking = {"registry": self.world.registry, "tracking_uri": "http://mlflow", "platform": PLATFORM}
        parsed = training.PlanRunInput.model_validate(given)
        return plan_run(parsed, **self._runs, **tracking, artifacts_bucket=BUCKET)

    def finish_run(self, given: Json) -> Contract:
        parsed = training.FinishRunInput.model_validate(given)
        return finish_run(parsed, **self._ledger, events=self.world.events)

    def fail_run(self, given: Json) -> Contract:
        parsed = training.FailRunInput.model_validate(given)
        return fail_run(parsed, **self._runs, events=self.world.events, artifacts_bucket=BUCKET)

    def prepare_build(self, given: Json) -> Contract:
        parsed = images.PrepareBuildInput.model_validate(given)
        return prepare_build(parsed, **self._runs, artifacts_bucket=BUCKET, platform=PLATFORM)

    def record_image(self, given: Json) -> Contract:
        parsed, world = images.RecordImageInput.model_validate(given), self.world
        outside = {"images": world.images, "jobs": world.jobs, "logs": world.logs}
        return record_image(parsed, **self._ledger, **outside, settings=JOBS)

    def plan_evaluation(self, given: Json) -> Contract:
        parsed = models.PlanEvaluationInput.model_validate(given)
        return plan_evaluation(parsed, **self._runs, registry=self.world.registry)

    def register_model(self, given: Json) -> Contract:
        parsed = models.RegisterModelInput.model_validate(given)
        return register_model(parsed, **self._runs, registry=self.world.registry, events=self.world.events)

    def decide_gate(self, given: Json) -> Contract:
        parsed = models.DecideGateInput.model_validate(given)
        return decide_gate(parsed, **self._runs, registry=self.world.registry)

    def start_deployment(self, given: Json) -> Contract:
        parsed, world = endpoints.StartDeploymentInput.model_validate(given), self.world
        outside = {"registry": world.registry, "hosting": world.hosting, "settings": world.hosting_settings}
        return start_deployment(parsed, **self._runs, **outside)

    def check_deployment(self, given: Json) -> Contract:
        """Says first that it changes; by the next look it has ended."""
        parsed = endpoints.CheckDeploymentInput.model_validate(given)
        checked = check_deployment(parsed, **self._ledger, hosting=self.world.hosting)
        if checked.outcome == "IN_PROGRESS":
            self.world.hosting.settle(self.world.endpoint, fails=self.endpoint_fails)
        return checked

    def verify_deployment(self, given: Json) -> Contract:
        parsed = endpoints.VerifyDeploymentInput.model_validate(given)
        outside = {"invocations": self.world.invocations, "artifacts_bucket": BUCKET}
        return verify_deployment(parsed, **self._runs, **outside)

    def promote_model(self, given: Json) -> Contract:
        parsed, world = endpoints.PromoteModelInput.model_validate(given), self.world
        return promote_model(parsed, **self._ledger, registry=world.registry, events=world.events)

    def fail_deployment(self, given: Json) -> Contract:
        parsed, world = endpoints.FailDeploymentInput.model_validate(given), self.world
        outside = {"hosting": world.hosting, "events": world.events, "prefix": PREFIX}
        return fail_deployment(parsed, **self._ledger, **outside)

    def run_job(self, arguments: Json) -> Json | None:
        """Leave what a job leaves; a failed one is described as Batch does."""
        command = arguments["ContainerOverrides"]["Command"]
        self.commands.append(command)
        run_id = command[2].split("/")[4]
        if command[0] == "evaluate":
            return self._evaluate(run_id, command[2])
        if self.training_fails and command[-1] == "train":
            return {"JobId": "1", "StatusReason": "Essential container in task exited", "Container": {
                "Command": command, "ExitCode": 1}}  # fmt: skip
        self.world.leave_result(run_id, command[-1])
        return None

    def _evaluate(self, run_id: str, job_uri: str) -> None:
        key = f"{job_uri.removeprefix(f's3://{BUCKET}/').removesuffix('.json')}/result.json"
        job = training.EvaluationJob.model_validate_json(
            self.world.objects.get(BUCKET, job_uri.removeprefix(f"s3://{BUCKET}/"))
        )
        scores = [score(one.role, self.roc_auc, version=one.model_version) for one in job.candidates]
        self.world.write(key, result_of(*scores, run_id=run_id))

    def build(self, arguments: Json) -> Json:
        """Push the image, or fail as CodeBuild does."""
        variables = {one["Name"]: one["Value"] for one in arguments["EnvironmentVariablesOverride"]}
        self.built.append(arguments["SourceLocationOverride"])
        if self.build_fails:
            self.world.logs.streams["builds", "1"] = ["ERROR: no matching distribution for scikit-lern"]
            logs = {"GroupName": "builds", "StreamName": "1"}
            return {"Build": {"Id": "environment:1", "BuildStatus": "FAILED", "Logs": logs}}
        self.world.images.push(variables["IMAGE_TAG"])
        return {"Build": {"Id": "environment:1", "BuildStatus": "SUCCEEDED"}}
