"""Text that somebody else wrote, as GitHub's Markdown shows it and does nothing else with it.

Branch names, reasons, log lines and names of columns come from people and programs that are not trusted: they
must not format, link, mention anybody, refer to issues, leave their cell of a table, or hide what they say.

GitHub looks for mentions and references in the rendered text, so a backslash does not stop them; inside code
it does not look (github/cmark-gfm#181). Elsewhere a zero-width space after the sign helps, as in Renovate.
"""

import html
import re
import unicodedata

from sluiceway.github.comment_text_secrets import without_secrets

BREAK = "\u200b"
"""Zero-width space: what stands on both sides of it is no longer one word."""
LONGEST_LINE = 500
"""characters of a text within a line"""
LONGEST_BLOCK = 4000
"""characters of a text of several lines"""

_MARKDOWN = re.compile(r"([\\`*_\[\]|~$])")
"""What means something to Markdown within a line."""
_AT_START = re.compile(r"^(\d{0,9})([-+=.)])(?=[-+= ]|$)")
"""What makes a list, a rule or a heading of a line that it begins."""
_REFERENCES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"@"), f"@{BREAK}"),
    (re.compile(r"#"), f"#{BREAK}"),
    (re.compile(r"\b(gh)-(?=\d)", re.IGNORECASE), rf"\1{BREAK}-"),
    (re.compile(r"://"), f":{BREAK}//"),
    (re.compile(r"\b(www)\.", re.IGNORECASE), rf"\1{BREAK}."),
)
"""What GitHub makes links, references and notifications of."""


def prose(text: str, *, longest: int = LONGEST_LINE) -> str:
    """One line of plain text, in a paragraph, a list or a cell of a table."""
    plain = _shortened(_one_line(text), longest)
    for pattern, apart in _REFERENCES:
        plain = pattern.sub(apart, plain)
    escaped = _MARKDOWN.sub(r"\\\1", html.escape(plain, quote=False))
    return _AT_START.sub(r"\1\\\2", escaped)


def code(text: str, *, longest: int = LONGEST_LINE) -> str:
    """One line in the type of code, also in a cell: a `|` would end the cell, so it becomes `¦`."""
    plain = _shortened(_one_line(text), longest).replace("|", "¦")
    if not plain:
        return ""
    fence = "`" * (1 + max((len(run) for run in re.findall(r"`+", plain)), default=0))
    padding = " " if plain.startswith("`") or plain.endswith("`") else ""
    return f"{fence}{padding}{plain}{padding}{fence}"


def block(text: str, *, longest: int = LONGEST_BLOCK) -> str:
    """Several lines as they are. An HTML block: unlike a fence, nothing in the text can end it."""
    lines = "\n".join(_visible(line) for line in without_secrets(text).splitlines())
    return f"<pre>{html.escape(_shortened(lines.strip(), longest), quote=False)}</pre>"


def plain_line(text: str, *, longest: int) -> str:
    """One line without any mark-up, for fields that GitHub shows as they are."""
    return _shortened(_one_line(text), longest)


def _visible(text: str) -> str:
    """Without control characters, and without those that turn, join or hide what stands beside them."""
    kept = (" " if letter.isspace() else letter for letter in text)
    return "".join(letter for letter in kept if unicodedata.category(letter) not in _UNSEEN)


_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Control, format (bidirectional overrides, zero-width), surrogate, private use, unassigned."""


def _one_line(text: str) -> str:
    return " ".join(_visible(without_secrets(text)).split())


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
