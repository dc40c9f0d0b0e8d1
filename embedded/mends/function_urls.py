"""A function's URL answers whom the function's policy lets in, and asks for both of its actions.

MiniStack serves a URL with `AuthType` NONE to everybody, and asks who signs for one action of the two.
AWS asks everybody for `lambda:InvokeFunctionUrl` and, since October 2025, for `lambda:InvokeFunction`:
https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
"""

import json
from collections.abc import Mapping
from typing import Any

from embedded.environment import REGION

_URL, _FUNCTION = "lambda:InvokeFunctionUrl", "lambda:InvokeFunction"
_FORBIDDEN = {
    "Message": "Forbidden. For troubleshooting Function URL authorization issues, see: "
    "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
}


def install() -> None:
    """Ask before a function is called through its URL."""
    from ministack.services import lambda_svc

    serve = lambda_svc.handle_function_url_request

    async def served(
        url_id: str, method: str, path: str, headers: Any, body: bytes, query: Any, **named: Any
    ) -> Any:
        found = named.get("resolved") or lambda_svc.resolve_function_url(url_id)
        if found and not _is_preflight(method, found) and not _let_in(found, headers, query):
            return 403, _headers(), json.dumps(_FORBIDDEN).encode()
        return await serve(url_id, method, path, headers, body, query, **named)

    lambda_svc.handle_function_url_request = served


def _is_preflight(method: str, found: Any) -> bool:
    return method == "OPTIONS" and bool(found[-1].get("Cors"))


def _headers() -> dict[str, str]:
    from ministack.core.responses import new_uuid

    return {
        "Content-Type": "application/json",
        "x-amzn-RequestId": new_uuid(),
        "x-amzn-ErrorType": "AccessDeniedException",
    }


def _let_in(found: Any, headers: Any, query: Any) -> bool:
    account, region, name, qualifier, settings = found
    arn = f"arn:aws:lambda:{region}:{account}:function:{name}" + (f":{qualifier}" if qualifier else "")
    if settings.get("AuthType") == "NONE":
        return open_to_all(_policy(arn), arn)
    return _signer_may_invoke(arn, headers, query)


def open_to_all(policy: Mapping[str, Any] | str, arn: str) -> bool:
    """Whether a function's policy lets anybody call it through a URL that asks for no signature."""
    return all(_anybody_may(policy, arn, action, keys) for action, keys in _OPEN.items())


_OPEN: Mapping[str, Mapping[str, str]] = {
    _URL: {"lambda:functionurlauthtype": "NONE"},
    _FUNCTION: {"lambda:invokedviafunctionurl": "true", "lambda:functionurlauthtype": "NONE"},
}


def _anybody_may(policy: Any, arn: str, action: str, keys: Mapping[str, str]) -> bool:
    from ministack.core import iam_evaluator

    context = iam_evaluator.EvalContext(
        principal_arn="*",
        principal_type="Anonymous",
        principal_account="",
        action=action,
        resource_arn=arn,
        region=REGION,
        secure_transport=True,
        service_context=dict(keys),
    )
    return bool(iam_evaluator.evaluate_resource_policy(policy, context).decision == "Allow")


def _policy(arn: str) -> Any:
    from ministack.services import lambda_svc

    return (lambda_svc.function_policy_for_arn(arn) or ({}, ""))[0]


def _signer_may_invoke(arn: str, headers: Any, query: Any) -> bool:
    """MiniStack has checked the signature, and asked for the other action."""
    from ministack.core import iam_evaluator
    from ministack.core.router import extract_access_key_id

    keys = {"lambda:InvokedViaFunctionUrl": "true", "lambda:FunctionUrlAuthType": "AWS_IAM"}
    access_key = extract_access_key_id(headers, query)
    return not iam_evaluator.enforce(
        access_key, _FUNCTION, "lambda", REGION, resource_arn=arn, service_context=keys
    )
