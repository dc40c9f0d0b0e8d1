"""Absolute paths of an image, found under a folder of this machine."""

import posixpath
import re
from dataclasses import dataclass
from pathlib import Path

_ABSOLUTE = re.compile(r"(?<![\w.@:/$}~-])/[\w.@+-]+(?:/[\w.@+*-]*)*")
# What every container has for itself.
PRIVATE = ("/tmp", "/root")  # noqa: S108
_FREE = ("/dev/null", "/dev/stdout", "/dev/stderr", "/bin", "/usr/bin", "/usr/local/bin")


@dataclass(frozen=True)
class ImagePaths:
    """The folders that belong to an image, and where its file system stands."""

    rootfs: Path
    folders: tuple[str, ...]

    def real(self, path: str) -> Path:
        """Where an absolute path of the image is on this machine."""
        return self.rootfs / posixpath.normpath(path).lstrip("/")

    def owns(self, path: str) -> bool:
        """Whether an absolute path is the image's: a WORKDIR, a target of COPY, /tmp, /root, or beneath."""
        clean = posixpath.normpath(path)
        folders = (*self.folders, *PRIVATE)
        return any(clean == folder or clean.startswith(folder.rstrip("/") + "/") for folder in folders)

    def value(self, value: str) -> str:
        """An environment value or an argument: parts between `:` that the image owns become real paths."""
        if "/" not in value or "://" in value:
            return value
        parts = value.split(":")
        return ":".join(
            str(self.real(part)) if part.startswith("/") and self.owns(part) else part for part in parts
        )

    def command(self, text: str) -> str:
        """A shell command with the image's paths replaced."""
        return _ABSOLUTE.sub(lambda match: self.value(match[0]), text)

    def foreign(self, text: str) -> str | None:
        """The first absolute path in a shell command that is neither the image's nor a plain program."""
        paths = (match[0] for match in _ABSOLUTE.finditer(text))
        return next((path for path in paths if not self.owns(path) and not _is_free(path)), None)


def _is_free(path: str) -> bool:
    return any(path == free or path.startswith(free + "/") for free in _FREE)
