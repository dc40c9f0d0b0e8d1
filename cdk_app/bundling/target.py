"""For which machine a layer is built."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import uv

Architecture = Literal["arm64", "x86_64"]
Wheels = Literal["lambda", "host"]

_WHEEL_ARCHITECTURE: dict[str, str] = {"arm64": "aarch64", "x86_64": "x86_64"}


@dataclass(frozen=True, kw_only=True)
class Target:
    """The Python and the platform that a layer's wheels must fit."""

    python_version: str
    architecture: Architecture
    wheels: Wheels
    """`lambda`: Amazon Linux 2023, whose glibc 2.34 takes manylinux_2_28; `host`: this very machine."""

    def uv_arguments(self) -> list[str]:
        """What `uv pip install` must be told so that it takes the target's wheels."""
        version = ["--python-version", self.python_version]
        if self.wheels == "host":
            return version
        return [*version, "--python-platform", f"{_WHEEL_ARCHITECTURE[self.architecture]}-manylinux_2_28"]

    def interpreter(self) -> Path | None:
        """An interpreter here whose byte code the target reads (same minor version), if there is one."""
        # pyenv's shims refuse to run a version that is not selected; elsewhere the variable means nothing.
        environment = os.environ | {"PYENV_VERSION": self.python_version}
        command = [
            uv.find_uv_bin(), "python", "find", "--no-config", "--no-python-downloads", "--no-project",
            self.python_version,
        ]  # fmt: skip
        found = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        return Path(found.stdout.strip()) if found.returncode == 0 else None
