"""The operations on MLflow apps. There is one tracking server beside the cloud, and so one app."""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import urllib3
from botocore.exceptions import ClientError

from embedded.cloud import AccessDenied, Cloud
from embedded.sagemaker import listing
from embedded.sagemaker.mlflow_app.records import AppRecord, describe, remembered, summary
from embedded.sagemaker.model_data import split
from embedded.sagemaker.naming import MLFLOW
from embedded.sagemaker.records import Table
from embedded.sagemaker.refusals import invalid, refuse_others
from embedded.sagemaker.roles import PRINCIPAL, check_passed, check_trust, require
from embedded.sagemaker.tags import read_tags
from embedded.wire import ApiError, Caller, Operation

logger = logging.getLogger(__name__)

_KNOWN = (
    "Name",
    "ArtifactStoreUri",
    "RoleArn",
    "ModelRegistrationMode",
    "AccountDefaultStatus",
    "WeeklyMaintenanceWindowStart",
    "Tags",
)
_UPDATED = ("Arn", *(name for name in _KNOWN if name not in ("RoleArn", "Tags")))
_POLL_SECONDS, _READY_SECONDS = 0.5, 120.0
_FILTERS = {
    "CreatedAfter": "CreationTimeAfter",
    "CreatedBefore": "CreationTimeBefore",
    "Status": "StatusEquals",
}
_PASSED_ON = ("SortBy", "SortOrder", "MaxResults", "NextToken")


class MlflowApps:
    """Keeps the one app."""

    def __init__(self, cloud: Cloud, table: Table[AppRecord], address: Callable[[], str]) -> None:
        """`address` tells where the tracking server answers."""
        self._cloud = cloud
        self._table = table
        self._address = address

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            "CreateMlflowApp": self._create,
            "DescribeMlflowApp": lambda params, _caller: describe(self.get(params["Arn"])),
            "ListMlflowApps": self._list,
            "UpdateMlflowApp": lambda params, _caller: {"Arn": self.update(params).arn},
            "DeleteMlflowApp": lambda params, _caller: {"Arn": self.delete(params["Arn"]).arn},
            "CreatePresignedMlflowAppUrl": self._presign,
        }

    def get(self, arn: str) -> AppRecord:
        """The app of an ARN."""
        record = self._table.get(arn.rpartition("/")[2])
        if record is None or record.arn != arn:
            raise ApiError("ResourceNotFound", f'Could not find MLflow app "{arn}".')
        return record

    def make(self, params: Mapping[str, Any], creator: str) -> AppRecord:
        """A new app, which is there once the tracking server answers and its role reaches its store."""
        _check(params, "CreateMlflowApp", _KNOWN)
        check_trust(params["RoleArn"])
        if self._table.all():
            raise ApiError(
                "ResourceLimitExceeded",
                "The embedded SageMaker runs one MLflow tracking server, and so has one MLflow app.",
            )
        identity, now = f"app-{secrets.token_hex(6).upper()}", time.time()
        region, account = self._cloud.region, self._cloud.account_id
        record = AppRecord(
            name=identity,
            arn=f"arn:aws:sagemaker:{region}:{account}:{MLFLOW}/{identity}",
            created=now,
            modified=now,
            tags=read_tags(params.get("Tags", [])),
            title=params["Name"],
            request=remembered(params),
            created_by=creator,
        )
        self._table.add(record)
        threading.Thread(target=self._settle, args=(record, "Create"), daemon=True).start()
        return record

    def update(self, params: Mapping[str, Any]) -> AppRecord:
        """Change an app."""
        _check(params, "UpdateMlflowApp", _UPDATED)
        record = self.get(params["Arn"])
        if record.status.endswith("ing"):
            raise ApiError("ConflictException", f'The MLflow app "{record.arn}" is {record.status.lower()}.')
        changed = self._table.change(
            record.name,
            title=params.get("Name", record.title),
            request={**record.request, **remembered(params)},
            status="Updating",
            modified=time.time(),
        )
        threading.Thread(target=self._settle, args=(changed, "Update"), daemon=True).start()
        return record

    def delete(self, arn: str) -> AppRecord:
        """Forget an app. What the tracking server holds stays."""
        record = self.get(arn)
        self._table.remove(record.name)
        return record

    def resume(self) -> None:
        """Go on with what an earlier server had begun."""
        for record in self._table.all():
            if record.status in ("Creating", "Updating"):
                verb = record.status.removesuffix("ing") + "e"
                threading.Thread(target=self._settle, args=(record, verb), daemon=True).start()

    def _create(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        check_passed(self._cloud, caller, params["RoleArn"])
        if params.get("Tags"):
            arn = f"arn:aws:sagemaker:{self._cloud.region}:{self._cloud.account_id}:{MLFLOW}/*"
            require(self._cloud, caller, "sagemaker:AddTags", arn)
        return {"Arn": self.make(params, caller.arn).arn}

    def _list(self, params: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        refuse_others("ListMlflowApps", params, (*_FILTERS, *_PASSED_ON))
        asked = {_FILTERS.get(key, key): value for key, value in params.items()}
        records, token = listing.select(self._table.all(), asked)
        return {"Summaries": [summary(each) for each in records], "NextToken": token}

    def _presign(self, params: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        """The tracking server's own address: it asks nobody who they are."""
        self.get(params["Arn"])
        return {"AuthorizedUrl": self._address()}

    def _settle(self, record: AppRecord, verb: str) -> None:
        reason = self._problem(record)
        if reason:
            logger.warning("MLflow app %s: %s", record.title, reason)
        status = f"{verb}Failed" if reason else f"{verb}d"
        self._table.change(record.name, status=status, reason=reason, modified=time.time())

    def _problem(self, record: AppRecord) -> str | None:
        """Why the app cannot be: its role does not reach its store, or the tracking server is silent."""
        bucket, prefix = split(record.request["ArtifactStoreUri"])
        folder = f"{prefix.rstrip('/')}/" if prefix else ""
        try:
            s3 = self._cloud.client(
                "s3", role_arn=record.request["RoleArn"], session_name="SageMaker", on_behalf_of=PRINCIPAL
            )
            s3.list_objects_v2(Bucket=bucket, Prefix=folder, MaxKeys=1)
        except (ClientError, AccessDenied) as error:
            return f"the role does not reach the artifact store: {error}"
        return None if self._answers() else "the tracking server does not answer"

    def _answers(self) -> bool:
        deadline, never = time.monotonic() + _READY_SECONDS, threading.Event()
        while time.monotonic() < deadline:
            try:
                if (
                    urllib3.request("GET", f"{self._address()}/health", timeout=2, retries=False).status
                    == 200
                ):
                    return True
            except urllib3.exceptions.HTTPError:
                logger.debug("the tracking server does not answer yet")
            never.wait(_POLL_SECONDS)
        return False


def _check(params: Mapping[str, Any], operation: str, known: tuple[str, ...]) -> None:
    refuse_others(operation, params, known)
    if params.get("ModelRegistrationMode") == "AutoModelRegistrationEnabled":
        raise invalid(
            f"{operation}: ModelRegistrationMode AutoModelRegistrationEnabled not implemented by the "
            f"embedded SageMaker; AutoModelRegistrationDisabled is"
        )
