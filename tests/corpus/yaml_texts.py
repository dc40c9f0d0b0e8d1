"""YAML that takes more than it should: how each is made, and what is to be said of it."""

from collections.abc import Callable, Mapping

from tests.fakes.samples import MLPROJECT, SLUICE_YAML

KIB = 1024


def aliases(depth: int, width: int) -> str:
    """Aliases of aliases: `width` to the power of `depth` values in a few lines."""
    first = f"a0: &a0 [{', '.join(['x'] * width)}]\n"
    return first + "".join(
        f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * width)}]\n" for level in range(1, depth)
    )


def merges(depth: int) -> str:
    """Merge keys of merge keys."""
    first = "a0: &a0 {k: v}\n"
    more = (f"a{level}: &a{level}\n  <<: [*a{level - 1}, *a{level - 1}]\n" for level in range(1, depth))
    return first + "".join(more)


def deep(opening: str, closing: str, depth: int) -> str:
    """Something within something within something."""
    return "x: " + opening * depth + closing * depth + "\n"


BAD_YAML: Mapping[str, tuple[Callable[[], str | bytes], str]] = {
    "billion laughs": (lambda: aliases(9, 9), "unfolds to over"),
    "aliases two by two": (lambda: aliases(40, 2), "unfolds to over"),
    "merges": (lambda: merges(30), "unfolds to over|is not known here"),
    "an alias of itself": (lambda: "a: &a [*a]\n", "unfolds to over"),
    "two aliases of each other": (lambda: "a: &a [&b [*a], *b]\n", "unfolds to over"),
    "a mapping in itself": (lambda: "a: &a {b: *a}\n", "unfolds to over"),
    "a key that is itself": (lambda: "? &a [*a]\n: b\n", "unfolds to over"),
    "an alias of nothing": (lambda: "a: *b\n", "is not valid YAML"),
    "deep lists": (lambda: deep("[", "]", 30_000), "nested too deeply"),
    "deep mappings": (lambda: deep("{a: ", "}", 10_000), "nested too deeply"),
    "deep lists, never closed": (lambda: deep("[", "", 60_000), "nested too deeply|is not valid YAML"),
    "deep blocks": (
        lambda: "".join(f"{' ' * level}a:\n" for level in range(300)),
        "nested too deeply|known here",
    ),
    "deep dashes": (lambda: "x:\n " + "- " * 30_000 + "a\n", "nested too deeply|is not valid YAML"),
    "deep keys": (lambda: "? " * 20_000 + "a\n", "nested too deeply|is not valid YAML|must hold"),
    "a huge scalar": (lambda: f"project: {'x' * 63 * KIB}\n", "project: "),
    "a huge folded scalar": (lambda: "project: >\n" + "  x\n" * 15_000, "project: "),
    "a huge number": (lambda: f"project: {'9' * 60 * KIB}\n", "put it in quotes|should be text"),
    "a huge number in base 60": (
        lambda: f"project: {'9:' * 20_000}9\n",
        "put it in quotes|should be text|known",
    ),
    "a huge float": (lambda: f"project: 1e{'9' * 1000}\n", "should be text|put it in quotes|project: "),
    "a huge key": (lambda: f"{'k' * 1000}: 1\n", "is not known here"),
    "a key over 1,024 characters": (lambda: f"{'k' * 2000}: 1\n", "is not valid YAML|is not known here"),
    "60,000 keys": (lambda: "".join(f"k{number}:\n" for number in range(8000)), "is not known here|unfolds"),
    "comments without an end": (lambda: "# x\n" * 16_000, "must hold a mapping"),
    "anchors without an end": (
        lambda: "x: " + "".join(f"&a{number} " for number in range(6000)),
        "valid YAML",
    ),
    "tags without an end": (lambda: "x: " + "!!str " * 9000 + "y", "valid YAML"),
    "over 64 KiB": (lambda: "x: 1\n" * 14_000, "the limit is 65536"),
    "100 MiB": (lambda: b"x" * 100 * KIB * KIB, "the limit is 65536"),
    "two documents": (lambda: SLUICE_YAML + "---\n" + SLUICE_YAML, "is not valid YAML"),
    "python objects": (lambda: "x: !!python/object/apply:os.system [id]\n", "is not valid YAML|known here"),
    "python names": (lambda: "x: !!python/name:os.system\n", "is not valid YAML"),
    "a tag of one's own": (lambda: "!evil {project: x}\n", "is not valid YAML|must hold"),
    "binary": (lambda: "project: !!binary aGVsbG8=\n", "is missing"),
    "a set": (lambda: "project: !!set {a, b}\n", "project: "),
    "an ordered map": (lambda: "project: !!omap [a: 1]\n", "project: "),
    "a date": (lambda: "project: 2026-11-21\n", "project: should be text"),
    "NUL": (lambda: "pro\0ject: x\n", "U\\+0000 is not allowed"),
    "escape": (lambda: "project: \x1b[2J\n", "U\\+001B is not allowed"),
    "half a character": (lambda: b"project: \xed\xa0\x80\n", "is not UTF-8"),
    "UTF-16": (lambda: SLUICE_YAML.encode("utf-16"), "is not UTF-8"),
    "UTF-32": (lambda: SLUICE_YAML.encode("utf-32"), "is not UTF-8|not allowed"),
    "Latin-1": (lambda: "project: é\n".encode("latin-1"), "is not UTF-8"),
    "a directive": (lambda: "%YAML 9.9\n---\nproject: x\n", "is not valid YAML"),
    "a value of NaN": (lambda: SLUICE_YAML.replace("0.6", ".nan"), "should be a finite number"),
    "a value of infinity": (lambda: SLUICE_YAML.replace("0.6", ".inf"), "should be a finite number"),
    "nothing": (lambda: "", "must hold a mapping"),
    "a list": (lambda: "- a\n", "must hold a mapping"),
    "text": (lambda: "project\n", "must hold a mapping"),
    "JSON of another kind": (lambda: '{"project": {"project": {"project": 1}}}', "project: "),
    "an MLproject": (lambda: MLPROJECT, "is not known here"),
}
"""What each is called: how it is made, and a pattern of what is said of it."""
