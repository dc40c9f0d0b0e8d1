"""The files of a distributed Map: its items from S3, and its results into S3.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html and
https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
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
    bucket = {name: value for name, value in writer["Arguments"].items() if name != "Prefix"}
    for key, text in writer["Files"].items():
        _call(attempt, "PutObject", {**bucket, "Key": key, "Body": text.encode()})


def _objects(attempt: Attempt, arguments: Mapping[str, Any], config: Mapping[str, Any]) -> list[Any]:
    """Each object's description, as ListObjectsV2 gives it; or the items in all of them."""
    found = (one for page in _pages(attempt, arguments) for one in page)
    if config.get("Transformation") == "LOAD_AND_FLATTEN":
        # An object that stands for a folder holds nothing.
        keys = (one["Key"] for one in found if not one["Key"].endswith("/"))
        files = ({**_owner(arguments), "Bucket": arguments["Bucket"], "Key": key} for key in keys)
        return _items_in(attempt, files, config)
    return list(islice(found, config.get("MaxItems") or MOST_ITEMS))


def _items_in(attempt: Attempt, files: Iterable[Mapping[str, Any]], config: Mapping[str, Any]) -> list[Any]:
    """The items of several files, in order; files beyond `MaxItems` are not read."""
    found = (item for file in files for item in parse_items(_content(attempt, file), config))
    return list(islice(found, config.get("MaxItems") or MOST_ITEMS))


def _owner(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What is asked of the bucket that is read first is asked for its other files, too."""
    return {name: arguments[name] for name in ("ExpectedBucketOwner",) if name in arguments}


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
    if config.get("ManifestType") == "ATHENA_DATA":
        return _items_in(attempt, _athena_files(content), config)
    if "ManifestType" in config or config.get("InputType") == "MANIFEST":
        return _inventory(attempt, content, config)
    return parse_items(content, config)


def _athena_files(content: bytes) -> Iterator[dict[str, Any]]:
    """The files that a query of Athena wrote: a line with its URI for each.

    https://docs.aws.amazon.com/athena/latest/ug/querying-finding-output-files.html
    """
    for line in content.decode().splitlines():
        bucket, _, key = line.strip().strip('"').removeprefix("s3://").partition("/")
        if key:
            yield {"Bucket": bucket, "Key": key}


def _inventory(attempt: Attempt, content: bytes, config: Mapping[str, Any]) -> list[Any]:
    """The rows of an S3 inventory: CSV files without headers, which its manifest gives."""
    try:
        manifest = json.loads(content)
        headers = [name.strip() for name in str(manifest["fileSchema"]).split(",")]
        bucket = str(manifest["destinationBucket"]).rpartition(":")[2]
        files = [{"Bucket": bucket, "Key": file["key"]} for file in manifest["files"]]
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableItems(f"the file is no manifest of an S3 inventory: {error!r}") from error
    rows = {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": headers}
    return _items_in(attempt, files, {**config, **rows})


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
