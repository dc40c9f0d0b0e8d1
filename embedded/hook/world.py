"""What MiniStack knows of a request: its service, its resources, its caller."""

from collections.abc import Mapping
from typing import Any, Protocol

from embedded.hook.operations import Catalog
from embedded.hook.request import HttpCall


class World(Protocol):
    """The server's view of a request."""

    def service(self, call: HttpCall) -> str:
        """The server's name of the service that a request is for."""

    def resources(self, service: str, call: HttpCall) -> tuple[str, ...]:
        """The ARNs that a request names."""

    def principal(self, headers: Mapping[str, str], query: Mapping[str, Any]) -> str:
        """The ARN of whom a request's access key belongs to; empty where nobody is known by it."""


class MiniStackWorld:
    """MiniStack's own tables, asked."""

    def service(self, call: HttpCall) -> str:
        """As MiniStack's router finds it."""
        from ministack.core import router

        return str(router.detect_service(call.method, call.path, dict(call.headers), _params(call)))

    def resources(self, service: str, call: HttpCall) -> tuple[str, ...]:
        """As MiniStack would name them to IAM."""
        from ministack.core import iam_actions, responses, router

        region, account = router.extract_region(dict(call.headers), call.query), responses.get_account_id()
        request = (call.method, call.path, dict(call.headers), call.body, _params(call))
        with responses.request_scope(account, region):
            try:
                found = iam_actions.extract_resource_arn(service, *request, region, account)
            except (
                Exception
            ):  # What a broken request names is anybody's guess; the call is on record without.
                return ()
        return (str(found),) if found and found != "*" else ()

    def principal(self, headers: Mapping[str, str], query: Mapping[str, Any]) -> str:
        """By the access key, as MiniStack's IAM knows it."""
        from ministack.core import iam_evaluator, responses, router

        key = router.extract_access_key_id(dict(headers), dict(query))
        if not key:
            return ""
        return str(
            getattr(iam_evaluator.resolve_credential(key, responses.get_account_id()), "principal_arn", "")
        )


def _params(call: HttpCall) -> dict[str, Any]:
    return {key: [value] for key, value in call.form.items()} | dict(call.query)


def catalog() -> Catalog:
    """MiniStack's names of services, and the models that it and our services use."""
    from ministack.core import iam_actions

    models = {name: tuple(each) for name, each in iam_actions._BOTOCORE_SERVICE_MAP.items() if each}
    return Catalog(prefixes=dict(iam_actions.SERVICE_TO_IAM_NAMESPACE), models=models)
