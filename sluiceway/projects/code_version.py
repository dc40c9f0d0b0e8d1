"""The code version: a sha256 over paths and bytes, so that it does not matter who packed the files or how.

Each file in order of its path's UTF-8 bytes adds: length of the path (8 bytes, big-endian), the path, length
of the content (8 bytes, big-endian), the content. With the lengths no two sets of files can read the same.
"""

import hashlib
import io
import zipfile

from sluiceway.projects.source_tree import SourceTree

FIXED_TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip entry can carry."""


def code_version(tree: SourceTree) -> str:
    """64 hexadecimal digits that identify the files of a project."""
    digest = hashlib.sha256()
    for path in _in_order(tree):
        _add(digest, path.encode())
        _add(digest, tree.read(path))
    return digest.hexdigest()


def canonical_archive(tree: SourceTree) -> bytes:
    """The files as a zip: sorted, without times and owners. Scripts that start with `#!` may be executed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in _in_order(tree):
            content = tree.read(path)
            archive.writestr(_entry(path, content), content, compresslevel=6)
    return packed.getvalue()


def _in_order(tree: SourceTree) -> list[str]:
    return sorted(tree.paths(), key=str.encode)


def _add(digest: "hashlib._Hash", content: bytes) -> None:
    digest.update(len(content).to_bytes(8, "big"))
    digest.update(content)


def _entry(path: str, content: bytes) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, FIXED_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3  # Unix: the upper half of external_attr holds the file mode
    entry.external_attr = (0o100755 if content.startswith(b"#!") else 0o100644) << 16
    return entry
