"""Requests to an MLflow server's REST API: any server by URL, or Amazon's managed MLflow by ARN (signed).

Importing mlflow costs a function more than half a second; a pooled HTTPS call costs nothing (GOALS.md).
Host, header and signing name of managed MLflow are those of Amazon's own `sagemaker-mlflow` plugin.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

import botocore.session
import orjson
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from sluiceway.errors import NotFound, PermanentError, ServiceUnavailable

API = "/api/2.0/mlflow/"
TIMEOUT = urllib3.Timeout(connect=3, read=25)
RETRIED_STATUS = (408, 429, 500, 502, 503, 504)
"""As MLflow's own client has it (`mlflow.utils.request_utils`): a job has nobody else who would ask again."""
PATIENT = urllib3.Retry(total=4, backoff_factor=0.3, status_forcelist=RETRIED_STATUS, allowed_methods=None)
"""For requests that may be made twice."""
CAREFUL = PATIENT.new(read=0, status_forcelist=(429,))
"""For requests that create something at each call: again only where the server has surely not acted."""

MISSING_ALIAS = re.compile(r"model alias .* not found")
"""MLflow calls a missing alias an invalid parameter."""

Headers = Mapping[str, str]
Sign = Callable[[str, str, bytes], Headers]
"""Method, URL and body → headers to send."""


class AlreadyExists(PermanentError):
    """MLflow has an experiment, model or alias of that name."""


class RegistryRefused(PermanentError):
    """MLflow refused a request; its words say why."""


@dataclass(frozen=True)
class ManagedMlflow:
    """How a kind of managed MLflow is reached."""

    host: str
    header: str
    signing_name: str


MANAGED = {
    "mlflow-tracking-server": ManagedMlflow(
        "{region}.experiments.sagemaker.aws", "x-mlflow-sm-tracking-server-arn", "sagemaker-mlflow"
    ),
    "mlflow-app": ManagedMlflow("mlflow.sagemaker.{region}.app.aws", "x-sm-mlflow-app-arn", "sagemaker"),
}
"""By the resource type in the ARN."""


@cache
def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(maxsize=8, timeout=TIMEOUT)


class MlflowRest:
    """One MLflow server. Answers are parsed JSON; failures are this package's errors."""

    def __init__(self, tracking_uri: str) -> None:
        """Take `http(s)://…`, or the ARN of a managed tracking server or app."""
        self._base, self._sign = _reach(tracking_uri)

    def get(self, path: str, **query: str) -> dict[str, Any]:
        """GET below `/api/2.0/mlflow/`."""
        asked = f"{path}?{urlencode(query, quote_via=quote)}" if query else path
        return self._request("GET", asked, None, PATIENT)

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """POST something that may be done twice."""
        return self._request("POST", path, body, PATIENT)

    def create(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """POST something that is done anew at each call. Look for it before: an answer may have been lost."""
        return self._request("POST", path, body, CAREFUL)

    def _request(
        self, method: str, path: str, body: Mapping[str, Any] | None, retries: urllib3.Retry
    ) -> dict[str, Any]:
        data = b"" if body is None else orjson.dumps(body)
        url = f"{self._base}{API}{path}"
        try:
            answer = _pool().request(
                method, url, body=data or None, headers=self._sign(method, url, data), retries=retries
            )
        except urllib3.exceptions.HTTPError as error:
            raise ServiceUnavailable(f"MLflow did not answer {method} {url}: {error}") from error
        if answer.status >= 400:
            raise _refusal(answer.status, answer.data, f"{method} {url}")
        return dict(_parsed(answer.data))


def _reach(tracking_uri: str) -> tuple[str, Sign]:
    if not tracking_uri.startswith("arn:"):
        return tracking_uri.rstrip("/"), _unsigned
    _, _, service, region, _, resource = tracking_uri.split(":", 5)
    kind = MANAGED.get(resource.partition("/")[0])
    if service != "sagemaker" or kind is None:
        raise PermanentError(
            f"{tracking_uri!r} is neither an http(s) URL nor the ARN of one of {', '.join(MANAGED)}: "
            "set the stage's tracking URI"
        )
    return f"https://{kind.host.format(region=region)}", _signer(kind, region, tracking_uri)


def _unsigned(method: str, url: str, data: bytes) -> Headers:  # noqa: ARG001
    return {"Content-Type": "application/json"}


def _signer(kind: ManagedMlflow, region: str, arn: str) -> Sign:
    session = botocore.session.get_session()

    def sign(method: str, url: str, data: bytes) -> Headers:
        """Sign with the credentials of now: they are renewed while a function lives."""
        credentials = session.get_credentials()
        if credentials is None:
            raise PermanentError(f"no AWS credentials to sign requests to {arn}: give the caller a role")
        headers = {"Content-Type": "application/json", kind.header: arn}
        headers["X-Amz-Content-SHA256"] = hashlib.sha256(data).hexdigest()
        request = AWSRequest(method=method, url=url, data=data, headers=headers)
        SigV4Auth(credentials, kind.signing_name, region).add_auth(request)
        return dict(request.headers.items())

    return sign


def _parsed(data: bytes) -> Mapping[str, Any]:
    try:
        parsed = orjson.loads(data or b"{}")
    except orjson.JSONDecodeError:
        parsed = None
    return parsed if isinstance(parsed, dict) else {"message": data[:300].decode(errors="replace")}


def _refusal(status: int, data: bytes, request: str) -> Exception:
    """The error that a refused request becomes, by MLflow's code and the HTTP status."""
    answer = _parsed(data)
    code, text = str(answer.get("error_code", "")), f"MLflow answered {request} with {status}: "
    text += str(answer.get("message", ""))
    if code == "RESOURCE_DOES_NOT_EXIST" or MISSING_ALIAS.search(text):
        return NotFound(text)
    if code == "RESOURCE_ALREADY_EXISTS":
        return AlreadyExists(text)
    return ServiceUnavailable(text) if status >= 500 or status == 429 else RegistryRefused(text)
