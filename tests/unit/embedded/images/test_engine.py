"""A real engine beside process images, for builds that ask for it."""

from pathlib import Path

import pytest

from embedded.images import docker
from embedded.images.store import STORE_VARIABLE, ImageStore

DOCKERFILE = "FROM python:3\nWORKDIR /app\nRUN echo made > file\nCMD cat file\n"


class Build:
    """A build's folder and environment, with an engine of its own on the path."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self._set = folder, monkeypatch.setenv
        (folder / "Dockerfile").write_text(DOCKERFILE)
        self.store = ImageStore(folder / "images")
        self._set(STORE_VARIABLE, str(self.store.root))
        monkeypatch.chdir(folder)

    def engine(self, *, name: str = "docker", answers: bool = True, build: int = 0) -> None:
        """Put a program there that notes how it was called."""
        programs = self.folder / "programs"
        programs.mkdir(exist_ok=True)
        codes = f'case "$1" in info) exit {0 if answers else 1};; build) exit {build};; esac'
        (programs / name).write_text(f'#!/bin/sh\necho "$@" >> {self.folder}/called\n{codes}\n')
        (programs / name).chmod(0o755)
        self._set("PATH", f"{self.store.root}/bin:{programs}:/usr/bin:/bin")

    def ask(self, name: str = "docker") -> None:
        """Set the documented variable."""
        self._set("SLUICEWAY_ENGINE", name)

    @property
    def called(self) -> list[str]:
        """How the engine was called, but for the question whether it is there."""
        path = self.folder / "called"
        return [line for line in path.read_text().splitlines() if line != "info"] if path.exists() else []


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Build:
    made = Build(tmp_path, monkeypatch)
    made.engine()
    return made


def test_without_the_variable_no_engine_is_used(build: Build) -> None:
    """Even where there is one."""
    assert docker.main(["build", "-t", "a:b", "."]) == 0
    assert build.called == []


def test_an_engine_that_is_asked_for_builds_too(build: Build) -> None:
    """And the process image is there for jobs; it pushes nothing itself."""
    build.ask()
    assert docker.main(["build", "--provenance=false", "-t", "a:b", "."]) == 0
    assert build.called == ["build --provenance=false -t a:b ."]
    assert build.store.named("a:b") is not None


def test_podman_is_an_engine(build: Build) -> None:
    """By its own name."""
    build.engine(name="podman")
    build.ask("podman")
    assert docker.main(["tag", "a", "b"]) == 1  # There is no process image of that name.
    assert build.called == ["tag a b"]


def test_what_process_images_do_not_know_is_the_engines(build: Build) -> None:
    """With its exit code."""
    build.ask()
    assert docker.main(["run", "--rm", "a:b", "true"]) == 0
    assert build.called == ["run --rm a:b true"]


def test_an_image_that_the_engine_cannot_build_fails(build: Build) -> None:
    """Nothing is made of it here."""
    build.engine(build=3)
    build.ask()
    assert docker.main(["build", "-t", "a:b", "."]) == 3
    assert build.store.named("a:b") is None


def test_an_engine_that_does_not_answer_is_said_and_left_out(
    build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    """Process images do without it."""
    build.engine(answers=False)
    build.ask()
    assert docker.main(["build", "-t", "a:b", "."]) == 0
    assert build.called == []
    assert "`docker info` does not answer" in capsys.readouterr().err
