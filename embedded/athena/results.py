"""GetQueryResults tells a decimal's precision and scale, which MiniStack makes up."""

import json
import re
from collections.abc import Callable
from typing import Any

from embedded.athena.csv_file import text

Answer = tuple[int, dict[str, str], bytes]
_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")


def install() -> None:
    """Spell values and types as Athena does."""
    from ministack.services import athena

    unmended: Callable[[dict[str, Any]], Answer] = athena._get_query_results

    def get_query_results(data: dict[str, Any]) -> Answer:
        status, headers, body = unmended(data)
        return (status, headers, _mended(body)) if status == 200 else (status, headers, body)

    athena._get_query_results = get_query_results
    athena._datum_text = text


def _mended(body: bytes) -> bytes:
    found = json.loads(body)
    for column in found["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]:
        match = _DECIMAL.fullmatch(column["Type"])
        if match:
            column |= {"Type": "decimal", "Precision": int(match[1]), "Scale": int(match[2])}
    return json.dumps(found).encode()
