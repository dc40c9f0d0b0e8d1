"""A process image: what to execute, in which environment, from which folder."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from embedded.images.paths import PRIVATE, ImagePaths

COMPLETE = "complete"


class ImageConfig(BaseModel):
    """What `image.json` holds; the same for every image that is built from the same things."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    digest: str
    base: str
    python: str
    entrypoint: tuple[str, ...]
    cmd: tuple[str, ...]
    env: Mapping[str, str]
    workdir: str
    folders: tuple[str, ...]
    labels: Mapping[str, str]
    user: str


@dataclass(frozen=True)
class ProcessImage:
    """An image on this machine. `folder` holds its virtual environment, `rootfs` its files."""

    config: ImageConfig
    folder: Path
    rootfs: Path

    @property
    def digest(self) -> str:
        """The digest of what the image was built from, `sha256:…`."""
        return self.config.digest

    @property
    def virtual_environment(self) -> Path:
        """The environment whose `bin` comes first on PATH."""
        return self.folder / "venv"

    @property
    def workdir(self) -> Path:
        """The image's WORKDIR on this machine."""
        return self.paths.real(self.config.workdir)

    def command(self, args: Sequence[str] = ()) -> list[str]:
        """ENTRYPOINT and `args`, or CMD where there are none; the program as a real path."""
        words = [*self.config.entrypoint, *(args or self.config.cmd)]
        if not words:
            raise ValueError(f"image {self.digest} has neither ENTRYPOINT nor CMD, and no command was given")
        program, *rest = (self.paths.value(word) for word in words)
        return [shutil.which(program, path=self.environment()["PATH"]) or program, *rest]

    def environment(self) -> dict[str, str]:
        """ENV with the image's paths as real ones, PATH led by the virtual environment, HOME in the image."""
        values = {key: self.paths.value(value) for key, value in self.config.env.items()}
        values["PATH"] = f"{self.virtual_environment / 'bin'}:{values['PATH']}"
        own = {
            "HOME": str(self.rootfs / "root"),
            "TMPDIR": str(self.rootfs / "tmp"),
            "VIRTUAL_ENV": str(self.virtual_environment),
        }
        return own | values

    def instance(self, folder: Path) -> "ProcessImage":
        """The image with a copy of its files in `folder`, as a container has: writing there harms nobody."""
        rootfs = folder / "rootfs"
        shutil.copytree(self.rootfs, rootfs, symlinks=True)
        for private in PRIVATE:
            (rootfs / private.lstrip("/")).mkdir(exist_ok=True)
        return replace(self, rootfs=rootfs)

    @property
    def paths(self) -> ImagePaths:
        """How paths of the image become paths of this machine."""
        return ImagePaths(self.rootfs, self.config.folders)


def load_image(folder: Path) -> ProcessImage | None:
    """The image in a folder; None when it was never finished."""
    if not (folder / COMPLETE).exists():
        return None
    config = ImageConfig.model_validate_json((folder / "image.json").read_bytes())
    return ProcessImage(config, folder, folder / "rootfs")
