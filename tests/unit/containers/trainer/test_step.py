"""A step is fetched by version, checked, run as MLflow would run it, and kept once."""

import hashlib
import subprocess
from typing import Any

import pytest

from containers.trainer.attempt import EntryPointFailed
from sluiceway.errors import InvalidDataset, InvalidProject, ServiceUnavailable, StepFailed
from sluiceway.gateways.mlflow_values import MlflowRun
from sluiceway.gateways.objects import write_contract_once
from tests.unit.containers.trainer.steps import RUN, Scene, copy_of

COPY = "cp {data}/{file} {output}/"


def test_a_step_gets_its_data_and_its_output_is_kept_with_checksums() -> None:
    """What lies in {output} when the entry point ends is the step's output."""
    scene = Scene(data=b"one,two")
    result = scene.run(COPY, **copy_of("2013/a.csv"))
    assert scene.kept("prepare", "a.csv") == b"one,two"
    assert [(kept.path, kept.sha256) for kept in result.outputs] == [
        ("a.csv", hashlib.sha256(b"one,two").hexdigest())
    ]


def test_data_are_fetched_in_the_version_that_was_planned() -> None:
    """A later upload of the same key does not change a run."""
    scene = Scene(data=b"planned")
    scene.objects.put("uploads", "data/flights/2013/a.csv", b"later, and longer")
    scene.run(COPY, **copy_of("2013/a.csv"))
    assert scene.kept("prepare", "a.csv") == b"planned"


def test_a_finished_step_is_not_run_again() -> None:
    """A job that finds its own result returns it."""
    scene = Scene()
    first = scene.run("echo 1 > {output}/n", parameters={"output": "{output}"})
    again = scene.run("exit 7", attempt="job:2")
    assert again == first
    assert len(scene.registry.runs) == 1


def test_outputs_of_a_job_that_was_faster_are_not_overwritten() -> None:
    """A submission whose answer was lost is made again: then two jobs do the same step."""
    scene = Scene()
    line, parameters = "date +%s%N > {output}/n", {"output": "{output}"}
    faster = scene.run(line, parameters=parameters)
    scene.objects.delete("artifacts", f"{RUN}/prepare/result.json")
    create_run = scene.registry.create_run

    def overtaken(*given: Any) -> MlflowRun:
        write_contract_once(scene.objects, f"s3://artifacts/{RUN}/prepare/result.json", faster)
        return create_run(*given)

    scene.registry.create_run = overtaken  # type: ignore[method-assign]
    assert scene.run(line, parameters=parameters, attempt="other:1") == faster
    kept = hashlib.sha256(scene.kept("prepare", "n")).hexdigest()
    assert [output.sha256 for output in faster.outputs] == [kept]


@pytest.mark.parametrize("is_created", [True, False])
def test_an_mlflow_run_whose_creation_was_not_answered_is_there_once(is_created: bool) -> None:
    """It is looked for; where it is not there it is created again, since nobody else would."""
    scene = Scene()
    create_run = scene.registry.create_run

    def unanswered(*given: Any) -> MlflowRun:
        scene.registry.create_run = create_run  # type: ignore[method-assign]
        if is_created:
            create_run(*given)
        raise ServiceUnavailable("MLflow did not answer")

    scene.registry.create_run = unanswered  # type: ignore[method-assign]
    scene.run("true")
    assert [run.status for run in scene.registry.runs.values()] == ["FINISHED"]


@pytest.mark.parametrize("checksum", ["sha256:" + "0" * 64, "etag:" + "0" * 32])
def test_data_that_differ_from_the_manifest_fail_and_name_the_object(checksum: str) -> None:
    """Nothing is trained on bytes that nobody planned."""
    scene = Scene(checksum=checksum)
    with pytest.raises(InvalidDataset, match=r"s3://uploads/data/flights/2013/a\.csv .*manifest says"):
        scene.run("true")


def test_a_key_that_would_leave_the_folder_is_refused() -> None:
    """Object keys come from outside."""
    scene = Scene()
    scene.manifest("etag:x-2", size=4, key="data/flights/../../escaped")
    with pytest.raises(InvalidDataset, match="not a relative path"):
        scene.run("true")


def test_code_of_another_version_is_refused() -> None:
    """The archive's files are hashed again."""
    scene = Scene()
    with pytest.raises(InvalidProject, match="holds code version"):
        scene.run("true", plan=scene.plan(code_version="0" * 64))


def test_outputs_of_needed_steps_arrive_and_are_checked() -> None:
    """{steps.NAME} is the folder that the earlier step left."""
    scene = Scene()
    scene.run("echo 42 > {output}/sub.txt", parameters={"output": "{output}"})
    later = {"name": "train", "needs": ("prepare",)}
    parameters = {"earlier": "{steps.prepare}", "output": "{output}"}
    scene.run("cat {earlier}/sub.txt > {output}/seen", parameters=parameters, **later)
    assert scene.kept("train", "seen") == b"42\n"
    scene.objects.put("artifacts", f"{RUN}/prepare/output/sub.txt", b"41\n")
    scene.objects.delete("artifacts", f"{RUN}/train/result.json")
    with pytest.raises(StepFailed, match="was overwritten"):
        scene.run("true", **later)


def test_values_are_quoted_for_the_shell() -> None:
    """A parameter is one word, whatever is in it; it never becomes a command."""
    scene = Scene()
    value = "a b; touch injected $(id) '"
    scene.run("printf %s {text} > {output}/said", parameters={"text": value, "output": "{output}"})
    assert scene.kept("prepare", "said") == value.encode()


def test_the_platforms_packages_and_path_do_not_leak_into_the_project(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The entry point sees its own environment, and where to log."""
    monkeypatch.setenv("PYTHONPATH", "/opt/sluiceway")
    scene = Scene()
    line = 'echo "${{PYTHONPATH-none}} $MLFLOW_RUN_ID $MLFLOW_TRACKING_URI" > {output}/seen'
    result = scene.run(line, parameters={"output": "{output}"})
    assert scene.kept("prepare", "seen").decode() == f"none {result.mlflow_run_id} http://mlflow\n"


def test_an_entry_point_that_fails_says_why_and_ends_its_mlflow_run() -> None:
    """The reason is the exception and where in the project it was raised."""
    scene = Scene()
    with pytest.raises(EntryPointFailed) as failed:
        scene.run("python -c 'raise ValueError(\"no such column: dest\")'")
    assert "exit code 1: ValueError: no such column: dest" in str(failed.value)
    assert failed.value.log_tail[-1] == "ValueError: no such column: dest"
    assert [run.status for run in scene.registry.runs.values()] == ["FAILED"]
    assert not scene.objects.exists("artifacts", f"{RUN}/prepare/result.json")


def test_a_retry_ends_the_mlflow_run_that_an_earlier_attempt_left_running() -> None:
    """A machine that was lost cannot end its own."""
    scene = Scene()
    lost = {"sluiceway.run_id": "flight-delay-1", "sluiceway.step": "prepare", "sluiceway.attempt": "job:1"}
    scene.registry.create_run("1", "prepare", lost)
    scene.run("true", attempt="job:2")
    assert [run.status for run in scene.registry.runs.values()] == ["KILLED", "FINISHED"]


def test_a_metric_that_is_not_a_number_becomes_none() -> None:
    """JSON has no NaN."""
    scene = Scene()
    search = scene.registry.get_run
    scene.registry.get_run = lambda run_id: (  # type: ignore[method-assign]
        scene.registry.log_batch(run_id, metrics={"loss": float("nan"), "auc": 0.5}) or search(run_id)
    )
    assert scene.run("true").metrics == {"loss": None, "auc": 0.5}


def test_a_job_that_is_asked_to_stop_passes_it_on_and_says_so() -> None:
    """Batch stops a job with SIGTERM; here the entry point itself sends it to the trainer."""
    scene = Scene()
    line = "trap 'echo stopping; exit 0' TERM; kill -TERM $PPID; for n in $(seq 100); do sleep 0.1; done"
    with pytest.raises(EntryPointFailed, match="asked to stop") as stopped:
        scene.run(line)
    assert stopped.value.log_tail == ("stopping",)


def test_nothing_that_the_entry_point_started_outlives_it() -> None:
    """A process left behind would go on writing."""
    scene = Scene()
    scene.run("sleep 60 > /dev/null & echo $! > {output}/pid", parameters={"output": "{output}"})
    pid = int(scene.kept("prepare", "pid"))
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, check=False).stdout
    assert state[:1] in (b"", b"Z")
