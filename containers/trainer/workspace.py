"""The folder of one attempt: the project, its data, what earlier steps left, and what this one leaves."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Workspace:
    """Where everything lies."""

    root: Path

    def __post_init__(self) -> None:
        for folder in (self.project, self.output):
            folder.mkdir()

    @property
    def project(self) -> Path:
        """The project's files: the working directory of the entry point."""
        return self.root / "project"

    @property
    def output(self) -> Path:
        """What is in here when the entry point ends is kept as the step's output."""
        return self.root / "output"

    def data(self, dataset: str) -> Path:
        """A dataset's files."""
        return self.root / "data" / dataset

    def step(self, name: str) -> Path:
        """What an earlier step left."""
        return self.root / "steps" / name

    def relative(self, text: str) -> str:
        """A text without the folder's own path, which tells a reader nothing."""
        return text.replace(f"{self.project}/", "").replace(f"{self.root}/", "")
