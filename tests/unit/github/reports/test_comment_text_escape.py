"""Text of people and programs that are not trusted, on GitHub."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from sluiceway.github.comment_text_escape import block, code, plain_line, prose
from sluiceway.github.comment_text_secrets import HIDDEN, without_secrets
from tests.unit.github.reports.samples import HOSTILE

GFM = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
TABLE = "| a | b |\n|---|---|\n| {cell} | end |"


@given(st.text())
@example(HOSTILE)
@example("a\\|b")
@example("`" * 7)
def test_a_cell_stays_one_cell_and_shows_nothing_but_text(text: str) -> None:
    """Nothing in it ends the cell, formats, links, embeds, or is HTML."""
    for show, allowed in ((prose, set()), (code, {"code"})):
        rendered = GFM.render(TABLE.format(cell=show(text)))
        tags = set(re.findall(r"<([a-z0-9]+)", rendered)) - {"table", "thead", "tbody", "tr", "th", "td"}
        assert tags <= allowed
        assert rendered.count("<td>") == 2
        assert "<td>end</td>" in rendered


@pytest.mark.parametrize(
    "text", ["- a", "+ a", "1. a", "12) a", "---", "- - -", "===", "# a", "> a", "* a", "-", "1."]
)
def test_a_line_stays_a_line(text: str) -> None:
    """Where it begins a paragraph, too: no list, rule, heading or quotation."""
    rendered = GFM.render(f"before\n{prose(text)}") + GFM.render(prose(text))
    assert set(re.findall(r"<([a-z0-9]+)", rendered)) == {"p"}


@given(st.text())
@example(HOSTILE)
@example("</pre><script>alert(1)</script>")
@example("a\n\n<!-- \n\n```\nb")
def test_a_block_ends_where_it_should(text: str) -> None:
    """Whatever the lines hold, they stay inside."""
    rendered = GFM.render(f"{block(text)}\n\nafter")
    assert rendered.endswith("</pre>\n<p>after</p>\n")
    assert set(re.findall(r"<([a-z0-9]+)", rendered)) == {"pre", "p"}


@pytest.mark.parametrize(
    "reference",
    [
        "@octocat",
        "@octo-org/team",
        "#12",
        "GH-12",
        "gh-12",
        "https://evil.example",
        "www.evil.example",
        "a@b.example",
    ],
)
def test_what_github_would_link_or_notify_is_taken_apart(reference: str) -> None:
    """GitHub looks at the rendered text, where only a character between stops it."""
    shown = prose(f"see {reference} please")
    assert reference not in shown
    assert shown.replace("\u200b", "") == f"see {reference} please"


def test_what_is_not_seen_is_not_there() -> None:
    """Control characters and bidirectional overrides can say something else than they show."""
    assert plain_line("a\x00b\u202ec\x1b[31md\r\n e\u2028f", longest=50) == "abc[31md e f"


def test_text_is_cut_where_it_is_told_to_be() -> None:
    """What was left out is marked."""
    assert plain_line("x" * 200, longest=140) == "x" * 139 + "…"
    assert len(code("x" * 9000)) < 600
    assert len(block("x\n" * 9000)) < 5000


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("git clone https://me:hunter22@host/x", f"git clone https://me:{HIDDEN}@host/x"),
        ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG x", f"AWS_SECRET_ACCESS_KEY={HIDDEN} x"),
        ('{"password": "hunter2hunter2", "a": 1}', f'{{"password": "{HIDDEN}", "a": 1}}'),
        ("id AKIAIOSFODNN7EXAMPLE.", f"id {HIDDEN}."),
        ("Authorization: Bearer abcdefghijklmnopqrstuv", f"Authorization: Bearer {HIDDEN}"),
        ("GET /x?X-Amz-Signature=deadbeefdead&y=1", f"GET /x?X-Amz-Signature={HIDDEN}&y=1"),
        (f"token github_pat_{'a' * 40}", f"token {HIDDEN}"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----\nx", f"{HIDDEN}\nx"),
        ("-----BEGIN PRIVATE KEY-----\nMII…", HIDDEN),
        ("roc_auc 0.5 misses at least 0.6", "roc_auc 0.5 misses at least 0.6"),
    ],
)
def test_what_has_the_form_of_a_secret_is_hidden(text: str, shown: str) -> None:
    """The end of a log may hold one, and a pull request may be public."""
    assert without_secrets(text) == shown
