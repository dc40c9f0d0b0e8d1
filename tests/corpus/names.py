"""Texts that try to be more than a name: for names, refs, paths, keys, URLs. Always the same."""

import random
from collections.abc import Iterator
from functools import cache
from urllib.parse import quote

INJECTED = (
    # shells and options
    "$(id)", "`id`", "${IFS}", "$HOME", ";id", "|id", "&&id", "||id", "&", ">x", "<x", "*", "?", "[a-z]",
    "{a,b}", "~root", "!!", "#", "'", '"', "'\"", "\\", "\\\\", "%0a", "-u", "-rf", "--upload-pack=id",
    "-oProxyCommand=id", "--", "-", "--exec=id", "-c core.pager=id", "@{u}", "@{-1}", "^{}", "~1", ":/x",
    "refs/heads/x", "x.lock", "@",
    # ways out
    "..", "../", "../../etc/passwd", "/..", "/../", "./", "/./", "/", "//", "///", "/etc/passwd", "\\..\\",
    "..\\", "%2e%2e%2f", "%2e%2e/", "..%2f", "..%c0%af", "%252e%252e%252f", "....//", "..;/", "C:", "C:\\",
    "\\\\host\\x", "file:///etc/passwd", "~/.ssh/id_rsa", ".git/config", ".git", "CON", "nul", "aux.txt",
    "x:stream", "x.", "x ",
    # ends and spaces
    "\0", "\n", "\r", "\r\n", "\t", "\v", "\f", "\x1b[2J", "\x7f", "\x85", "\u2028", "\u2029", "\u00a0",
    " ", "\u3000", "\ufeff", "\u200b", "\u200d", "\u2060", "\u202e", "\u2066", "\ue000", "\ufffe",
    "\uffff", "\ud800",
    # look alike
    "\u0430", "\u0435", "\u043e", "\u03bf", "\u0131", "\u017f", "\u212a", "\uff0e\uff0e", "\uff0f",
    "\u2215", "\u2024", "\u2044", "\uff41", "\u0660", "\u0967", "\u1d00", "e\u0301", "\u00e9",
    "\U0001f600", "\u00df", "\u0130",
    # what templates, queries and formats take for theirs
    "{0.__class__}", "{}", "%s", "%n", "{{7*7}}", "{% $states.input %}", "${jndi:ldap://x}", "<%= x %>",
    "#{x}", "' OR '1'='1", "' or name != '", "\" or \"\"=\"", "1;DROP TABLE x", "*)(uid=*", "$ne",
    "__proto__", "=cmd|' /C x'!A0", "<script>alert(1)</script>", "<!--", "]]>", "&lt;", "![x](http://x)",
    "@everyone", "[x](javascript:1)", "arn:aws:s3:::x",
    # addresses
    "http://169.254.169.254/", "https://x@y", "http://localhost", "s3://b/k", "s3://", "gopher://x", "//x",
    "https://x\\@y",
    # sizes and nothing
    "", "A", "0", "a" * 40, "a" * 256, "a" * 1025, "é" * 600, "a/" * 40, "-a", "1a", "a_b", "a.b", "aB",
    "a" * 5000,
)  # fmt: skip
"""What is tried."""
PLACES = (
    "{}", "a{}", "{}a", "flights{}", "{}flights", "flight{}delay", "flights/{}", "{}/flights", "a/{}/b",
    "feature/{}", "{}{}",
)  # fmt: skip
"""Where it is tried: alone, around and within what is right."""
_ALPHABET = "ab-./\\_~$`'\"|;&<>*?{}[]()#%@!:^, \0\n\r\t\u0430\u202e\u200b\uff0e\uff0f\u00e9A0"


@cache
def hostile_texts() -> tuple[str, ...]:
    """Over 10,000 different texts, the same in every process."""
    return tuple(dict.fromkeys([*_composed(), *_drawn(8000)]))


def _composed() -> Iterator[str]:
    for injected in INJECTED:
        for place in PLACES:
            text = place.replace("{}", injected)
            yield from (text, text.upper(), quote(text, errors="replace"), f"{text}\n", f" {text}")


def _drawn(count: int) -> Iterator[str]:
    source = random.Random(20261121)
    for _ in range(count):
        yield "".join(source.choices(_ALPHABET, k=source.randint(1, 24)))
