"""Layers work by themselves: nothing of the machine that built them may be missing or needed."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from cdk_app.bundling.layer import build_layer
from cdk_app.bundling.recipe import Recipe
from cdk_app.bundling.target import Target
from cdk_app.bundling.trim import UselessCutError, trim

HERE = Target(python_version=f"3.{sys.version_info.minor}", architecture="x86_64", wheels="host")

WRITE_AND_READ = """
import io, pyarrow, pyarrow.parquet as parquet
table = pyarrow.table({"name": ["a", "b"], "value": [1.5, None]})
file = io.BytesIO()
parquet.write_table(table, file, compression="zstd")
assert parquet.read_table(io.BytesIO(file.getvalue())).equals(table)
assert parquet.ParquetFile(io.BytesIO(file.getvalue())).metadata.num_rows == 2
"""
SIGN = """
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
signature = key.sign(b"said", padding.PKCS1v15(), hashes.SHA256())
key.public_key().verify(signature, b"said", padding.PKCS1v15(), hashes.SHA256())
"""
IMPORT_ALL = """
import aws_lambda_powertools, aws_lambda_powertools.utilities.batch, aws_lambda_powertools.utilities.parser
import boto3, orjson, pydantic, urllib3, yaml
for service in ("dynamodb", "s3", "sagemaker-runtime"):
    boto3.client(service, region_name="us-east-1")
"""


@pytest.mark.parametrize(
    ("layer", "program"), [("arrow", WRITE_AND_READ), ("signing", SIGN), ("runtime", IMPORT_ALL)]
)
def test_a_trimmed_layer_still_does_its_work(tmp_path: Path, layer: str, program: str) -> None:
    """Run by an interpreter that sees the layer and nothing else."""
    with zipfile.ZipFile(build_layer(layer, HERE).path) as archive:
        archive.extractall(tmp_path)
    alone = f"import sys; sys.path.insert(0, {str(tmp_path / 'python')!r})\n{program}"
    command = [sys.executable, "-I", "-S", "-c", alone]
    assert subprocess.run(command, capture_output=True, text=True, check=False).stderr == ""


def test_byte_code_is_used_without_a_look_at_its_source() -> None:
    """An unchecked-hash .pyc (PEP 552, flags 1): a timestamp would not survive the zip."""
    with zipfile.ZipFile(build_layer("runtime", HERE).path) as archive:
        compiled = [name for name in archive.namelist() if name.endswith(".pyc")]
        assert len(compiled) > 500
        assert archive.read(compiled[0])[4:8] == b"\x01\x00\x00\x00"


def test_a_layer_for_lambda_holds_wheels_for_lambda() -> None:
    """The machine that builds it does not matter."""
    target = Target(python_version="3.13", architecture="arm64", wheels="lambda")
    with zipfile.ZipFile(build_layer("runtime", target).path) as archive:
        extensions = [name for name in archive.namelist() if ".cpython-" in name and name.endswith(".so")]
    assert extensions
    assert all("313-aarch64-linux-gnu" in name for name in extensions)


def test_a_cut_that_cuts_nothing_is_refused(tmp_path: Path) -> None:
    """A package that changed makes its recipe be read again."""
    recipe = Recipe.model_validate(
        {
            "requirements": "requirements/runtime.txt",
            "largest_mib": 1,
            "cut": [{"paths": ["gone/*"], "why": "it was large"}],
        }
    )
    with pytest.raises(UselessCutError, match=r"gone/\*"):
        trim(tmp_path, recipe)
