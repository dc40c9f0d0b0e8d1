"""Everything that is wrong with a project is told at once, each with file and line."""

import re
from pathlib import Path

import pytest

from sluiceway.errors import InvalidProject
from sluiceway.projects.read_project import read_project, validate_directory
from sluiceway.projects.sluice_yaml import validate
from tests.corpus.bounds import bounded
from tests.fakes.samples import MLPROJECT, SLUICE_YAML, MemoryTree, project_files

WRONG: dict[str, tuple[str, str, str]] = {
    "unknown key": ("gate:", "gait:", "sluice.yaml:10: gait: is not known here"),
    "missing key": ("gate: {", "# {", "sluice.yaml:1: gate: is missing"),
    "wrong type": ("minimum: 0.6", "minimum: high", "sluice.yaml:10: gate.minimum: "),
    "not offered": (
        'prepared: "{steps.prepare}"}',
        'prepared: "{steps.prepare}"}\n    resources: {vcpu: 0.7}',
        "sluice.yaml:8: steps.train.resources: vcpu 0.7 is not offered",
    ),
    "bad name": ("flight-delay", "Flight_Delay", "sluice.yaml:1: project: "),
    "unknown metric": ("metric: roc_auc", "metric: rmse", "sluice.yaml:10: gate.metric: 'rmse' is not"),
    "unknown model step": ("{step: train}", "{step: fit}", "sluice.yaml:8: model.step: 'fit' is not one of"),
    "key twice": ("model:", "data: [x]\nmodel:", "sluice.yaml:8: 'data' stands here a second time"),
    "no entry point": ("  train:", "  fit:", "is not"),
    "unknown parameter": ("{prepared:", "{prepard:", "sluice.yaml:7: steps.train.parameters.prepard: "),
    "missing value": ("{prepared:", "{depth:", "steps.train.parameters: 'prepared' has no default"),
    "unknown dataset": ("{data.flights}", "{data.planes}", "{data.planes} is not known here: use {output}"),
    "later step": ("{data.flights}", "{steps.train}", "{steps.train} is not known here"),
    "not YAML": ("data: [flights]", "data: [flights", "is not valid YAML"),
    "a tab": ("data: [flights]", "\tdata: [flights]", "sluice.yaml:2: is not valid YAML"),
    "not a mapping": (SLUICE_YAML, "- a list\n", "sluice.yaml:1: must hold a mapping"),
    "nothing": (SLUICE_YAML, "", "sluice.yaml:1: must hold a mapping"),
    "near miss": ("parameters:", "paramaters:", "paramaters: is not known here: did you mean 'parameters'?"),
    "a number that is none": ("minimum: 0.6", "minimum: .nan", "gate.minimum: should be a finite number"),
    "an empty range": (
        "minimum: 0.6",
        "minimum: 1, maximum: 0",
        "gate: minimum 1 is above maximum 0",
    ),
    "a way out": ("prepare/", "prepare/../../", "evaluate.holdout: "),
    "a bad date": ("model:", "x: 2024-13-45\nmodel:", "sluice.yaml:8: is not valid YAML: '2024-13-45' is no"),
    "a bad tag": ("model:", "x: !!bool maybe\nmodel:", "'maybe' is no bool: put it in quotes"),
    "a zero": ("model:", "\0model:", "sluice.yaml:8: is not valid YAML: the character U+0000 is not allowed"),
    "a key that is no text": ("  train:", "  on: {}\n  train:", "the key on is no text: put it in quotes"),
    "a key that is a list": (
        "model:",
        "? [a]\n: b\nmodel:",
        "sluice.yaml:8: the key (a list or a mapping) is no text",
    ),
    "a truth value for a name": ("flight-delay", "no", "sluice.yaml:1: project: should be text: put it in"),
    "a dataset without a list": ("[flights]", "flights", "data: should be a list of datasets: [flights]"),
    "no dataset": ("[flights]", "[]", "sluice.yaml:2: data: should not be empty"),
    "near miss of a setting": ("[flights]", "{flights: {setle: 5m}}", "did you mean 'settle'?"),
    "no duration": ("[flights]", "{flights: {settle: 1h30m}}", "'1h30m' is no duration: write seconds, or"),
    "no truth value": ("minimum: 0.6", "approval: ja", "gate.approval: should be true or false"),
    "a second document": (
        "gate:",
        "---\ngate:",
        "sluice.yaml:10: is not valid YAML: a second document: keep",
    ),
    "a colon in a value": ("flight-delay", "flight: delay", "put text with a colon in quotes"),
    "a date for a parameter": (
        '"{steps.prepare}"',
        "2013-01-01",
        "sluice.yaml:7: steps.train.parameters.prepared: should be text or a whole number or a number",
    ),
    "no Parquet": (
        "holdout.parquet",
        "holdout.csv",
        "evaluate.holdout: should be STEP/PATH of a Parquet file",
    ),
    "no instance type": ("gate:", "deploy: {instance_type: m5}\ngate:", "should be an instance type of Sage"),
    "python objects": ("[flights]", "!!python/object/apply:os.system [id]", "is not valid YAML"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_mistake_in_sluice_yaml_is_told_with_its_line(kind: str) -> None:
    """The message names file, line and key, and says what is allowed."""
    old, new, message = WRONG[kind]
    with pytest.raises(InvalidProject) as caught:
        read_project(MemoryTree(project_files(sluice_yaml=SLUICE_YAML.replace(old, new, 1))))
    assert message in str(caught.value)


WRONG_MLPROJECT: dict[str, tuple[str, str, str]] = {
    "no command": (
        'command: "python train.py {prepared} {depth}"',
        "x: 1",
        "MLproject:7: entry_points.train: ",
    ),
    "unknown field": ("{depth}", "{dept}", "entry_points.train.command: {dept} is not a parameter"),
    "brace": ("{depth}", "{", "write {{ and }}"),
    "field in a format": ("{depth}", "{depth:>{wide}}", "{wide} is not a parameter of this entry point"),
    "unknown type": ("prepared: path", "prepared: folder", "'folder' is not one of string, float, path, uri"),
    "docker": (
        "python_env: python_env.yaml",
        "docker_env: {image: x}",
        "MLproject:2: docker_env: is not supported",
    ),
    "missing environment": (
        "python_env.yaml",
        "env.yaml",
        "MLproject:2: python_env: there is no file 'env.yaml'",
    ),
    "a key that is no text": ("  train:", "  no:\n    command: x\n  train:", "the key no is no text"),
    "a list as default": ("prepared: path", "prepared: {default: [1]}", "and a plain default"),
    "two environments": ("python_env:", "conda_env: c.yaml\npython_env:", "name one of them"),
    "no entry points": (MLPROJECT, "name: x\n", "must name at least one entry point"),
}


@pytest.mark.parametrize("kind", WRONG_MLPROJECT)
def test_a_mistake_in_mlproject_is_told_with_its_line(kind: str) -> None:
    """By MLflow's own rules, without running MLflow."""
    old, new, message = WRONG_MLPROJECT[kind]
    with pytest.raises(InvalidProject) as caught:
        read_project(MemoryTree(project_files(MLproject=MLPROJECT.replace(old, new, 1))))
    assert message in str(caught.value)


def test_all_mistakes_are_told_at_once() -> None:
    """Both files are read, whatever is wrong with the first."""
    files = project_files(MLproject=None, sluice_yaml="project: X\nnonsense: 1\n")
    with pytest.raises(InvalidProject) as caught:
        read_project(MemoryTree(files))
    lines = str(caught.value).splitlines()
    assert lines[0] == "MLproject: is missing: put it at the top of the project's folder"
    assert any(line.startswith("sluice.yaml:1: project: ") for line in lines)
    assert any(line.startswith("sluice.yaml:2: nonsense: ") for line in lines)


def test_environment_files_are_followed_through_requirements() -> None:
    """The image depends on every file that the environment names, and on no other."""
    files = project_files(requirements_txt="-r more/base.txt\nscikit-learn\n-c limits.txt # pins\n")
    files |= {"more/base.txt": b"--requirement=../limits.txt\nnumpy\n", "limits.txt": b"numpy<3\n"}
    found = read_project(MemoryTree(files)).mlproject.environment_files
    assert found == ("python_env.yaml", "requirements.txt", "more/base.txt", "limits.txt")


def test_conda_environments_are_followed_too() -> None:
    """pip's lines stand under `- pip:` there, and conda.yaml is found by its name."""
    files = project_files(MLproject=MLPROJECT.replace("python_env: python_env.yaml\n", ""))
    del files["python_env.yaml"]
    files["conda.yaml"] = b"dependencies:\n  - python=3.11\n  - pip:\n      - -r requirements.txt\n"
    found = read_project(MemoryTree(files)).mlproject.environment_files
    assert found == ("conda.yaml", "requirements.txt")


def test_parameters_are_read_as_mlflow_reads_them() -> None:
    """Its own examples write `int`, further keys are ignored, and a default is written as Python does."""
    text = MLPROJECT.replace("prepared: path", "prepared: {type: int, default: true, description: x}")
    project = read_project(MemoryTree(project_files(MLproject=text))).mlproject
    assert project.entry_points["train"].parameters["prepared"].default == "True"


@pytest.mark.parametrize(
    ("name", "message"),
    [("mlproject", "rename mlproject to MLproject"), ("src/MLproject", "there is src/MLproject: it must")],
)
def test_a_file_under_another_name_is_pointed_out(name: str, message: str) -> None:
    """Both are common: MLflow takes any case, and people pack the folder above."""
    files = project_files(MLproject=None) | {name: MLPROJECT.encode()}
    with pytest.raises(InvalidProject, match=message):
        read_project(MemoryTree(files))


@pytest.mark.parametrize("line", ["-e .", "--editable=./lib", "./lib", "../lib", "file:x", "pkg @ file:///x"])
def test_a_local_path_among_requirements_is_told(line: str) -> None:
    """Images hold no code of a project, so that a push of code builds none: pip would fail there."""
    with pytest.raises(InvalidProject, match=r"requirements.txt:2: .* is a local path"):
        read_project(MemoryTree(project_files(requirements_txt=f"numpy\n{line}\n")))


def test_requirements_from_elsewhere_are_none_of_our_business() -> None:
    """Options, markers, addresses: pip decides."""
    lines = ["-e  git+https://x.test/y.git#egg=y", "z @ https://x.test/z.whl", "--index-url https://x.test/"]
    read_project(MemoryTree(project_files(requirements_txt="\n".join([*lines, 'a; python_version<"4"']))))


def test_a_long_chain_of_requirements_is_followed_to_its_end() -> None:
    """Two thousand files that each include the next are no deeper than Python's stack."""
    files = {f"r{number}.txt": f"-r r{number + 1}.txt".encode() for number in range(2000)}
    files |= project_files(requirements_txt="-r r0.txt") | {"r2000.txt": b"numpy"}
    assert len(read_project(MemoryTree(files)).mlproject.environment_files) == 2003


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dependencies: numpy\n", "python_env.yaml:1: dependencies: must be a list"),
        ('python: ">=3.11"\n', "python_env.yaml:1: python: '>=3.11' does not work"),
        ("python: 3.10\n", "python_env.yaml:1: python: '3.1' does not work"),
    ],
)
def test_an_environment_that_could_not_be_built_is_told(text: str, message: str) -> None:
    """Now, not minutes later by the build; text for a list would be read letter by letter."""
    with pytest.raises(InvalidProject, match=message):
        read_project(MemoryTree(project_files() | {"python_env.yaml": text.encode()}))


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("numpy==2\n", "more.txt: is more than 4194304 bytes"),
        ("-r z\n", "and 950 more"),
        ("\n", "more.txt: is more"),
    ],
)
def test_requirements_without_an_end_are_not_read_to_it(line: str, complaint: str) -> None:
    """An archive of a megabyte may unpack to 200 of them; each line kept would take gigabytes."""
    files = project_files(requirements_txt="-r most.txt\n-r more.txt\n")
    files |= {name: line.encode() * (3 * 2**20 // len(line)) for name in ("most.txt", "more.txt")}
    with bounded(seconds=30, mebibytes=768), pytest.raises(InvalidProject, match=re.escape(complaint)):
        read_project(MemoryTree(files))


CONDA = "channels: [defaults]\ndependencies:\n  - python=3.12\n  - pip>=20\n  - {}\n  - pip: [mlflow]\n"


@pytest.mark.parametrize(
    ("package", "complaint"),
    [
        ("numpy=1.14.3", "'numpy=1.14.3' is a conda package.*list it under"),
        ("python-dateutil", "is a conda package"),
        ("python=3.8", "'python=3.8' does not work: name a version from 3.11 on"),
        ("python=3.7.7=hcff3b4d_5", "does not work"),
    ],
)
def test_a_conda_package_that_pip_cannot_install_is_told(package: str, complaint: str) -> None:
    """With its line, and before the build: MLflow's older examples list most of theirs so."""
    files = project_files(MLproject=MLPROJECT.replace("python_env: python_env.yaml", "conda_env: conda.yaml"))
    files["conda.yaml"] = CONDA.format("setuptools").encode()
    read_project(MemoryTree(files))
    files["conda.yaml"] = CONDA.format(package).encode()
    with pytest.raises(InvalidProject, match=rf"conda.yaml:5: dependencies.2: .*{complaint}"):
        read_project(MemoryTree(files))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_requirements_are_read_in_the_encoding_of_their_mark(encoding: str) -> None:
    """As pip reads them: PowerShell writes UTF-16, and its first line may name another file."""
    files = project_files() | {"requirements.txt": "-r base.txt\n".encode(encoding), "base.txt": b"numpy\n"}
    assert read_project(MemoryTree(files)).mlproject.environment_files[-1] == "base.txt"


def test_a_text_in_another_encoding_is_told_with_its_line() -> None:
    """And with what to do."""
    text = SLUICE_YAML.encode() + "# für die Flüge\n".encode("latin-1")
    with pytest.raises(
        InvalidProject, match=r"sluice.yaml:11: is not UTF-8 text: .*: save the file as UTF-8"
    ):
        validate(text)


def test_thousands_of_mistakes_are_counted_after_the_first_fifty() -> None:
    """The reason of a refusal is read by people, and travels in events of limited size."""
    text = SLUICE_YAML + "".join(f"x{number}: 1\n" for number in range(3000))
    with pytest.raises(InvalidProject, match="and 2950 more") as caught:
        validate(text)
    assert len(str(caught.value).splitlines()) == 51


@pytest.mark.parametrize("line", ["-r missing.txt", "-r ../outside.txt", "-r /etc/passwd"])
def test_a_requirements_file_that_is_not_in_the_project_is_told(line: str) -> None:
    """Also when it would lie outside: nothing outside the project is ever read."""
    with pytest.raises(InvalidProject, match=r"requirements.txt:1: names '.*', which is not in the project"):
        read_project(MemoryTree(project_files(requirements_txt=line)))


def test_yaml_that_unfolds_to_gigabytes_is_refused() -> None:
    """A few aliases of aliases are billions of values; one that holds itself never ends."""
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
    for text in (bomb, "a: &a [*a]\n"):
        with pytest.raises(InvalidProject, match="unfolds to over"):
            validate(text)


def test_a_folder_is_validated_without_raising(tmp_path: Path) -> None:
    """`sluice validate` prints what this returns."""
    for path, content in project_files(sluice_yaml=SLUICE_YAML.replace("gate:", "gait:")).items():
        (tmp_path / path).write_bytes(content)
    assert [str(problem) for problem in validate_directory(tmp_path)] == [
        "sluice.yaml:1: gate: is missing",
        "sluice.yaml:10: gait: is not known here: did you mean 'gate'?",
    ]
    assert "is not a folder" in str(validate_directory(tmp_path / "nowhere")[0])


def test_the_example_project_is_valid() -> None:
    """What the demo pushes has no problems."""
    assert validate_directory(Path(__file__).parents[3] / "projects/flight_delay") == []
