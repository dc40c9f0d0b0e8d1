"""Where a GitHub is, and where it keeps archives."""

import pytest

from sluiceway.github.site import GITHUB_COM, check_base_url, serves_archives


@pytest.mark.parametrize(
    "url",
    ["http://api.github.com", "ftp://x", "https://", "https://a@b", "https://x?y", "https://x#y", "https://x/../y",
     "https://x y", "https://x\n", "http://127.0.0.1.evil.org", "http://[::2]", "", "api.github.com"],
)  # fmt: skip
def test_a_base_url_that_would_leak_the_token_is_refused(url: str) -> None:
    """Plain http is for this machine only."""
    with pytest.raises(ValueError, match=r"URL|https"):
        check_base_url(url)


@pytest.mark.parametrize(
    "url",
    [
        GITHUB_COM,
        "https://ghe.example.org/api/v3",
        "https://api.octo.ghe.com",
        "http://127.0.0.1:8080",
        "http://[::1]:1",
    ],
)
def test_every_kind_of_github_has_its_base_url(url: str) -> None:
    """github.com, Enterprise Server, data residency, and this machine."""
    assert check_base_url(f"{url}/") == url


@pytest.mark.parametrize(
    ("base", "location", "own"),
    [
        (GITHUB_COM, "https://codeload.github.com/a/b/legacy.zip/x?token=1", True),
        (GITHUB_COM, "https://codeload.github.com.evil.org/x", False),
        (GITHUB_COM, "https://codeload.github.com:444/x", False),
        (GITHUB_COM, "http://codeload.github.com/x", False),
        (GITHUB_COM, "https://x@codeload.github.com/x", False),
        (GITHUB_COM, "https://raw.githubusercontent.com/x", False),
        ("https://ghe.example.org/api/v3", "https://codeload.ghe.example.org/x", True),
        ("https://ghe.example.org/api/v3", "https://ghe.example.org/_codeload/x", True),
        ("https://ghe.example.org/api/v3", "https://codeload.github.com/x", False),
        ("https://api.octo.ghe.com", "https://codeload.octo.ghe.com/x", True),
    ],
)
def test_archives_come_from_where_this_github_keeps_them(base: str, location: str, own: bool) -> None:
    """With or without subdomain isolation."""
    assert serves_archives(base, location) is own
