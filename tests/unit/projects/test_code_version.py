"""Equal files are one code version, whoever packed them and however."""

import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluiceway.errors import InvalidProject
from sluiceway.projects.archive import open_archive
from sluiceway.projects.code_version import canonical_archive, code_version
from sluiceway.projects.pack import FolderTree, pack
from tests.fakes.samples import MemoryTree, project_files, zipped

paths = st.lists(st.sampled_from(["a", "b", "ab", "é"]), min_size=1, max_size=3).map("/".join)
trees = st.dictionaries(paths, st.binary(max_size=8), max_size=5)


def written(folder: Path, files: dict[str, bytes]) -> Path:
    """The files in a folder."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def test_folder_and_archives_of_it_have_the_same_version(tmp_path: Path) -> None:
    """Times, order, compression, leftovers of tools and a top folder are no part of the code."""
    folder = written(tmp_path, project_files() | {"__pycache__/x.pyc": b"x", "mlruns/0/meta.yaml": b"x"})
    other_order = zipped(dict(reversed(project_files().items())), prefix="top/")
    versions = {
        code_version(FolderTree(folder)),
        code_version(open_archive(pack(folder))),
        code_version(open_archive(other_order)),
    }
    assert versions == {code_version(MemoryTree(project_files()))}


@given(trees, trees)
def test_different_files_have_different_versions(one: dict[str, bytes], other: dict[str, bytes]) -> None:
    """Neither path nor content can borrow bytes from its neighbour."""
    assert (code_version(MemoryTree(one)) == code_version(MemoryTree(other))) == (one == other)


def test_the_canonical_archive_depends_on_nothing_but_the_files() -> None:
    """Packed again, or packed from its own content: the same bytes."""
    packed = canonical_archive(MemoryTree(project_files()))
    assert canonical_archive(open_archive(packed)) == packed
    assert canonical_archive(open_archive(zipped(project_files(), prefix="p/"))) == packed


def test_scripts_stay_executable(tmp_path: Path) -> None:
    """A file that starts with `#!` is unpacked as a program, everything else as a plain file."""
    (tmp_path / "p.zip").write_bytes(canonical_archive(MemoryTree({"run.sh": b"#!/bin/sh\n", "a.py": b"1"})))
    with zipfile.ZipFile(tmp_path / "p.zip") as archive:
        modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
    assert modes == {"run.sh": 0o100755, "a.py": 0o100644}


def test_the_decomposed_names_of_macos_are_the_composed_ones() -> None:
    """The same name in another Unicode form is the same file."""
    composed, decomposed = zipped({"\u00e9.py": b"1"}), zipped({"e\u0301.py": b"1"})
    assert code_version(open_archive(composed)) == code_version(open_archive(decomposed))


@pytest.mark.parametrize("name", [b"caf\xe9.py", b"a\nb.py"])
def test_a_name_that_no_archive_may_hold_is_refused(name: bytes, tmp_path: Path) -> None:
    """Linux takes any bytes as a name."""
    (tmp_path / os.fsdecode(name)).write_bytes(b"")
    with pytest.raises(InvalidProject, match="rename it"):
        FolderTree(tmp_path)


def test_two_spellings_of_one_name_are_not_one_file(tmp_path: Path) -> None:
    """Linux keeps both; one of them would be left out of the push without a word."""
    for name in ("\u00e9.py", "e\u0301.py"):
        (tmp_path / name).write_text(name)
    if len(list(tmp_path.iterdir())) == 1:
        pytest.skip("this file system takes them for one")
    with pytest.raises(InvalidProject, match="are the same name: rename one"):
        FolderTree(tmp_path)


def test_a_symbolic_link_is_not_followed(tmp_path: Path) -> None:
    """It may lead to anything on the machine that packs."""
    (tmp_path / "link").symlink_to("/etc/passwd")
    with pytest.raises(InvalidProject, match="symbolic link"):
        pack(tmp_path)
