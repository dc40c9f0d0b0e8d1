"""Builds really run: source, phases, variables, logs, endings."""

from pathlib import Path
from typing import Any

import pytest

from embedded.api_error import ApiError
from tests.unit.embedded.codebuild.processes import ROLE, Service, statuses, zipped

OUTPUT = ["hello x spec call", "finally", "two", 'lines "quoted"']

GOOD = """
version: 0.2
env:
  variables: {FROM_SPEC: spec}
  exported-variables: [FOUND]
phases:
  pre_build:
    commands:
      - cd sub && FOUND=$(cat file) && greet() { echo "hello $1"; }
  build:
    commands:
      - greet "$FOUND $FROM_SPEC $MINE"; pwd | grep -q /src/sub
      - |
        text='two
        lines "quoted"'
    finally:
      - echo finally
  post_build:
    commands:
      - echo "$text"; echo "$CODEBUILD_BUILD_SUCCEEDING $AWS_DEFAULT_REGION $AWS_ACCESS_KEY_ID" >&2
"""


def test_a_build_runs_its_phases_on_its_source(service: Service) -> None:
    """Folder, variables and functions last from command to command; the role's credentials are there."""
    service.s3.objects["b/k.zip"] = zipped({"buildspec.yml": GOOD, "sub/file": "x"})
    service.create(type="S3", location="b/k.zip")
    build = service.build(environmentVariablesOverride=[{"name": "MINE", "value": "call"}])
    assert (build["buildStatus"], set(statuses(build).values())) == ("SUCCEEDED", {"SUCCEEDED", ""})
    lines = service.lines(build)
    assert [line for line in lines if line in OUTPUT] == OUTPUT
    assert lines[-1].startswith(f"1 us-east-1 {ROLE}/")
    assert build["exportedEnvironmentVariables"] == [{"name": "FOUND", "value": "x"}]
    states = [detail for kind, detail in service.events if kind == "CodeBuild Build State Change"]
    assert [detail["build-status"] for detail in states] == ["IN_PROGRESS", "SUCCEEDED"]


FAILING = """
version: 0.2
phases:
  build:
    commands: [echo one, exit 3, echo never]
    finally: [echo finally]
  post_build:
    commands: ['echo "post $CODEBUILD_BUILD_SUCCEEDING"']
"""


def test_a_command_that_fails_fails_the_build(service: Service) -> None:
    """What follows in the phase is skipped; `finally` and post_build run; the context names the command."""
    service.create(FAILING)
    build = service.build()
    assert (build["buildStatus"], statuses(build)["BUILD"]) == ("FAILED", "FAILED")
    assert service.lines(build) == ["one", "finally", "post 0"]
    context = next(phase for phase in build["phases"] if phase["phaseType"] == "BUILD")["contexts"][0]
    assert context["statusCode"] == "COMMAND_EXECUTION_ERROR"
    assert context["message"] == "Error while executing command: exit 3. Reason: exit status 3"


def test_after_a_failed_pre_build_nothing_more_runs(service: Service) -> None:
    """Neither build nor post_build."""
    service.create(
        "version: 0.2\nphases: {pre_build: {commands: ['false']}, post_build: {commands: [echo never]}}\n"
    )
    build = service.build()
    assert build["buildStatus"] == "FAILED"
    assert not {"BUILD", "POST_BUILD"} & set(statuses(build))


@pytest.mark.parametrize(
    ("files", "location", "words"),
    [
        ({"buildspec.yml": GOOD}, "b/absent.zip", "NoSuchKey"),
        ({"other": ""}, "b/k.zip", "no such file in the source"),
        ({"buildspec.yml": "version: 0.2"}, "b/k.zip", "phases: there is none"),
        ({"../up": ""}, "b/k.zip", "leaves its folder"),
    ],
)
def test_a_source_that_cannot_be_used_fails_its_phase(
    files: dict[str, str], location: str, words: str, service: Service
) -> None:
    """DOWNLOAD_SOURCE fails with the reason."""
    service.s3.objects["b/k.zip"] = zipped(files)
    service.create(type="S3", location=location)
    build = service.build()
    phase = next(phase for phase in build["phases"] if phase["phaseType"] == "DOWNLOAD_SOURCE")
    assert (build["buildStatus"], phase["phaseStatus"]) == ("FAILED", "FAILED")
    assert words in phase["contexts"][0]["message"]


def test_a_build_is_stopped(service: Service) -> None:
    """Its processes are ended, its status is STOPPED."""
    service.create("version: 0.2\nphases: {build: {commands: [sleep 60]}}\n")
    build_id = service.call("StartBuild", projectName="p")["build"]["id"]
    service.codebuild.builds.book.wait_for(build_id, lambda build: build.current_phase == "BUILD")
    service.call("StopBuild", id=build_id)
    build = service.codebuild.builds.book.wait_for(build_id, lambda build: build.is_complete)
    assert (build.status, build.phase_failure) == ("STOPPED", "STOPPED")


def test_a_token_starts_one_build(service: Service) -> None:
    """The same call again is the same build; another call with the token is refused."""
    service.create("version: 0.2\nphases: {build: {commands: ['true']}}\n")
    first = service.build(idempotencyToken="t")
    assert service.build(idempotencyToken="t")["id"] == first["id"]
    with pytest.raises(ApiError, match="used with other parameters"):
        service.call("StartBuild", projectName="p", idempotencyToken="t", timeoutInMinutesOverride=9)


def test_docker_in_a_build_makes_process_images(service: Service) -> None:
    """The build's PATH begins with our docker."""
    dockerfile = "FROM python:3\nWORKDIR /app\nRUN echo made > file\nCMD cat file\n"
    spec = "version: 0.2\nphases: {build: {commands: ['docker build -t a:b .', 'docker run a:b']}}\n"
    service.s3.objects["b/k.zip"] = zipped({"Dockerfile": dockerfile, "buildspec.yml": spec})
    service.create(type="S3", location="b/k.zip")
    build = service.build()
    lines = service.lines(build)
    assert "Successfully tagged a:b" in lines
    assert any("invalid choice: 'run'" in line for line in lines)
    assert build["buildStatus"] == "FAILED"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"source": {"type": "GITHUB", "location": "x"}}, "source type GITHUB"),
        ({"source": {"type": "NO_SOURCE"}}, "needs a buildspec"),
        ({"artifacts": {"type": "S3"}}, "need the location"),
        ({"artifacts": {"type": "CODEPIPELINE"}}, "artifacts type CODEPIPELINE"),
        ({"source": {"type": "CODECOMMIT", "location": "x"}}, "source type CODECOMMIT"),
        ({"source": {"type": "S3", "location": "b/folder/"}}, "a folder as the source"),
        ({"source": {"type": "S3", "location": "b/k", "buildspec": "arn:aws:s3:::b/x"}}, "a buildspec in S3"),
        ({"cache": {"type": "S3", "location": "b/c"}}, "cache type S3"),
        ({"buildBatchConfig": {"serviceRole": ROLE}}, "buildBatchConfig is not supported"),
        ({"vpcConfig": {"vpcId": "v"}}, "vpcConfig is not supported"),
        ({"timeoutInMinutes": 4}, "between 5 and 2160"),
        ({"logsConfig": {"s3Logs": {"status": "ENABLED"}}}, "location must be bucket/prefix"),
    ],
)
def test_a_project_that_could_not_be_built_is_refused(
    change: dict[str, Any], words: str, service: Service
) -> None:
    """With InvalidInputException."""
    service.create("version: 0.2\n")
    with pytest.raises(ApiError, match=words):
        service.call("UpdateProject", name="p", **change)


def test_a_build_under_way_is_lost_with_the_server(service: Service, tmp_path: Path) -> None:
    """The next server writes it down as FAULT."""
    service.create("version: 0.2\nphases: {build: {commands: [sleep 60]}}\n")
    build_id = service.call("StartBuild", projectName="p")["build"]["id"]
    service.codebuild.builds.book.wait_for(build_id, lambda build: build.current_phase == "BUILD")
    service.codebuild.builds.close()
    again = Service(tmp_path)
    again.codebuild.builds.recover()
    assert again.call("BatchGetBuilds", ids=[build_id])["builds"][0]["buildStatus"] == "FAULT"
    service.codebuild.builds._stops[build_id].stop("test ends")
