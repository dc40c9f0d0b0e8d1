"""Phases as they follow each other, what they tell, and what a build leaves."""

import gzip
import io
import zipfile
from typing import Any

import pytest

from embedded.api_error import ApiError
from tests.unit.embedded.codebuild.processes import Service, statuses

ALL = (
    "SUBMITTED QUEUED PROVISIONING DOWNLOAD_SOURCE INSTALL PRE_BUILD BUILD POST_BUILD UPLOAD_ARTIFACTS "
    "FINALIZING COMPLETED"
)
PLAIN = "version: 0.2\nphases: {build: {commands: ['true']}}\n"


def spec(phase: str, command: str, on_failure: str = "") -> str:
    action = f", on-failure: {on_failure}" if on_failure else ""
    other = "post_build: {commands: [echo after]}, " if phase != "post_build" else ""
    return f"version: 0.2\nphases: {{{other}{phase}: {{commands: ['{command}']{action}}}}}\n"


def told(service: Service, kind: str) -> list[dict[str, Any]]:
    return [detail for name, detail in service.events if name == f"CodeBuild Build {kind} Change"]


def test_all_phases_come_in_order_and_are_told_of(service: Service) -> None:
    """One event for each phase that is over, and one for each status, in the order in which they came."""
    service.create(PLAIN)
    build = service.build()
    assert " ".join(phase["phaseType"] for phase in build["phases"]) == ALL
    phases = told(service, "Phase")
    assert " ".join(detail["completed-phase"] for detail in phases) == ALL
    assert {detail["completed-phase-status"] for detail in phases} == {"SUCCEEDED"}
    assert service.events[-1][0] == "CodeBuild Build State Change"
    information = service.events[-1][1]["additional-information"]
    assert information["environment"]["compute-type"] == "BUILD_GENERAL1_SMALL"
    assert [each["phase-type"] for each in information["phases"]] == ALL.split()


@pytest.mark.parametrize(
    ("phase", "action", "last"),
    [
        ("install", "", "INSTALL"),
        ("pre_build", "", "PRE_BUILD"),
        ("build", "", "UPLOAD_ARTIFACTS"),
        ("build", "ABORT", "BUILD"),
        ("pre_build", "CONTINUE", "UPLOAD_ARTIFACTS"),
        ("post_build", "", "UPLOAD_ARTIFACTS"),
    ],
)
def test_a_failed_phase_decides_what_follows(phase: str, action: str, last: str, service: Service) -> None:
    """Before BUILD it is the last; after BUILD comes POST_BUILD, unless it aborts; then artifacts."""
    service.create(spec(phase, "false", action))
    build = service.build()
    names = [item["phaseType"] for item in build["phases"]]
    assert names[names.index(last) + 1 :] == ["FINALIZING", "COMPLETED"]
    assert (build["buildStatus"], statuses(build)[phase.upper()]) == ("FAILED", "FAILED")


def test_metrics_count_a_build_for_its_project_and_the_account(service: Service) -> None:
    """Builds, how it ended, and the durations of the build and its phases."""
    service.create(spec("build", "false"))
    service.build()
    counted = {name: value for name, value, _, dimensions in service.metrics if not dimensions}
    assert (counted["Builds"], counted["FailedBuilds"]) == (1, 1)
    assert "SucceededBuilds" not in counted
    of_project = {
        name for name, _, unit, by in service.metrics if by == {"ProjectName": "p"} and unit == "Seconds"
    }
    assert {"Duration", "QueuedDuration", "BuildDuration", "FinalizingDuration"} <= of_project


def test_a_build_that_takes_too_long_is_ended(tmp_path: Any) -> None:
    """Its phase and its status are TIMED_OUT; nothing is uploaded."""
    service = Service(tmp_path, minute=0.05)
    service.create("version: 0.2\nphases: {build: {commands: [sleep 60]}}\n")
    build = service.build(timeoutInMinutesOverride=5)
    assert (build["buildStatus"], statuses(build)["BUILD"]) == ("TIMED_OUT", "TIMED_OUT")
    assert "UPLOAD_ARTIFACTS" not in statuses(build)


ARTIFACTS = """version: 0.2
phases:
  build: {commands: ['mkdir -p out/sub; echo a > out/a.txt; echo b > out/sub/b.txt; echo c > out/c.log']}
artifacts: {files: ['**/*'], base-directory: out, exclude-paths: ['*.log']}
"""


def leaving(service: Service, buildspec: str, **artifacts: Any) -> dict[str, Any]:
    service.create(buildspec)
    given = {"type": "S3", "location": "b", "path": "made", "name": "all.zip", **artifacts}
    service.call("UpdateProject", name="p", artifacts=given)
    return service.build()


def test_files_are_left_as_a_folder(service: Service) -> None:
    """Those that the buildspec names, under path, namespace and name."""
    build = leaving(service, ARTIFACTS, namespaceType="BUILD_ID", name="all")
    assert build["buildStatus"] == "SUCCEEDED"
    prefix = f"b/made/{build['id'].partition(':')[2]}/all"
    assert set(service.s3.objects) == {f"{prefix}/a.txt", f"{prefix}/sub/b.txt"}
    assert build["artifacts"]["location"] == f"arn:aws:s3:::{prefix}"


def test_files_are_left_as_one_archive(service: Service) -> None:
    """With its digests."""
    build = leaving(service, ARTIFACTS, packaging="ZIP")
    with zipfile.ZipFile(io.BytesIO(service.s3.objects["b/made/all.zip"])) as archive:
        assert sorted(archive.namelist()) == ["a.txt", "sub/b.txt"]
    assert len(build["artifacts"]["sha256sum"]) == 64


def test_a_build_whose_artifacts_are_missing_fails(service: Service) -> None:
    """In its phase UPLOAD_ARTIFACTS."""
    build = leaving(service, PLAIN + "artifacts: {files: [absent]}\n")
    phase = next(item for item in build["phases"] if item["phaseType"] == "UPLOAD_ARTIFACTS")
    assert (build["buildStatus"], phase["contexts"][0]["message"]) == (
        "FAILED",
        "no matching artifact paths found",
    )


def test_a_log_goes_to_s3_where_it_is_asked_for(service: Service) -> None:
    """Compressed, named after the build, also with CloudWatch Logs switched off."""
    logs = {"cloudWatchLogs": {"status": "DISABLED"}, "s3Logs": {"status": "ENABLED", "location": "b/logs"}}
    service.create(spec("build", "echo hello"))
    build = service.build(logsConfigOverride=logs)
    name = f"b/logs/{build['id'].partition(':')[2]}.gz"
    assert "hello\n" in gzip.decompress(service.s3.objects[name]).decode()
    assert build["logs"]["s3LogsArn"] == f"arn:aws:s3:::{name}"


def test_lines_are_there_while_the_build_runs(service: Service, tmp_path: Any) -> None:
    """The build goes on only when its line was seen in the log."""
    seen, logs = tmp_path / "seen", service.cloud.logs
    service.create(spec("build", f"echo begun; until [ -f {seen} ]; do sleep 0.01; done"))
    build_id = service.call("StartBuild", projectName="p")["build"]["id"]
    stream = build_id.partition(":")[2]
    with logs.changed:
        assert logs.changed.wait_for(lambda: "begun" in logs.lines.get(stream, ()), 60)
    seen.touch()
    ended = service.codebuild.builds.book.wait_for(build_id, lambda build: build.is_complete)
    assert ended.status == "SUCCEEDED"


def test_a_build_is_run_again_as_it_was(service: Service) -> None:
    """With its own number and id, whatever its project says by now."""
    service.create(spec("build", 'echo "$MINE"'))
    first = service.build(environmentVariablesOverride=[{"name": "MINE", "value": "first"}])
    service.call("UpdateProject", name="p", source={"type": "NO_SOURCE", "buildspec": PLAIN})
    again_id = service.call("RetryBuild", id=first["id"])["build"]["id"]
    service.codebuild.builds.book.wait_for(again_id, lambda build: build.is_complete)
    again = service.call("BatchGetBuilds", ids=[again_id])["builds"][0]
    assert (again["buildNumber"], again["buildStatus"]) == (2, "SUCCEEDED")
    assert service.lines(again)[0] == "first"


def test_builds_are_deleted_once_they_have_ended(service: Service) -> None:
    """Others are named with the reason."""
    service.create(PLAIN)
    build = service.build()
    answer = service.call("BatchDeleteBuilds", ids=[build["id"], "p:absent"])
    assert answer["buildsDeleted"] == [build["arn"]]
    assert answer["buildsNotDeleted"] == [{"id": "p:absent", "statusCode": "BUILD_NOT_FOUND"}]
    assert service.call("BatchGetBuilds", ids=[build["id"]])["buildsNotFound"] == [build["id"]]


def test_no_more_builds_run_at_once_than_a_project_says(service: Service) -> None:
    """The next one is refused."""
    service.create("version: 0.2\nphases: {build: {commands: [sleep 60]}}\n")
    service.call("UpdateProject", name="p", concurrentBuildLimit=1)
    running = service.call("StartBuild", projectName="p")["build"]["id"]
    with pytest.raises(ApiError, match="Cannot have more than 1"):
        service.call("StartBuild", projectName="p")
    service.codebuild.builds.book.wait_for(running, lambda build: build.current_phase == "BUILD")
    service.call("StopBuild", id=running)
    service.codebuild.builds.book.wait_for(running, lambda build: build.is_complete)


class FakeStores:
    """Parameter Store and Secrets Manager."""

    def get_parameter(self, **call: Any) -> dict[str, Any]:
        return {"Parameter": {"Value": f"parameter {call['Name']}"}}

    def get_secret_value(self, **call: Any) -> dict[str, str]:
        return {"SecretString": f'{{"key": "secret {call["SecretId"]} {call.get("VersionStage")}"}}'}


SECRETIVE = """version: 0.2
env:
  shell: bash
  parameter-store: {FROM_STORE: /app/mode}
  secrets-manager: {FROM_SECRET: 'db:key:AWSPREVIOUS'}
  exported-variables: [MADE]
phases:
  install: {commands: ['export MADE=1; cd /; set -o pipefail']}
  build: {commands: ['echo "$FROM_STORE, $FROM_SECRET, $OTHER"', 'MADE=$((MADE + 1)); pwd']}
"""


def test_variables_come_from_stores_and_go_from_phase_to_phase(service: Service) -> None:
    """Under the build's role; what a phase sets is there in the next one, and exported at the end."""
    service.cloud.clients |= {"ssm": FakeStores(), "secretsmanager": FakeStores()}
    service.create(SECRETIVE)
    other = {"name": "OTHER", "value": "other", "type": "PARAMETER_STORE"}
    build = service.build(environmentVariablesOverride=[other])
    assert service.lines(build) == [
        "parameter /app/mode, secret db AWSPREVIOUS, parameter other",
        "/",
    ]
    assert build["exportedEnvironmentVariables"] == [{"name": "MADE", "value": "2"}]
