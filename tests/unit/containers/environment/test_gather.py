"""A project's environment file becomes requirements; conda packages are refused by name."""

from pathlib import Path

import pytest

from containers.environment.gather import UnusableEnvironment, gather


def test_a_python_env_is_read_and_its_files_are_found_beside_it(tmp_path: Path) -> None:
    """`-r` means the file beside python_env.yaml, wherever the output goes."""
    (tmp_path / "python_env.yaml").write_text("dependencies:\n  - -r requirements.txt\n  - numpy==2.0\n")
    added = tmp_path / "more.in"
    lines = gather(tmp_path, [added])
    assert lines == [f"-r {tmp_path}/requirements.txt", "numpy==2.0", f"-r {added}"]


def test_the_pip_section_of_a_conda_file_suffices(tmp_path: Path) -> None:
    """Python and pip themselves are no packages to install."""
    text = "channels: [defaults]\ndependencies: [python=3.11, pip, {pip: [mlflow==3.17.2]}]\n"
    (tmp_path / "conda.yaml").write_text(text)
    assert gather(tmp_path, []) == ["mlflow==3.17.2"]


def test_a_conda_package_is_refused_by_name(tmp_path: Path) -> None:
    """It says what to do instead; `python-dateutil` is no Python."""
    for package in ("numpy=2.0", "python-dateutil=2.0"):
        (tmp_path / "conda.yaml").write_text(f"channels: [defaults]\ndependencies: [{package}]\n")
        with pytest.raises(UnusableEnvironment, match=rf"conda\.yaml: '{package}'.*under `pip:`"):
            gather(tmp_path, [])
