"""`aws` as builds call it: any operation of botocore's models as `aws SERVICE OPERATION --option value …`.

Options are read by the operation's model: scalars, lists of words, `key=value,…` and JSON. Beside the models
there is `aws ecr get-login-password`. High-level commands, such as `aws s3 cp`, are refused.
"""

import base64
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import boto3
import jmespath  # type: ignore[import-untyped]
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

_GLOBAL = ("region", "output", "query", "profile")


class RefusedError(Exception):
    """A call of `aws` that cannot be done; the message says why."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 252 for one that is not understood, 254 for one that the service refused."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        sys.stdout.write(_answer(words))
    except RefusedError as error:
        sys.stderr.write(f"aws: {error}\n")
        return 252
    except (ClientError, BotoCoreError) as error:
        sys.stderr.write(f"\n{error}\n")
        return 254
    return 0


def _answer(words: list[str]) -> str:
    service, operation = _command(words)
    options = dict(_options(words))
    client = _client(service, options)
    if (service, operation) == ("ecr", "get-login-password"):
        return _login_password(client) + "\n"
    params = _params(client, operation, options)
    answer = getattr(client, operation.replace("-", "_"))(**params)
    answer.pop("ResponseMetadata", None)
    return _shown(answer, _single(options, "query"), _single(options, "output") or "json")


def _command(words: list[str]) -> tuple[str, str]:
    if len(words) < 2 or words[0].startswith("-"):
        raise RefusedError("write `aws SERVICE OPERATION --option value …`")
    return words.pop(0), words.pop(0)


def _options(words: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    name, values = "", list[str]()
    for word in words:
        if word.startswith("--"):
            if name:
                yield name, values
            name, sign, value = word[2:].partition("=")
            values = [value] if sign else []
        else:
            values.append(word)
    if name:
        yield name, values


def _client(service: str, options: dict[str, list[str]]) -> Any:
    session: Any = boto3.Session(region_name=_single(options, "region"))
    if service not in session.get_available_services():
        raise RefusedError(f"{service} is not a service")
    return session.client(service)


def _login_password(client: Any) -> str:
    token = client.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    return base64.b64decode(token).decode().partition(":")[2]


def _params(client: Any, operation: str, options: dict[str, list[str]]) -> dict[str, Any]:
    name = client.meta.method_to_api_mapping.get(operation.replace("-", "_"))
    if name is None:
        raise RefusedError(f"{client.meta.service_model.service_name} {operation} is not an operation")
    shape = client.meta.service_model.operation_model(name).input_shape
    members = {xform_name(key, "-"): (key, member) for key, member in shape.members.items()} if shape else {}
    unknown = [f"--{key}" for key in options if key not in members and key not in _GLOBAL]
    if unknown:
        raise RefusedError(f"{operation}: {', '.join(unknown)} not known; known are --{', --'.join(members)}")
    given = {key: values for key, values in options.items() if key in members}
    return {members[key][0]: _value(members[key][1], values) for key, values in given.items()}


def _value(shape: Any, words: list[str]) -> Any:
    text = " ".join(words)
    if shape.type_name in ("structure", "map", "list") and text[:1] in ("{", "["):
        return json.loads(text)
    if shape.type_name == "list":
        return [_value(shape.member, [word]) for word in words]
    if shape.type_name == "structure":
        pairs = (pair.partition("=") for pair in text.split(","))
        return {key: value for key, _, value in pairs}
    return _SCALARS.get(shape.type_name, str)(text)


_SCALARS: dict[str, Any] = {
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
    "boolean": lambda text: text != "false",
}


def _single(options: dict[str, list[str]], name: str) -> str | None:
    return " ".join(options[name]) if name in options else None


def _shown(answer: Any, query: str | None, output: str) -> str:
    found = jmespath.search(query, answer) if query else answer
    if output not in ("json", "text"):
        raise RefusedError(f"--output {output} is not known; known are json and text")
    if output == "json":
        return json.dumps(found, indent=4, default=_json_value) + "\n"
    return _text(found) + "\n"


def _text(found: Any) -> str:
    if isinstance(found, dict):
        return "\t".join(_text(value) for value in found.values())
    if isinstance(found, list):
        return "\t".join(_text(value) for value in found)
    return str(found)  # As the AWS CLI does, nothing found is `None`.


def _json_value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value)


if __name__ == "__main__":
    sys.exit(main())
