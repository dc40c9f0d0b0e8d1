"""GetMetricData with metric math, search, order and paging.

MiniStack answers expressions with "not implemented", in a success; it orders the wrong way, and has no pages.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from embedded.metrics import requests
from embedded.metrics.requests import MOST_DATAPOINTS, Result
from embedded.metrics.store import Points
from embedded.metrics.values import InvalidMath

_MEMBER = re.compile(r"\.member\.(\d+)")
Answers = Sequence[tuple[Result, bool]]


def install() -> None:
    """Put our operation in the place of MiniStack's."""
    from ministack.services import cloudwatch

    def get_metric_data(params: Any, data: Any, is_cbor: bool, is_json: bool = False) -> Any:
        request = data if is_cbor or is_json else nested(params)
        try:
            found, token = answer(request, cloudwatch._parse_ts)
        except InvalidMath as error:
            return cloudwatch._error("ValidationError", str(error), 400, use_json=is_json, use_cbor=is_cbor)
        return _written(cloudwatch, found, token, is_cbor=is_cbor, is_json=is_json)

    cloudwatch._get_metric_data = get_metric_data


def answer(request: Mapping[str, Any], moment: Any) -> tuple[Answers, str | None]:
    """The results of a request, and the token of the next page; `moment` reads a timestamp."""
    queries = request.get("MetricDataQueries") or []
    start, end = moment(request.get("StartTime")), moment(request.get("EndTime"))
    most = int(request.get("MaxDatapoints") or MOST_DATAPOINTS)
    requests.check(queries, start=start, end=end, most=most)
    is_ascending = request.get("ScanBy", "TimestampDescending") == "TimestampAscending"
    results = requests.evaluate(queries, Points(start, end), ascending=is_ascending)
    return requests.page(results, most=most, token=request.get("NextToken") or None)


def nested(params: Mapping[str, Any]) -> dict[str, Any]:
    """The structure of a form: `A.member.1.B=x` is `{"A": [{"B": "x"}]}`."""
    root: dict[str, Any] = {}
    for key, value in params.items():
        node: Any = root
        *path, last = _MEMBER.sub(r".#\1", key).split(".")
        for step in path:
            node = node.setdefault(step, {})
        node[last] = value[0] if isinstance(value, list) else value
    return {key: _listed(value) for key, value in root.items()}


def _listed(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if node and all(key.startswith("#") for key in node):
        return [_listed(node[key]) for key in sorted(node, key=lambda key: int(key[1:]))]
    return {key: _listed(value) for key, value in node.items()}


def _written(cloudwatch: Any, found: Answers, token: str | None, *, is_cbor: bool, is_json: bool) -> Any:
    results = [
        {
            "Id": result.identity,
            "Label": result.label,
            "Timestamps": [cloudwatch._ts_iso(at) for at, _ in result.points],
            "Values": [value for _, value in result.points],
            "StatusCode": "Complete" if is_complete else "PartialData",
        }
        for result, is_complete in found
    ]
    more = {"NextToken": token} if token else {}
    if is_cbor:
        shown = [cloudwatch._cbor_metric_data_result(result) for result in results]
        return cloudwatch._cbor_ok({"MetricDataResults": shown, "Messages": [], **more})
    if is_json:
        return cloudwatch._json_ok({"MetricDataResults": results, "Messages": [], **more})
    members = "".join(f"<member>{_xml(result)}</member>" for result in results)
    rest = f"<NextToken>{escape(token)}</NextToken>" if token else ""
    body = (
        f"<GetMetricDataResult><MetricDataResults>{members}</MetricDataResults>{rest}</GetMetricDataResult>"
    )
    return cloudwatch._xml(200, "GetMetricDataResponse", body)


def _xml(result: Mapping[str, Any]) -> str:
    parts = []
    for key, value in result.items():
        inner = (
            "".join(f"<member>{each}</member>" for each in value)
            if isinstance(value, list)
            else escape(str(value))
        )
        parts.append(f"<{key}>{inner}</{key}>")
    return "".join(parts)
