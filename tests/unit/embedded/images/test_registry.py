"""Pushing makes the calls that Docker makes, and resolving leads back to the folder."""

import io
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from embedded.images import docker
from embedded.images.build import build
from embedded.images.plan import make_plan
from embedded.images.registry import ImageNotFoundError, parse_reference, push
from embedded.images.resolve import image_store, resolve
from tests.fakes.ecr import FakeEcr

HOST = "000000000000.dkr.ecr.us-east-1.amazonaws.com"
REPOSITORY = f"{HOST}/env"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    ecr = FakeEcr("env")
    state = tmp_path_factory.mktemp("state")
    image = build(
        make_plan("FROM python:3\nWORKDIR /app\nCMD true", {}), state, image_store(state), say=lambda _: None
    )
    return SimpleNamespace(state_dir=state, client=lambda _name: ecr, ecr=ecr, image=image)


def test_an_image_is_found_by_tag_and_by_digest(cloud: SimpleNamespace) -> None:
    """Its manifest in the registry names the process image."""
    digest = push(cloud.ecr, cloud.image, parse_reference(f"{REPOSITORY}:one"))
    assert resolve(cloud, f"{REPOSITORY}:one").folder == cloud.image.folder
    assert resolve(cloud, f"{REPOSITORY}@{digest}").folder == cloud.image.folder
    assert cloud.ecr.calls[:5] == [
        "BatchCheckLayerAvailability",
        "InitiateLayerUpload",
        "UploadLayerPart",
        "CompleteLayerUpload",
        "PutImage",
    ]


def test_the_same_image_may_be_pushed_again_to_an_immutable_tag(cloud: SimpleNamespace) -> None:
    """A build that is repeated after a lost answer ends well."""
    reference = parse_reference(f"{REPOSITORY}:again")
    assert push(cloud.ecr, cloud.image, reference) == push(cloud.ecr, cloud.image, reference)


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("docker.io/busybox", "is not an image in ECR"),
        (f"{REPOSITORY}:absent", "absent: not found"),
        (f"{HOST}/other:one", "other"),
    ],
)
def test_an_unknown_image_is_not_found(uri: str, words: str, cloud: SimpleNamespace) -> None:
    """The message names the image."""
    with pytest.raises(ImageNotFoundError, match=words):
        resolve(cloud, uri)


def test_docker_builds_tags_pushes_and_inspects(
    cloud: SimpleNamespace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The commands of a usual buildspec, in order; a push without login is refused."""
    (tmp_path / "Dockerfile").write_text("FROM python:3\nWORKDIR /app\nCMD true")
    monkeypatch.setitem(os.environ, "PROCESS_IMAGE_STORE", str(cloud.state_dir / "images"))
    monkeypatch.setitem(os.environ, "HOME", str(tmp_path))
    monkeypatch.setattr(docker, "_ecr", lambda _reference: cloud.ecr)
    assert (
        docker.main(
            ["build", "-t", "env:x", "--platform", "linux/arm64", "--provenance=false", str(tmp_path)]
        )
        == 0
    )
    assert docker.main(["tag", "env:x", f"{REPOSITORY}:x"]) == 0
    assert docker.main(["push", f"{REPOSITORY}:x"]) == 1
    assert "no basic auth credentials" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", io.StringIO("secret\n"))
    assert docker.main(["login", "--username", "AWS", "--password-stdin", HOST]) == 0
    assert docker.main(["push", f"{REPOSITORY}:x"]) == 0
    # Another build's push of the same image, which a build's own engine would not know.
    image_store(cloud.state_dir).name(f"{HOST}/another@sha256:{'0' * 64}", cloud.image.digest)
    capsys.readouterr()
    assert docker.main(["inspect", "--format", "{{index .RepoDigests 0}}", f"{REPOSITORY}:x"]) == 0
    assert capsys.readouterr().out.startswith(f"{REPOSITORY}@sha256:")


def test_docker_refuses_what_it_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    """By name, with Docker's exit code for its own errors."""
    with pytest.raises(SystemExit) as caught:
        docker.main(["run", "busybox"])
    assert caught.value.code == 125
    assert "'run'" in capsys.readouterr().err
