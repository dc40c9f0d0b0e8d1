"""Ten thousand texts that try to be more than a name: taken as what they are, or refused. Nothing else."""

import posixpath
import re
import string

import pytest
from pydantic import TypeAdapter, ValidationError

from sluiceway.errors import PermanentError
from sluiceway.github.names import check_branch, check_repository
from sluiceway.github.site import check_base_url
from sluiceway.names import (
    Name,
    Version,
    check_name,
    check_relative_path,
    code_archive_key,
    manifest_key,
    run_key,
)
from sluiceway.triggers.uploads import dataset_of, project_of
from tests.corpus.bounds import bounded
from tests.corpus.names import hostile_texts

LETTERS = set(string.ascii_lowercase + string.digits + "-")
TEXTS = hostile_texts()


def is_name(text: str) -> bool:
    """The rule in other words than the code's."""
    return 2 <= len(text) <= 39 and set(text) <= LETTERS and text[0] in string.ascii_lowercase


def test_the_corpus_is_large_enough() -> None:
    """At least ten thousand, all different."""
    assert len(TEXTS) == len(set(TEXTS)) >= 10_000


@pytest.mark.parametrize(
    "take",
    [
        check_name,
        lambda text: project_of(f"code/{text}/x.zip") if "/" not in text else check_name(text),
        lambda text: dataset_of(f"data/{text}/x.csv") if "/" not in text else check_name(text),
        TypeAdapter(Name).validate_python,
    ],
)
def test_a_name_is_a_name_or_refused(take) -> None:
    """In keys, in contracts, on the command line; the same rule everywhere, to the last newline."""
    with bounded(seconds=20, mebibytes=32):
        for text in TEXTS:
            try:
                taken = take(text) == text
            except (PermanentError, ValidationError) as error:
                assert str(error)  # noqa: PT017
                taken = False
            assert taken == is_name(text), repr(text)


def test_a_relative_path_stays_inside() -> None:
    """Wherever it is joined to."""
    for text in TEXTS:
        try:
            check_relative_path(text)
        except ValueError:
            continue
        whole = posixpath.normpath(posixpath.join("/base/folder", text))
        assert whole == f"/base/folder/{text}", repr(text)
        assert "\0" not in text


def test_a_key_stays_under_its_prefix() -> None:
    """Nothing in a name or a part of a run's key leads elsewhere."""
    for text in TEXTS:
        for build, prefix in (
            (lambda name: code_archive_key(name, "v"), "code/"),
            (lambda name: manifest_key(name, "v"), "datasets/"),
            (lambda part: run_key("r", part), "runs/r/"),
        ):
            try:
                key = build(text)
            except (PermanentError, ValueError):
                continue
            assert posixpath.normpath(key) == key, repr(text)
            assert key.startswith(f"{prefix}{text}")


def test_a_version_is_a_hash_or_refused() -> None:
    """64 hexadecimal digits, and no newline after them."""
    adapter = TypeAdapter(Version)
    right = "ab" * 32
    assert adapter.validate_python(right) == right
    for text in [*TEXTS, f"{right}\n", f" {right}", right.upper(), right[:-1] + "\u0660"]:
        with pytest.raises(ValidationError):
            adapter.validate_python(text)


def test_a_ref_is_nothing_that_a_command_could_mistake() -> None:
    """No option, no way out, no end of a line; homoglyphs are other letters, and are only shown."""
    taken = 0
    for text in TEXTS:
        try:
            check_branch(text)
        except PermanentError:
            continue
        taken += 1
        assert not text.startswith(("-", "/", ".")), repr(text)
        assert ".." not in text
        assert not re.search(r"[\x00-\x20\x7f~^:?*\[\\]", text)
    assert taken > 100


def test_a_repository_is_an_owner_and_a_name() -> None:
    """Nothing that changes the path of a request to GitHub."""
    for text in [*TEXTS, *(f"octo/{each}" for each in TEXTS), *(f"{each}/models" for each in TEXTS)]:
        try:
            check_repository(text)
        except PermanentError:
            continue
        assert re.fullmatch(r"[\w-]+/[\w.-]+", text, re.ASCII), repr(text)
        assert not text.endswith(("/.", "/.."))


def test_a_base_url_is_that_of_a_host() -> None:
    """A token travels in each request: over TLS, to the host that stands there."""
    for text in [*TEXTS, *(f"https://{each}" for each in TEXTS), *(f"https://host/{each}" for each in TEXTS)]:
        try:
            check_base_url(text)
        except ValueError:
            continue
        assert text.lower().startswith(("https://", "http://localhost", "http://127.")), repr(text)
        assert "@" not in text.partition("://")[2].partition("/")[0]
        assert text.isascii()
