"""Functions: one word in every folder, a role and a log group each, and sizes."""

import importlib
import re
import zipfile
from pathlib import Path

import pytest

from cdk_app.bundling.code import build_code
from cdk_app.bundling.layer import build_layer
from cdk_app.bundling.recipe import ROOT, layer_recipe
from cdk_app.settings import stage_settings
from lambdas.runtime import FunctionEnvironment
from tests.infrastructure.template import Assembly, role_of
from tests.infrastructure.test_settings import Context

FOR_EVERYBODY = {"STAGE", "POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL"}
LARGEST_MIB = 150
"""A function with its layers, unzipped; Lambda's own limit is 250."""


def test_every_function_has_a_handler_and_a_use_case_of_its_name(dev: Assembly) -> None:
    """One word in every folder: `lambdas/<slice>/<name>.py` calls `sluiceway/<slice>/<name>.py`."""
    for module in _modules(dev):
        relative = f"{module.removeprefix('lambdas.').replace('.', '/')}.py"
        assert (ROOT / "lambdas" / relative).is_file()
        assert (ROOT / "sluiceway" / relative).is_file()


def test_every_handler_is_deployed(dev: Assembly) -> None:
    """A file in `lambdas/` that defines `handler` is a function of the template."""
    files = [path for path in (ROOT / "lambdas").glob("*/*.py") if _defines_handler(path)]
    assert {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files} == _modules(dev)


def test_every_function_has_a_role_and_a_log_group_of_its_own(assembly: Assembly) -> None:
    """What one function may do, no other may; and its logs end with their retention."""
    functions = assembly.properties("AWS::Lambda::Function")
    roles = {role_of(name, function["Role"]) for name, function in functions.items()}
    groups = {str(function["LoggingConfig"]["LogGroup"]) for function in functions.values()}
    assert functions
    assert len(functions) == len(roles) == len(groups)


def test_every_log_group_forgets(assembly: Assembly) -> None:
    """Logs without a retention are kept, and paid, for ever."""
    groups = assembly.properties("AWS::Logs::LogGroup")
    assert all(group["RetentionInDays"] for group in groups.values())


def test_every_function_says_its_timeout_memory_and_format(assembly: Assembly) -> None:
    """Lambda's defaults (3 s, 128 MB, plain text) fit none of them."""
    for function in assembly.properties("AWS::Lambda::Function").values():
        assert 10 <= function["Timeout"] <= 900
        assert function["MemorySize"] >= 256
        assert function["LoggingConfig"]["LogFormat"] == "JSON"
        assert function["TracingConfig"] == {"Mode": "Active"}


def test_every_function_gets_the_variables_that_its_handler_reads_and_no_others(dev: Assembly) -> None:
    """A missing one fails at run time, one too many tells a function what is none of its business."""
    for function in dev.properties("AWS::Lambda::Function").values():
        read = _variables_read(function["Handler"].removesuffix(".handler"))
        given = {name for name in function["Environment"]["Variables"] if name not in FOR_EVERYBODY}
        assert {name for name, required in read.items() if required} <= given <= set(read), function[
            "Handler"
        ]


def test_no_function_with_its_layers_is_too_large() -> None:
    """Every mebibyte is fetched at a cold start."""
    target = stage_settings(Context(stage="dev")).target
    parts = [build_layer("runtime", target), build_layer("arrow", target), build_code(target)]
    assert sum(_unzipped_mib(part.path) for part in parts) < LARGEST_MIB


def test_the_runtime_layer_holds_the_model_of_every_service_that_is_called() -> None:
    """botocore's other models, four fifths of its size, are cut away."""
    called = {
        service
        for folder in ("sluiceway", "lambdas")
        for path in (ROOT / folder).rglob("*.py")
        if "cli" not in path.parts
        for service in re.findall(r"""\bclient\(\s*["']([a-z-]+)["']""", path.read_text())
    }
    assert called
    assert called <= set(layer_recipe("runtime").aws_services)


def test_the_code_holds_no_command_line_and_no_tests() -> None:
    """Functions carry what they run, and what PrepareBuild puts into a build context."""
    with zipfile.ZipFile(build_code(stage_settings(Context(stage="dev")).target).path) as archive:
        names = archive.namelist()
    assert not [name for name in names if name.startswith(("sluiceway/cli", "tests/", "embedded/"))]
    assert {"lambdas/__init__.py", "sluiceway/errors.py", "requirements/container.txt"} <= set(names)


@pytest.mark.parametrize("layer", ["runtime", "arrow"])
def test_a_layer_is_made_once_for_each_content(layer: str) -> None:
    """A second synth finds it."""
    target = stage_settings(Context(stage="dev")).target
    first = build_layer(layer, target)
    made = first.path.stat().st_mtime_ns
    build_layer.cache_clear()
    assert build_layer(layer, target) == first
    assert first.path.stat().st_mtime_ns == made


def _modules(assembly: Assembly) -> set[str]:
    functions = assembly.properties("AWS::Lambda::Function").values()
    return {function["Handler"].removesuffix(".handler") for function in functions}


def _variables_read(module: str) -> dict[str, bool]:
    """Variable → whether it is required, of the environment model that the handler's module names."""
    models = [
        value
        for value in vars(importlib.import_module(module)).values()
        if isinstance(value, type) and issubclass(value, FunctionEnvironment)
    ]
    model = max(models, key=lambda each: len(each.__mro__))
    fields = model.model_fields.items()
    return {name.upper(): field.is_required() for name, field in fields if name != "stage"}


def _defines_handler(path: Path) -> bool:
    return re.search(r"^def handler\(", path.read_text(), re.MULTILINE) is not None


def _unzipped_mib(path: Path) -> float:
    with zipfile.ZipFile(path) as archive:
        return sum(entry.file_size for entry in archive.infolist()) / 2**20
