"""The archive of a repository: each project in it is checked like an upload, the rest is left alone."""

import io
import struct
import zipfile
from collections.abc import Mapping

import pytest

from sluiceway.errors import InvalidUpload
from sluiceway.github import repository_files
from sluiceway.github.found_project import find_projects
from sluiceway.github.repository_files import RepositoryFiles
from sluiceway.projects.archive import open_archive
from sluiceway.projects.code_version import code_version
from tests.fakes.github_repository import FakeRepository
from tests.fakes.github_world import in_folder
from tests.fakes.samples import project_files, zipped

NAME = "octo-org/models"


def packed(files: Mapping[str, bytes]) -> bytes:
    """As GitHub packs a commit."""
    repository = FakeRepository(NAME)
    return repository.archive(repository.commit(files))


def with_link(path: str) -> bytes:
    """A repository with a valid project in `a`, and a symbolic link."""
    data = io.BytesIO(packed(in_folder("a", project_files())))
    with zipfile.ZipFile(data, "a") as archive:
        link = zipfile.ZipInfo(f"{archive.namelist()[0]}{path}")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return data.getvalue()


def test_projects_are_found_at_any_depth_in_order() -> None:
    """Each folder with a `sluice.yaml`, and also the repository's top."""
    yaml = {"sluice.yaml": b"x"}
    files = yaml | in_folder("b/c", yaml) | in_folder("a", yaml) | in_folder("1/2/3/4/5/6/7/8/9", yaml)
    assert RepositoryFiles(packed(files)).folders() == ["", "a", "b/c"]


@pytest.mark.parametrize("folder", ["__pycache__", ".venv/x", "a/mlruns/b", "a\\b", "a\nb"])
def test_folders_that_tools_leave_or_nobody_can_name_are_none(folder: str) -> None:
    """Git takes such names; a project cannot have them."""
    assert RepositoryFiles(packed(in_folder(folder, {"sluice.yaml": b"x"}))).folders() == []


@pytest.mark.parametrize("folder", ["", "a", "deep/in/it"])
def test_a_project_is_the_same_code_as_its_uploaded_folder(folder: str) -> None:
    """Whoever packs it, and wherever it lies."""
    files = project_files() | {"build/left-out.txt": b"x", "sub/.DS_Store": b"x", "sub/ünicode.py": b"y"}
    tree = RepositoryFiles(packed(in_folder(folder, files) if folder else files)).tree(folder)
    assert code_version(tree) == code_version(open_archive(zipped(files)))


def test_a_link_outside_of_a_project_refuses_nothing() -> None:
    """Many repositories have some in their documentation."""
    (found,) = find_projects(RepositoryFiles(with_link("docs/latest")), repository=NAME)
    assert (found.name, found.problems) == ("flight-delay", ())


def test_a_link_inside_of_a_project_refuses_that_project() -> None:
    """It leads away; the reason names it."""
    (found,) = find_projects(RepositoryFiles(with_link("a/secrets")), repository=NAME)
    assert found.project is None
    assert "secrets" in found.reason


def test_a_project_that_cannot_be_read_is_still_found_by_a_name() -> None:
    """That of its broken `sluice.yaml`, of its folder, or of the repository."""
    broken = {
        "a/sluice.yaml": b"project: named # so\nsteps: [",
        "My Models/sluice.yaml": b"\xff\xfe",
        "123/sluice.yaml": b"",
    }
    found = find_projects(RepositoryFiles(packed(broken)), repository=NAME)
    assert {each.folder: each.name for each in found} == {
        "a": "named",
        "My Models": "my-models",
        "123": "models",
    }
    assert all(each.problems for each in found)


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "top/../../x", "top/.."])
def test_a_name_that_leaves_the_archive_refuses_it_whole(name: str) -> None:
    """Git has no such names: the archive is not what it should be."""
    with pytest.raises(InvalidUpload, match="not one of git's"):
        RepositoryFiles(zipped({"top/sluice.yaml": b"x", name: b"x"}))


def test_a_name_that_is_there_twice_refuses_it_whole() -> None:
    """Two readers could read two things."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("top/a", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("top/a", b"2")
    with pytest.raises(InvalidUpload, match="twice"):
        RepositoryFiles(data.getvalue())


@pytest.mark.parametrize("archive", [b"", b"PK", b"<html>", packed({})[:-10], packed({"a": b"b"}) + b"x"])
def test_what_is_no_whole_zip_is_refused(archive: bytes) -> None:
    """With what to do."""
    with pytest.raises(InvalidUpload):
        RepositoryFiles(archive)


def test_too_many_entries_and_projects_are_refused_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred thousand entries take zipfile four seconds: the count is looked at before."""
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 60_000, 60_000, 0, 0, 0)
    with pytest.raises(InvalidUpload, match="more than 50000"):
        RepositoryFiles(end)
    many = {f"p{number}/sluice.yaml": b"x" for number in range(60)}
    with pytest.raises(InvalidUpload, match="60 projects"):
        RepositoryFiles(packed(many)).folders()
    monkeypatch.setattr(repository_files, "MAX_ARCHIVE_BYTES", 10)
    with pytest.raises(InvalidUpload, match="limit is 10"):
        RepositoryFiles(packed({}))


def test_projects_within_projects_do_not_multiply_what_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """One budget for all of them."""
    monkeypatch.setattr(repository_files, "MAX_UNPACKED_BYTES", 250_000)
    deep = {f"{'d/' * depth}sluice.yaml": b"x" for depth in range(5)} | {"d/d/d/d/big": b"\x00" * 100_000}
    found = find_projects(RepositoryFiles(packed(deep)), repository=NAME)
    assert "bytes together" in found[-1].reason
