"""What identifies an environment image: the bytes of the project's environment files and the platform's."""

import hashlib
from collections.abc import Mapping

Files = Mapping[str, bytes]
"""Relative path → bytes."""


def image_tag(environment: Files, platform: Files) -> str:
    """64 hexadecimal digits. The same files give the same tag, in whatever order they come."""
    digest = hashlib.sha256()
    for part, files in (("environment", environment), ("platform", platform)):
        for name, content in sorted(files.items()):
            digest.update(f"{part}\0{name}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()
