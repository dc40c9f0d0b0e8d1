"""Where a GitHub is: github.com, GitHub Enterprise Cloud with data residency, or an Enterprise Server.

Sources: "Getting started with the REST API" (github.com: `https://api.github.com`; Enterprise Server:
`https://HOST/api/v3`; data residency: `https://api.SUBDOMAIN.ghe.com`), and "Enabling subdomain isolation"
(archives lie at `codeload.HOST`, or below `HOST` without it).
"""

import ipaddress
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator

GITHUB_COM = "https://api.github.com"


def check_base_url(value: str) -> str:
    """Return the base URL without a slash at its end; `http` is for loopback addresses only."""
    url = _split(value)
    if url.scheme != "https" and not (url.scheme == "http" and is_loopback(url.hostname or "")):
        raise ValueError(f"{value!r} must start with https://: a token travels in each request")
    if not url.hostname or "@" in url.netloc or url.query or url.fragment or not _plain(url.path):
        raise ValueError(f"{value!r} is not a base URL: for example {GITHUB_COM} or https://HOST/api/v3")
    return value.rstrip("/")


BaseUrl = Annotated[str, AfterValidator(check_base_url)]
"""Of GitHub's REST API."""


def is_loopback(host: str) -> bool:
    """Whether a host is this machine; names are not resolved."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def serves_archives(base_url: str, location: str) -> bool:
    """Whether a redirect of an archive leads to where this GitHub keeps archives."""
    base, url = _split(base_url), _split(location)
    if url.scheme != base.scheme or "@" in url.netloc:
        return False
    web = (base.hostname or "").removeprefix("api.")
    return url.netloc.lower() == base.netloc.lower() or url.netloc.lower() in (web, f"codeload.{web}")


def _split(value: str) -> SplitResult:
    """Raises `ValueError` also for what `urlsplit` would silently take away: control characters, spaces."""
    if not value.isascii() or any(letter <= " " or letter == "\x7f" for letter in value) or "\\" in value:
        raise ValueError(f"{value!r} is not a URL")
    return urlsplit(value)


def _plain(path: str) -> bool:
    return not any(part in (".", "..") for part in path.split("/"))
