"""The files of a project that decide its environment: those that MLproject names."""

from sluiceway.images.image_tag import Files
from sluiceway.projects.contracts import MlProject
from sluiceway.projects.source_tree import SourceTree


def environment_files(tree: SourceTree, project: MlProject) -> Files:
    """Relative path → bytes."""
    return {path: tree.read(path) for path in sorted(project.environment_files)}
