"""What people send is untrusted: a corpus of hostile and broken archives, and archives at random."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluiceway.errors import InvalidUpload
from sluiceway.projects import archive, archive_entries
from sluiceway.projects.archive import open_archive
from tests.corpus.archives import HARMLESS, HOSTILE
from tests.corpus.bounds import bounded
from tests.corpus.quine import quine
from tests.corpus.zip_bytes import packed
from tests.fakes.samples import project_files, zipped

SECONDS, MEBIBYTES = 2.0, 64
"""Ten times what the worst of the corpus takes; a function has 120 s and 1,024 MiB."""


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_or_broken_archive_is_refused_with_a_reason(kind: str) -> None:
    """Each ends in InvalidUpload that says what is wrong, long before a function's time and memory are up."""
    make, reason = HOSTILE[kind]
    raw = make()
    with bounded(seconds=SECONDS, mebibytes=MEBIBYTES), pytest.raises(InvalidUpload, match=reason):
        read_all(raw)


@pytest.mark.parametrize("kind", HARMLESS)
def test_an_odd_archive_is_read_and_nothing_in_it_is_opened_or_run(kind: str) -> None:
    """Names are only names; an archive in an archive is a file."""
    make, paths = HARMLESS[kind]
    raw = make()
    with bounded(seconds=5 * SECONDS, mebibytes=MEBIBYTES):
        assert sorted(read_all(raw)) == paths


def test_the_corpus_is_large_enough() -> None:
    """At least forty ways to lie."""
    assert len(HOSTILE) >= 80


def read_all(raw: bytes) -> dict[str, bytes]:
    """Open an archive and read each of its files."""
    tree = open_archive(raw)
    return {path: tree.read(path) for path in tree.paths()}


def test_an_archive_that_holds_itself_is_opened_once() -> None:
    """What is in it is a file as any other; whoever opened what they find would never end."""
    raw = quine()
    assert zipfile.ZipFile(io.BytesIO(raw)).read("quine.zip") == raw
    assert open_archive(raw).read("quine.zip") == raw


def test_an_archive_may_not_unpack_to_more_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sum counts, however small each file is."""
    monkeypatch.setattr(archive_entries, "MAX_UNPACKED_BYTES", 1000)
    with pytest.raises(InvalidUpload, match="push it as a dataset"):
        open_archive(packed(*((f"f{n}", b"x" * 100) for n in range(11))))


def test_an_archive_over_the_limit_is_not_even_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its size alone refuses it."""
    monkeypatch.setattr(archive, "MAX_ARCHIVE_BYTES", 1000)
    with pytest.raises(InvalidUpload, match="the limit is 1000"):
        open_archive(bytes(1001))


@pytest.mark.parametrize("prefix", ["", "flight-delay/", "build/"])
def test_a_shared_top_folder_makes_no_difference(prefix: str) -> None:
    """Zipping the folder or its content gives the same files; leftovers of tools are no part of them."""
    left_over = {"__pycache__/a.pyc": b"x", ".git/HEAD": b"x", "build/out": b"x", "a/.DS_Store": b"x"}
    raw = zipped(project_files() | left_over, prefix=prefix)
    assert read_all(raw) == project_files()


def test_macos_leftovers_beside_the_top_folder_are_ignored() -> None:
    """The Finder packs a second folder of resource forks."""
    raw = zipped({f"p/{path}": body for path, body in project_files().items()} | {"__MACOSX/p/._a": b"x"})
    assert read_all(raw) == project_files()


# Python's writer fails on names that start with NUL; the corpus has NUL further behind.
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12).filter(lambda name: name[0] != "\0")
entries = st.dictionaries(
    st.lists(names, min_size=1, max_size=3).map("/".join), st.binary(max_size=200), max_size=6
)


@settings(max_examples=300, deadline=None)
@given(entries)
def test_any_names_and_contents_are_read_back_or_refused(files: dict[str, bytes]) -> None:
    """What is accepted has only paths that stay inside, and the bytes that were packed."""
    try:
        read = read_all(packed(*files.items()))
    except InvalidUpload:
        return
    for path, content in read.items():
        assert not path.startswith("/")
        assert ".." not in path.split("/")
        assert content in files.values()


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_any_damage_is_harmless(data: st.DataObject) -> None:
    """Bytes changed at random: refused, or the same files; never another error."""
    raw = bytearray(zipped(project_files()))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        read = read_all(bytes(raw))
    except InvalidUpload:
        return
    assert set(read.values()) <= set(project_files().values())


@pytest.mark.parametrize(("raw", "name"), [("é.py".encode(), "é.py"), (b"\x82.py", "é.py")])
def test_names_without_the_flag_for_utf8_are_read_as_their_writers_meant_them(raw: bytes, name: str) -> None:
    """Linux's and macOS's zip write UTF-8 and do not say so; code page 437 is what the standard means."""
    placeholder = b"?" * (len(raw) - 3) + b".py"
    whole = packed((placeholder.decode(), b"x")).replace(placeholder, raw)
    assert list(open_archive(whole).paths()) == [name]


def test_files_that_macos_leaves_beside_files_are_ignored() -> None:
    """On file systems that are not its own it keeps attributes in `._name`."""
    whole = packed(("p/MLproject", b""), ("p/._MLproject", b"\0"), ("p/a.py", b""))
    assert list(open_archive(whole).paths()) == ["MLproject", "a.py"]
