"""Archives as files."""

import io
import zipfile


def unzipped(archive: bytes) -> dict[str, bytes]:
    """Path → content of every entry."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}
