"""The build context of an environment image, as one deterministic zip.

    Dockerfile                  containers/environment/Dockerfile, with the project's Python version filled in
    project/…                   the project's environment files, at their paths in the project
    containers/… sluiceway/…    the platform's code
    requirements/container.txt  its locked requirements

The project's code is not in it: jobs fetch it by its version, so a code-only push builds nothing.
"""

import io
import re
import zipfile

from sluiceway.images.image_tag import Files
from sluiceway.images.platform_files import DOCKERFILE

_EPOCH = (1980, 1, 1, 0, 0, 0)
_PYTHON_ARGUMENT = re.compile(rb"^ARG PYTHON_VERSION=.*$", re.MULTILINE)
_PYTHON_WANTED = re.compile(
    rb"^\s*(?:python\s*:|-\s*python\s*=+)\s*[\"']?(3\.\d+(?:\.\d+)?)[\"']?\s*(?:#.*)?$", re.MULTILINE
)
"""`python: "3.11"` in python_env.yaml, `- python=3.11` in conda.yaml."""


def build_context(environment: Files, platform: Files) -> bytes:
    """The zip; equal files give equal bytes."""
    dockerfile = with_python(platform[DOCKERFILE], python_version(environment))
    project = {f"project/{name}": content for name, content in environment.items()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(({"Dockerfile": dockerfile} | project | dict(platform)).items()):
            archive.writestr(_entry(name), content)
    return buffer.getvalue()


def python_version(environment: Files) -> str | None:
    """The Python version that the environment files ask for; None leaves it to the platform."""
    wanted = (_PYTHON_WANTED.search(content) for _, content in sorted(environment.items()))
    return next((match[1].decode() for match in wanted if match), None)


def with_python(dockerfile: bytes, version: str | None) -> bytes:
    """The Dockerfile whose default of `PYTHON_VERSION` is this version."""
    if version is None:
        return dockerfile
    return _PYTHON_ARGUMENT.sub(f"ARG PYTHON_VERSION={version}".encode(), dockerfile, count=1)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.external_attr = 0o644 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
