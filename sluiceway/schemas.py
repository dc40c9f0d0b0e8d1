"""Writes the JSON Schema of every contract, or checks that the written ones are current.

`python -m sluiceway.schemas schemas` writes; with `--check` it only compares (exit 1 on a difference).
"""

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson

import sluiceway
from sluiceway.contract import Contract

SLUICE_YAML = "sluice.schema.json"
"""The schema that editors use to complete `sluice.yaml`."""


def main(arguments: list[str]) -> int:
    """Write or check; 0 when all is current."""
    check = "--check" in arguments
    folder = Path(next(argument for argument in arguments if not argument.startswith("-")))
    wanted = dict(rendered())
    if check:
        return _report(folder, wanted)
    for path, text in wanted.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text)
    for path in _present(folder) - set(wanted):
        (folder / path).unlink()
    return 0


def rendered() -> Iterator[tuple[str, bytes]]:
    """Relative path and bytes of each schema."""
    for slice_name, contract in contracts():
        yield f"{slice_name}/{contract.__name__}.json", _dump(contract)
        if contract.__name__ == "SluiceConfig":
            yield SLUICE_YAML, _dump(contract)


def contracts() -> Iterator[tuple[str, type[Contract]]]:
    """Slice and class of each contract that is defined in a slice's `contracts` module."""
    for found in pkgutil.iter_modules(sluiceway.__path__):
        if not found.ispkg or not _has_contracts(found.name):
            continue
        module = importlib.import_module(f"sluiceway.{found.name}.contracts")
        for _, contract in inspect.getmembers(module, _is_contract):
            if contract.__module__ == module.__name__:
                yield found.name, contract


def _has_contracts(slice_name: str) -> bool:
    return (Path(sluiceway.__path__[0]) / slice_name / "contracts.py").exists()


def _is_contract(member: object) -> bool:
    return inspect.isclass(member) and issubclass(member, Contract)


def _dump(contract: type[Contract]) -> bytes:
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(contract.model_json_schema(), option=options)


def _present(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*.json")}


def _report(folder: Path, wanted: dict[str, bytes]) -> int:
    differing = {path for path, text in wanted.items() if _read(folder / path) != text}
    differing |= _present(folder) - set(wanted)
    for path in sorted(differing):
        sys.stderr.write(f"{folder / path} is not current: run `make schemas` and commit the result\n")
    return 1 if differing else 0


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
