"""What fuzzing starts from: right inputs, the corpus of bad ones, and what was found."""

from collections.abc import Callable, Mapping
from pathlib import Path

from tests.corpus.archives import HARMLESS, HOSTILE
from tests.corpus.names import INJECTED
from tests.corpus.yaml_texts import BAD_YAML
from tests.fakes.samples import MLPROJECT, SLUICE_YAML, project_files, zipped

FOUND = Path(__file__).parents[1] / "corpus" / "found"
"""Inputs by target that once made a target fail, each a file."""
EVENTS = Path(__file__).parents[1] / "events"
LARGEST = 8 * 1024
"""Fuzzing changes small inputs more often."""


def seeds(target: str) -> list[bytes]:
    """Inputs of a target; those that were found come last."""
    given = _SEEDS.get(target, list)()
    kept = [path.read_bytes() for path in sorted((FOUND / target).glob("*"))]
    return [seed for seed in given if len(seed) <= LARGEST] + kept


def _archives() -> list[bytes]:
    small = [make for kind, (make, _) in [*HOSTILE.items(), *HARMLESS.items()] if "0,000" not in kind]
    return [zipped(project_files()), *(make() for make in small)]


def _yaml() -> list[bytes]:
    texts = [SLUICE_YAML, MLPROJECT, *(make() for make, _ in BAD_YAML.values())]
    return [text.encode() if isinstance(text, str) else text for text in texts]


def _crons() -> list[bytes]:
    return [
        b"0 6 * * 1-5", b"*/15 8-17 1,15 jan-jun ?", b"cron(0 6 ? * MON#2 2026-2030)", b"0 0 30 2 *",
        b"@daily", b"0 0 L * ? *", b"0 0 15W * ? *", b"cron(0 6 ? * 6L *)", b"61 24 0 13 8", b"* * * * * * *",
    ]  # fmt: skip


def _rules() -> list[bytes]:
    return [
        b"FREQ=WEEKLY;BYDAY=MO;BYHOUR=6", b"DTSTART:20260101T060000\nRRULE:FREQ=DAILY;INTERVAL=2;COUNT=5",
        b"FREQ=MONTHLY;BYDAY=-1FR;BYSETPOS=1", b"FREQ=YEARLY;BYEASTER=0", b"FREQ=SECONDLY", b"RRULE:",
        b"DTSTART;TZID=Europe/Berlin:20261024T023000\nRRULE:FREQ=HOURLY;UNTIL=20261026T000000Z",
    ]  # fmt: skip


def _payloads() -> list[bytes]:
    return [path.read_bytes() for path in sorted(EVENTS.rglob("*.json"))]


def _hooks() -> list[bytes]:
    return [bytes([number % 7]) + payload for number, payload in enumerate(_payloads() * 2)]


def _names() -> list[bytes]:
    return [text.encode("utf-8", "replace") for text in INJECTED if len(text) < 100]


def _manifests() -> list[bytes]:
    return [
        b'{"count": 1, "bytes": 3}', b'{"files": [{"path": "a.csv", "size": 3}]}', b"[]", b"{",
        b'{"count": -1}', b'{"files": [{"path": "../a", "sha256": "x"}]}', b'{"count": 1e999}', b"[" * 5000,
    ]  # fmt: skip


def _commands() -> list[bytes]:
    return [
        b"/sluice run p --dataset d@v --param k=v --force",
        b"/sluice deploy p 3",
        b"/sluice run 'p",
        b"/sluice",
    ]


_SEEDS: Mapping[str, Callable[[], list[bytes]]] = {
    "archive": _archives,
    "sluice_yaml": _yaml,
    "mlproject": _yaml,
    "requirements": lambda: [b"-r a.txt\nnumpy==1 ; python_version<'4'\n", b"-e .\n--hash=x", b"\xff\xfe"],
    "s3_event": _payloads,
    "keys": _names,
    "cron": _crons,
    "rrule": _rules,
    "webhook": _hooks,
    "command": _commands,
    "manifest": _manifests,
    "dead_letter": _payloads,
    "since": lambda: [
        b"2h",
        b"2026-11-20",
        b"2026-11-20T12:00:00+01:00",
        b"0001-01-01",
        b"9999-12-31T23:59-23:59",
    ],
}
