"""What is deployed does not know in which of the two worlds it runs."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEPLOYED = ("sluiceway", "lambdas", "layers", "containers", "state_machines", "cdk_app", "projects")
TEXT = frozenset({".py", ".yaml", ".yml", ".md", ".json", ".in", ""})
MENTION = re.compile(r"ministack|embedded(?! metric format)", re.IGNORECASE)


@pytest.mark.parametrize("folder", DEPLOYED)
def test_nothing_that_is_deployed_mentions_the_embedded_cloud(folder: str) -> None:
    """Only `embedded/`, its tests and `sluice local` do."""
    local = set((ROOT / "sluiceway" / "cli").glob("local*.py"))
    files = [
        path
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix in TEXT and path not in local
    ]
    assert files
    assert [path for path in files if MENTION.search(path.read_text(errors="replace"))] == []
