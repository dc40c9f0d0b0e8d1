"""Images are really made: an environment, files, commands."""

import subprocess
from pathlib import Path

import pytest

from embedded.images.build import build
from embedded.images.dockerfile import DockerfileError
from embedded.images.image import ProcessImage
from embedded.images.plan import make_plan
from embedded.images.store import ImageStore

TEXT = """FROM python:3.13-slim
ENV PYTHONPATH=/opt/app GREETING="hello"
WORKDIR /opt/app
COPY requirements.txt .
RUN pip install --no-cache-dir -r /opt/app/requirements.txt && echo built > note.txt
COPY tool tool
ENTRYPOINT ["python", "-m", "tool"]
CMD ["default"]
"""


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("context")
    (folder / "requirements.txt").write_text("six==1.17.0\n")
    (folder / "tool").mkdir()
    (folder / "tool" / "__main__.py").write_text(
        "import os, sys, six\n"
        "print(six.__version__, os.environ['GREETING'], sys.argv[1:], open('note.txt').read())\n"
    )
    return folder


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ImageStore:
    return ImageStore(tmp_path_factory.mktemp("images"))


@pytest.fixture(scope="module")
def image(context: Path, store: ImageStore) -> ProcessImage:
    return build(make_plan(TEXT, {}), context, store)


def run(image: ProcessImage, *args: str) -> str:
    result = subprocess.run(
        image.command(args),
        env=image.environment(),
        cwd=image.workdir,
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.strip()


def test_an_image_runs_its_entrypoint_with_its_packages_files_and_environment(image: ProcessImage) -> None:
    """The package, the copied module, the ENV and what RUN wrote are all there."""
    assert run(image, "a", "b") == "1.17.0 hello ['a', 'b'] built"
    assert run(image) == "1.17.0 hello ['default'] built"


def test_an_identical_build_is_found(context: Path, store: ImageStore, image: ProcessImage) -> None:
    """Comments do not count; nothing is executed again."""
    said: list[str] = []
    again = build(make_plan("# a comment\n" + TEXT, {}), context, store, say=said.append)
    assert (again.digest, said) == (image.digest, [f"CACHED {image.digest}"])


def test_a_half_made_folder_is_remade(context: Path, store: ImageStore, image: ProcessImage) -> None:
    """Without its marker a folder is not an image."""
    (image.folder / "complete").unlink()
    assert store.find(image.digest) is None
    build(make_plan(TEXT, {}), context, store)
    assert run(image) == "1.17.0 hello ['default'] built"


def test_instances_do_not_share_files(image: ProcessImage, tmp_path: Path) -> None:
    """What one process writes in the image's folder no other sees."""
    one = image.instance(tmp_path / "one")
    (one.workdir / "note.txt").write_text("changed")
    assert run(one).endswith("changed")
    assert run(image).endswith("built")


def test_any_copied_byte_changes_the_digest(context: Path, store: ImageStore, image: ProcessImage) -> None:
    """The context's files are part of what an image is."""
    from embedded.images.build import plan_digest

    before = plan_digest(make_plan(TEXT, {}), context)
    extra = context / "tool" / "extra.txt"
    extra.write_text("x")
    changed = plan_digest(make_plan(TEXT, {}), context)
    extra.unlink()
    assert before == image.digest
    assert changed != before


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("RUN exit 3", "Dockerfile:3: RUN 'exit 3' ended with exit code 3"),
        ("RUN rm -rf /var/lib/apt", "Dockerfile:3: RUN names /var/lib/apt, which belongs to this machine"),
        ("COPY absent .", "COPY absent: there is no such file"),
        ("COPY ../outside .", "leaves the build context"),
    ],
)
def test_a_step_that_fails_says_where_and_why(
    line: str, words: str, context: Path, store: ImageStore
) -> None:
    """And leaves no image behind."""
    (context.parent / "outside").touch()
    with pytest.raises(DockerfileError) as caught:
        build(make_plan(f"FROM python:3\nWORKDIR /app\n{line}", {}), context, store)
    assert words in str(caught.value)
