"""In what the inputs of two runs differ. Pure."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sluiceway.gateways.records import CodePointer, RunRecord
from sluiceway.triggers.explanation import Difference

_DIGITS = 12
_NOWHERE = object()


def compare_runs(
    before: RunRecord, now: RunRecord, code_before: CodePointer | None, code_now: CodePointer | None
) -> tuple[Difference, ...]:
    """Code, datasets, parameters, steps and configuration, in this order; nothing where all is equal."""
    return (
        *_differences("code", {"": _code(before)}, {"": _code(now)}),
        *_differences("data ", _short(before.dataset_versions), _short(now.dataset_versions)),
        *_differences("parameter ", before.parameters, now.parameters),
        *_differences("", _manner(before), _manner(now)),
        *_differences("config ", _config(code_before), _config(code_now)),
    )


def _differences(kind: str, before: Mapping[str, object], now: Mapping[str, object]) -> Iterator[Difference]:
    for name in dict.fromkeys([*before, *now]):
        old, new = before.get(name, _NOWHERE), now.get(name, _NOWHERE)
        if old != new:
            yield Difference(what=f"{kind}{name}", before=_text(old), now=_text(new))


def _code(run: RunRecord) -> str:
    version = (run.code_version or "none")[:_DIGITS]
    return f"{version} ({run.commit.sha[:7]})" if run.commit else version


def _short(versions: Mapping[str, str]) -> dict[str, object]:
    return {name: version[:_DIGITS] for name, version in versions.items()}


def _manner(run: RunRecord) -> dict[str, object]:
    return {"steps": " ".join(run.steps) or "all", "preview": run.preview}


def _config(code: CodePointer | None) -> dict[str, object]:
    return dict(_flat(json.loads(code.config))) if code else {}


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    """`{"gate": {"minimum": 0.6}}` as `gate.minimum`, `0.6`."""
    for name, inner in value.items():
        if isinstance(inner, Mapping) and inner:
            yield from _flat(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", inner


def _text(value: object) -> str | None:
    if value is _NOWHERE:
        return None
    return value if isinstance(value, str) else json.dumps(value)
