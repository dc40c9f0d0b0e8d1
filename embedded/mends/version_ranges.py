"""A range of an object's version: S3 sends these bytes, MiniStack the whole version whatever `Range` says.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html (Range, versionId)
"""

from collections.abc import Mapping
from typing import Any

Answer = tuple[int, dict[str, str], bytes]


def install() -> None:
    """Cut what is answered to a request for a range of a version."""
    from ministack.services import s3

    get = s3._get_object

    def get_object(bucket: str, key: str, headers: Any, query: Any = None) -> Any:
        answer = get(bucket, key, headers, query)
        # A range of the latest version comes as 206 already.
        if answer[0] != 200 or not headers.get("range"):
            return answer
        return cut(answer, s3._parse_range(headers["range"], len(answer[2]))) or _outside(
            s3, answer, bucket, key
        )

    s3._get_object = get_object


def cut(answer: Answer, wanted: tuple[int, int] | None) -> Answer | None:
    """206 with the bytes from the first to the last; a checksum of the whole object says nothing of them."""
    if wanted is None:
        return None
    (start, end), (_, headers, body) = wanted, answer
    kept = {name: value for name, value in headers.items() if not name.lower().startswith("x-amz-checksum-")}
    kept |= {"Content-Length": str(end - start + 1), "Content-Range": f"bytes {start}-{end}/{len(body)}"}
    return 206, kept, body[start : end + 1]


def _outside(s3: Any, answer: Answer, bucket: str, key: str) -> tuple[int, Mapping[str, str], Any]:
    headers = {"Content-Type": "application/xml", "Content-Range": f"bytes */{len(answer[2])}"}
    return 416, headers, s3._xml_body(s3._range_error_xml(bucket, key))
