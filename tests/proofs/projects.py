"""What is uploaded in the proofs: a few projects in a few versions, good and bad, and rows of datasets."""

from tests.fakes.samples import SLUICE_YAML, project_files, zipped

PROJECTS = {"one": ("flights",), "two": ("flights", "planes")}
"""Projects and the datasets that they share."""
DATASETS = ("flights", "planes")
VARIANTS = 3
PATHS = ("jan.parquet", "feb.parquet")


SCHEDULES = ("skipping", "queueing", "cancelling")
_SCHEDULE = """\
schedule:
  - {name: skipping, interval: 1h, always: true}
  - {name: queueing, interval: 1h, overlap: queue, always: true}
  - {name: cancelling, interval: 1h, overlap: cancel, always: true}
"""


def _config(project: str, datasets: tuple[str, ...]) -> str:
    named = SLUICE_YAML.replace("flight-delay", project)
    return named.replace("data: [flights]", f"data: [{', '.join(datasets)}]") + _SCHEDULE


def _packed(project: str, variant: int) -> bytes:
    """The last variant of a project that uses several datasets leaves all but the first."""
    datasets = PROJECTS[project] if variant < VARIANTS - 1 else PROJECTS[project][:1]
    return zipped(project_files(sluice_yaml=_config(project, datasets), train_py=f"print({variant})"))


GOOD = {(project, variant): _packed(project, variant) for project in PROJECTS for variant in range(VARIANTS)}
"""Archives by project and variant."""
BAD = {
    "one": (b"no zip", zipped(project_files(sluice_yaml="project: one\n"))),
    "two": (GOOD["one", 0], b""),
}
"""Archives that are refused: broken, incomplete, of another project, empty."""


def datasets_of(project: str, variant: int) -> tuple[str, ...]:
    """What the variant's `sluice.yaml` names."""
    return PROJECTS[project] if variant < VARIANTS - 1 else PROJECTS[project][:1]
