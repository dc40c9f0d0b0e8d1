"""What identifies an image, and what its build gets."""

import io
import zipfile

from sluiceway.images.build_context import build_context, python_version
from sluiceway.images.image_tag import image_tag
from sluiceway.images.platform_files import DOCKERFILE
from tests.fakes.run_world import PLATFORM

ENVIRONMENT = {"python_env.yaml": b'python: "3.12"\n', "requirements.txt": b"numpy\n"}


def test_the_order_of_files_does_not_matter() -> None:
    """The same files are the same image."""
    assert image_tag(ENVIRONMENT, PLATFORM) == image_tag(dict(reversed(ENVIRONMENT.items())), PLATFORM)


def test_every_byte_and_every_name_matters() -> None:
    """Of the project's files and of the platform's; a file that moves between them, too."""
    tags = {
        image_tag(ENVIRONMENT, PLATFORM),
        image_tag({**ENVIRONMENT, "requirements.txt": b"numpy \n"}, PLATFORM),
        image_tag(ENVIRONMENT, {**PLATFORM, "containers/a.py": b"2"}),
        image_tag({"python_env.yaml": b'python: "3.12"\n'}, {**PLATFORM, "requirements.txt": b"numpy\n"}),
        image_tag({"python_env.yaml": b'python: "3.12"\n', "requirements.tx": b"tnumpy\n"}, PLATFORM),
    }
    assert len(tags) == 5


def test_the_context_holds_dockerfile_environment_and_platform() -> None:
    """With the project's Python version filled in, and in equal bytes for equal files."""
    context = build_context(ENVIRONMENT, PLATFORM)
    with zipfile.ZipFile(io.BytesIO(context)) as archive:
        assert archive.read("Dockerfile").startswith(b"ARG PYTHON_VERSION=3.12\n")
        assert archive.read("project/requirements.txt") == b"numpy\n"
        assert set(archive.namelist()) >= {"containers/a.py", DOCKERFILE, "project/python_env.yaml"}
    assert build_context(dict(reversed(ENVIRONMENT.items())), PLATFORM) == context


def test_the_python_version_is_read_from_either_kind_of_environment() -> None:
    """None leaves it to the platform."""
    assert python_version({"python_env.yaml": b"python: 3.11.7\n"}) == "3.11.7"
    assert python_version({"python_env.yaml": b"python: '3.12' # as at home\r\n"}) == "3.12"
    assert python_version({"conda.yaml": b"dependencies:\n  - python=3.12\n  - pip\n"}) == "3.12"
    assert python_version({"python_env.yaml": b"# No `python:` on purpose\ndependencies: []\n"}) is None
