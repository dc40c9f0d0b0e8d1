"""Expected failures end in one message that says what to do; only surprises show a traceback.

Exit codes: 0 done, 1 failed (or the run that was watched ended badly), 2 wrong usage, 130 interrupted.
"""

import errno
from typing import Any

import typer
from typer.core import TyperGroup

from sluiceway.cli.plain import plain
from sluiceway.errors import SluicewayError

_CREDENTIALS = "set AWS_PROFILE or AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION"

ADVICE: dict[str, str] = {
    "NoCredentialsError": f"no AWS credentials were found: {_CREDENTIALS}",
    "PartialCredentialsError": f"the AWS credentials are incomplete: {_CREDENTIALS}",
    "ProfileNotFound": "{error}: choose another with AWS_PROFILE",
    "UnauthorizedSSOTokenError": "the SSO session has expired: run `aws sso login`",
    "SSOTokenLoadError": "the SSO session is missing: run `aws sso login`",
    "TokenRetrievalError": "the SSO session has expired: run `aws sso login`",
    "NoRegionError": "no AWS region is set: set AWS_REGION",
    "EndpointConnectionError": "{error}: is the network there, and AWS_ENDPOINT_URL, if set, up?",
    "ConnectTimeoutError": "{error}: is the network there, and AWS_ENDPOINT_URL, if set, up?",
    "SSLError": "{error}: AWS_CA_BUNDLE must name the certificate of what AWS_ENDPOINT_URL names",
}
"""Class name of an error of boto3 → what to say. By name, so that boto3 need not be imported to start."""

DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"})
EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
UNKNOWN_KEYS = frozenset({"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId"})


class SluiceGroup(TyperGroup):
    """The top command: turns expected failures into messages."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; an error that `explain` knows ends in its message and exit code 1."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            message = explain(error)
            if message is None:
                raise
            typer.echo(f"{typer.style('error:', fg='red', bold=True)} {plain(message)}", err=True)
            ctx.exit(1)


def explain(error: Exception) -> str | None:
    """What to tell the user about an expected failure; None for a surprise."""
    if isinstance(error, SluicewayError):
        return str(error)
    if isinstance(error, OSError) and (error.filename is not None or error.errno == errno.ENOSPC):
        return f"{error.strerror}: {error.filename or 'make room, and ask again'}"
    names = [each.__name__ for each in type(error).__mro__]
    advice = next((ADVICE[name] for name in names if name in ADVICE), None)
    if advice is not None:
        return advice.format(error=error)
    return _refusal(error) if "ClientError" in names else None


def _refusal(error: Any) -> str:
    code = error.response.get("Error", {}).get("Code", "")
    if code in EXPIRED or code in UNKNOWN_KEYS:
        return f"AWS does not accept these credentials ({code}): {_CREDENTIALS}"
    if code in DENIED:
        return f"these credentials may not do that; assume the stage's operator role. AWS says: {error}"
    return f"AWS refused: {error}"
