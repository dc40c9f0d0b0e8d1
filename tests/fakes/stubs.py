"""What botocore's Stubber needs: keys for clients that reach nobody, and bodies as S3 streams them."""

import io
from typing import Any

from botocore.response import StreamingBody

KEYS = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}


def streaming(content: bytes) -> dict[str, Any]:
    """A GetObject answer with this body."""
    return {"Body": StreamingBody(io.BytesIO(content), len(content)), "ContentLength": len(content)}
