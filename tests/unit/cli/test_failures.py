"""Expected failures end in a message that says what to do."""

import errno
import subprocess
import sys

import pytest
from botocore.exceptions import ClientError, NoCredentialsError, NoRegionError

from sluiceway.cli.failures import explain
from sluiceway.errors import NotFound


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (NoCredentialsError(), "AWS_PROFILE"),
        (NoRegionError(), "AWS_REGION"),
        (NotFound("there is no run 'x'"), "there is no run 'x'"),
        (
            ClientError({"Error": {"Code": "ExpiredToken"}}, "GetParameter"),
            "does not accept these credentials",
        ),
        (ClientError({"Error": {"Code": "AccessDenied"}}, "GetParameter"), "operator role"),
        (NotADirectoryError(errno.ENOTDIR, "Not a directory", "notes.txt"), "Not a directory: notes.txt"),
        (OSError(errno.ENOSPC, "No space left on device"), "make room"),
    ],
)
def test_what_goes_wrong_outside_is_told_with_what_to_do(error, message):
    """One line for each kind of failure."""
    assert message in explain(error)


def test_a_mistake_of_ours_is_not_hidden():
    """Surprises keep their traceback."""
    assert explain(KeyError("x")) is None
    assert explain(OSError(errno.EBADF, "Bad file descriptor")) is None


def test_starting_the_command_imports_nothing_slow():
    """Help is there at once: AWS's and Arrow's libraries are imported by the commands that need them."""
    slow = "{'boto3', 'botocore', 'pyarrow', 'mlflow', 'aws_cdk'}"
    code = f"import sys, sluiceway.cli.main; print(sorted({slow} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
