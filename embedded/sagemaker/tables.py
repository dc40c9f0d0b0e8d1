"""The tables of a state folder."""

from pathlib import Path

from embedded.sagemaker.mlflow_app.records import AppRecord
from embedded.sagemaker.records import ConfigRecord, EndpointRecord, ModelRecord, Table
from embedded.sagemaker.transform.jobs import JobRecord


class Tables:
    """One table for each kind of resource."""

    def __init__(self, folder: Path) -> None:
        self.models = Table(folder / "models", ModelRecord)
        self.configs = Table(folder / "endpoint-configs", ConfigRecord)
        self.endpoints = Table(folder / "endpoints", EndpointRecord)
        self.transforms = Table(folder / "transform-jobs", JobRecord)
        self.apps = Table(folder / "mlflow-apps", AppRecord)
