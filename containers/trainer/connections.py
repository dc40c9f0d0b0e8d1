"""The outside systems that a job talks to, under the job's own role."""

import boto3
from botocore.config import Config

from sluiceway.gateways.mlflow_rest import MlflowRest
from sluiceway.gateways.objects import Objects, S3Objects
from sluiceway.gateways.registry import MlflowRegistry, Registry

THREADS = 16
"""Transfers at once: S3 gives each connection some 90 MB/s, and small objects wait for their round trips."""

_CONFIG = Config(
    max_pool_connections=2 * THREADS,
    retries={"mode": "standard", "max_attempts": 8},
    user_agent_extra="sluiceway",
)


def connect_s3() -> Objects:
    """S3 with as many connections as there are transfers at once."""
    return S3Objects(boto3.client("s3", config=_CONFIG))


def connect_registry(tracking_uri: str) -> Registry:
    """MLflow's REST API: the trainer never imports mlflow (1.2 s)."""
    return MlflowRegistry(MlflowRest(tracking_uri))
