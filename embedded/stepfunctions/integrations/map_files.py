"""The files of a distributed Map: its items from S3, and its results into S3.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html and
https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from embedded.integrations import TaskFailure
from embedded.shapes import service_model
from embedded.stepfunctions import failures
from embedded.stepfunctions.integrations.calling import Attempt
from embedded.stepfunctions.integrations.failures import SdkNames
from embedded.stepfunctions.integrations.sdk_spelling import write_answer
from embedded.stepfunctions.items import MOST_ITEMS, UnreadableItems, parse_items, unpacked

_NAMES = SdkNames("s3")


def read_items(attempt: Attempt) -> list[Any]:
    """The items that an ItemReader names."""
    reader = attempt.task.arguments
    read = _READERS.get(attempt.task.resource.operation)
    if read is None or attempt.task.resource.service != "s3":
        raise TaskFailure(failures.ITEM_READER, f"{attempt.task.resource.arn} cannot read items")
    try:
        return read(attempt, reader.get("Arguments") or {}, reader.get("ReaderConfig") or {})
    except UnreadableItems as error:
        raise TaskFailure(failures.ITEM_READER, str(error)) from error


def write_results(attempt: Attempt) -> None:
    """Write a Map Run's files; the manifest, which names the others, is the last one."""
    writer = attempt.task.arguments
    for key, text in writer["Files"].items():
        params = {"Bucket": writer["Arguments"]["Bucket"], "Key": key, "Body": text.encode()}
        _call(attempt, "PutObject", params)


def _objects(attempt: Attempt, arguments: Mapping[str, Any], config: Mapping[str, Any]) -> list[Any]:
    """Each object's description, as ListObjectsV2 gives it."""
    most = config.get("MaxItems") or MOST_ITEMS
    items: list[Any] = []
    for page in _pages(attempt, arguments):
        items += page
        if len(items) >= most:
            break
    return items[:most]


def _pages(attempt: Attempt, arguments: Mapping[str, Any]) -> Iterator[list[Any]]:
    shape: Any = service_model("s3").operation_model("ListObjectsV2").output_shape
    params = dict(arguments)
    while True:
        answer = _call(attempt, "ListObjectsV2", params)
        yield write_answer(shape, answer).get("Contents", [])
        if not answer.get("IsTruncated"):
            return
        params["ContinuationToken"] = answer["NextContinuationToken"]


def _file(attempt: Attempt, arguments: Mapping[str, Any], config: Mapping[str, Any]) -> list[Any]:
    """The items in one object; those of the files that a manifest names."""
    content = _content(attempt, arguments)
    items = parse_items(content, config)
    if config.get("InputType") != "MANIFEST":
        return items
    return _inventory(attempt, arguments, items, config)


def _inventory(
    attempt: Attempt, arguments: Mapping[str, Any], files: list[Any], config: Mapping[str, Any]
) -> list[Any]:
    """The rows of an S3 inventory: CSV files without headers, which its manifest gives."""
    manifest = json.loads(_content(attempt, arguments))
    headers = [name.strip() for name in str(manifest["fileSchema"]).split(",")]
    bucket = str(manifest["destinationBucket"]).rpartition(":")[2]
    rows: list[Any] = []
    for file in files:
        part = _content(attempt, {"Bucket": bucket, "Key": file["key"]})
        rows += parse_items(part, {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": headers})
    return rows[: config.get("MaxItems") or MOST_ITEMS]


def _content(attempt: Attempt, arguments: Mapping[str, Any]) -> bytes:
    answer = _call(attempt, "GetObject", arguments)
    return unpacked(answer["Body"].read(), str(arguments.get("Key", "")))


def _call(attempt: Attempt, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return attempt.call("s3", operation, params)
    except Exception as error:
        raise _NAMES(error) from error


_READERS: Mapping[str, Callable[[Attempt, Mapping[str, Any], Mapping[str, Any]], list[Any]]] = {
    "getObject": _file,
    "listObjectsV2": _objects,
}
