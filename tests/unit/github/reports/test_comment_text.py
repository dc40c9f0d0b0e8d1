"""What stands in a pull request: whole texts, compared with the files beside this one."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from sluiceway.github.comment_text import LONGEST, comment_text
from sluiceway.github.contracts import ProblemFound
from sluiceway.github.price import Price
from sluiceway.github.report import ProjectReport
from sluiceway.models.scores import Scores
from tests.fakes.run_world import score
from tests.unit.github.reports.samples import (
    CONFIG,
    HOSTILE,
    SHA,
    deployment,
    failed,
    forked,
    invalid,
    report,
    run,
    running,
)

GOLDEN = Path(__file__).with_name("golden")
NO_ENDPOINT = CONFIG.model_copy(update={"deploy": None, "preview": None})
FIRST = Scores(score("challenger", 0.8123), None)

CASES: dict[str, Sequence[ProjectReport]] = {
    "passed": [report()],
    "first_model": [report(scores=FIRST, live=None, unchanged=True)],
    "rejected": [report(progress="rejected", gate="rejected: roc_auc 0.7 misses champion 3's 0.8011")],
    "no_endpoint": [
        report(config=NO_ENDPOINT, endpoint_price=None, run_price=Price(None, ("no step left its times",)))
    ],
    "unknown_price": [report(endpoint_price=Price(None, ("no price of ml.x9.large",)))],
    "deployed": [report(deployment=deployment(), run=run(preview=False))],
    "deployment_failed": [report(deployment=deployment(status="FAILED", reason="it did not answer"))],
    "several": [invalid(), running(), failed(), forked()],
    "nothing": [],
}


@pytest.mark.parametrize("name", CASES)
def test_the_comment_is_word_for_word_that_of_the_file(name: str) -> None:
    """Run with WRITE_GOLDEN=1 to write the files anew, and look at each."""
    text = comment_text(SHA, CASES[name])
    path = GOLDEN / f"{name}.md"
    if os.environ.get("WRITE_GOLDEN"):
        path.write_text(f"{text}\n")
    assert f"{text}\n" == path.read_text()


def test_hostile_text_stays_text_wherever_it_comes_from() -> None:
    """Reasons, messages and paths: no links, no elements, no forged marker, no secret."""
    problem = ProblemFound(path=HOSTILE, line=1, message=HOSTILE)
    lines = report(progress="failed", reason=f"{HOSTILE}\n{HOSTILE}", gate=HOSTILE, problems=(problem,))
    text = comment_text(SHA, [lines, forked(reason=HOSTILE)])
    rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    assert not re.findall(r"<(?:a|img|script|b|!--)", rendered)
    assert "ghp_" not in text


def test_a_comment_is_never_longer_than_github_takes() -> None:
    """What does not fit is told by its headline, in the projects' order; then by their number."""
    wide = [invalid(50, project=f"p{number}") for number in range(60)]
    text = comment_text(SHA, wide)
    assert len(text) <= LONGEST
    assert all(f"p{number} has problems" in text for number in range(60))
    assert text.endswith("</details>")
    crowd = comment_text(SHA, [invalid(1, project=f"p{number}-" + "x" * 30) for number in range(2000)])
    assert len(crowd) <= LONGEST
    assert re.search(r"… and \d+ more projects", crowd)


def test_of_hundreds_of_metrics_the_first_are_shown() -> None:
    """The gate's among them; how many are left out is said, and what else is known stays."""
    many = {f"metric_{number}": 0.5 for number in range(600)}
    ours = score("challenger", 0.8123)
    ours = ours.model_copy(update={"metrics": {**many, **ours.metrics}})
    text = comment_text(SHA, [report(scores=Scores(ours, None))])
    assert "**roc\\_auc** (gate)" in text
    assert re.search(r"On .* rows\. 5\d\d more metrics are not shown\.", text)
    assert "**Price:**" in text


def test_the_same_facts_make_the_same_text() -> None:
    """So a comment that says what is true is not written again."""
    assert comment_text(SHA, [report()]) == comment_text(SHA, [report()])
