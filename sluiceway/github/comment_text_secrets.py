"""Secrets in what is told: a log line may hold one, and a pull request may be read by everybody.

Only what can be known by its form; whoever prints a password of no known form has published it.
"""

import re

HIDDEN = "[hidden]"

_KNOWN = (
    r"gh[pousr]_[A-Za-z0-9]{30,255}",
    r"github_pat_[A-Za-z0-9_]{30,255}",
    r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b",
    r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",
    r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
    r"\bhf_[A-Za-z0-9]{30,}",
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|\Z)",
)
"""GitHub's tokens, AWS's access keys, JSON web tokens, Slack's and Hugging Face's tokens, private keys."""
_NAMED = re.compile(
    r"(?i)((?:secret|token|passw(?:or)?d|api[_-]?key|access[_-]?key|credential|signature)[a-z0-9_-]{0,40}"
    r"[\"']?\s{0,3}[=:]\s{0,3}[\"']?(?:bearer\s{1,3}|basic\s{1,3})?)[^\s\"'&,;]{6,}"
)
"""`…_SECRET_ACCESS_KEY=…`, `"token": "…"`, `X-Amz-Signature=…`: the name stays."""
_SIGNED = re.compile(r"(?i)\b(bearer|basic)(\s{1,3})[A-Za-z0-9+/._~-]{16,}=*")
_USER = re.compile(r"(://[^\s/:@]{0,100}):[^\s/@]{1,200}@")
"""`https://user:password@host`."""
_FORM = re.compile("|".join(f"(?:{form})" for form in _KNOWN), re.DOTALL)


def without_secrets(text: str) -> str:
    """The text with `[hidden]` in place of everything that has the form of a secret."""
    hidden = _FORM.sub(HIDDEN, text)
    hidden = _NAMED.sub(rf"\g<1>{HIDDEN}", hidden)
    hidden = _SIGNED.sub(rf"\g<1>\g<2>{HIDDEN}", hidden)
    return _USER.sub(rf"\g<1>:{HIDDEN}@", hidden)
