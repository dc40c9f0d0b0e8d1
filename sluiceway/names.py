"""Every name and every S3 key is checked and built here, and nowhere else.

Layout of the two buckets (URIs, not contents, travel in events and in state):

    uploads/    code/<project>/<anything>.zip               what people push; never trusted
                data/<dataset>/<anything>
    artifacts/  code/<project>/<code version>.zip           verified, canonical archives
                datasets/<dataset>/<version>.json           manifests: (key, S3 version id, size, checksum)
                queries/<query id>.csv                      what Athena answered, for a week
                images/<tag>/context.zip                    build contexts
                runs/<run>/plan.json                        what a run was planned with
                runs/<run>/<step>/result.json               written once, last
                runs/<run>/<step>/output/<path>             a step's outputs
                runs/<run>/<step>/failures/<attempt>.json   why an attempt ended badly
                mlflow/<project>/...                        MLflow's artifacts
                metrics/...                                 exported CloudWatch metrics
"""

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from sluiceway.errors import PermanentError

NAME_PATTERN = r"^[a-z][a-z0-9-]{1,38}$"
NAME_RULE = "use 2 to 39 lower case letters, digits and hyphens, starting with a letter"
VERSION_PATTERN = r"^[0-9a-f]{64}$"

Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
"""A project, dataset or step name: 2 to 39 characters, lower case letters, digits and hyphens."""

Version = Annotated[str, StringConstraints(pattern=VERSION_PATTERN)]
"""A sha256 as 64 lower case hexadecimal digits: a code version or a dataset version."""


class InvalidName(PermanentError):
    """A name that does not match the pattern of names."""


def check_name(value: str, *, what: str = "name") -> str:
    """Return `value` when it is a valid name; raise `InvalidName` that says what is allowed otherwise."""
    if not re.fullmatch(NAME_PATTERN[1:-1], value):
        raise InvalidName(f"{what} {value!r} is not valid: {NAME_RULE} (for example 'flight-delay')")
    return value


def check_relative_path(value: str) -> str:
    """Return `value` when it is a plain relative POSIX path that stays inside its folder."""
    parts = value.split("/")
    if not value or "\\" in value or "\x00" in value or any(part in ("", ".", "..") for part in parts):
        raise ValueError(f"{value!r} is not a relative path inside the folder (no '..', no leading '/')")
    return value


RelativePath = Annotated[str, AfterValidator(check_relative_path)]
"""A POSIX path relative to some folder, which cannot leave it."""


def code_archive_key(project: str, code_version: str) -> str:
    """Key of the canonical archive of a code version in the artifacts bucket."""
    return f"code/{check_name(project)}/{code_version}.zip"


def manifest_key(dataset: str, version: str) -> str:
    """Key of the manifest of a dataset version in the artifacts bucket."""
    return f"datasets/{check_name(dataset)}/{version}.json"


def query_result_key(dataset: str) -> str:
    """Key in the uploads bucket of the one object of a dataset that is the result of a query."""
    return f"data/{check_name(dataset)}/result.parquet"


def build_context_key(tag: str) -> str:
    """Key of the build context of an image in the artifacts bucket."""
    return f"images/{tag}/context.zip"


def run_key(run_id: str, *parts: str) -> str:
    """Key of something that belongs to a run, e.g. `run_key(run_id, "plan.json")`."""
    return "/".join(("runs", run_id, *(check_relative_path(part) for part in parts)))


def s3_uri(bucket: str, key: str) -> str:
    """`s3://bucket/key`."""
    return f"s3://{bucket}/{key}"


def split_s3_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of an `s3://` URI."""
    scheme, _, rest = uri.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme != "s3" or not bucket or not key:
        raise ValueError(f"{uri!r} is not of the form s3://bucket/key")
    return bucket, key
