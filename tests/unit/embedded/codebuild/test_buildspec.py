"""What a buildspec may say, and what is refused by name."""

import re

import pytest

from embedded.codebuild.buildspec import BuildspecError, parse_buildspec

GOOD = """
version: 0.2
env:
  shell: bash
  variables: {A: 1}
  exported-variables: [A]
phases:
  install: {runtime-versions: {python: 3.13}}
  build: {commands: ["make", true], finally: [echo], on-failure: CONTINUE}
"""


def test_phases_are_read_in_their_order() -> None:
    """Those that are missing are empty."""
    spec = parse_buildspec(GOOD)
    assert [phase.name for phase in spec.phases] == ["INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD"]
    assert (spec.phases[2].commands, spec.phases[2].finally_) == (("make", "True"), ("echo",))
    assert (spec.variables, spec.exported) == ({"A": "1"}, ("A",))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[", "is not YAML"),
        ("a", "must be a mapping"),
        ("version: 0.1\nphases: {build: {}}", "version: 0.1"),
        ("version: 0.2", "there is none"),
        ("version: 0.2\nreports: {}", "'reports' is not supported"),
        ("version: 0.2\nbatch: {}", "'batch' is not supported"),
        ("version: 0.2\nphases: {build: {}}\nartifacts: {files: [../a]}", "leaves the source"),
        ("version: 0.2\nphases: {build: {}}\nartifacts: {secondary-artifacts: {}}", "'secondary-artifacts'"),
        ("version: 0.2\nphases: {deploy: {}}", "phases: 'deploy'"),
        ("version: 0.2\nphases: {build: {run-as: x}}", "phases.build: 'run-as'"),
        ("version: 0.2\nphases: {build: {commands: make}}", "phases.build.commands: must be a list"),
        ("version: 0.2\nphases: {build: {commands: [{a: b}]}}", "quote commands"),
        ("version: 0.2\nphases: {build: {on-failure: RETRY}}", "use ABORT or CONTINUE"),
        ("version: 0.2\nenv: {shell: zsh}\nphases: {build: {}}", "env.shell: 'zsh'"),
    ],
)
def test_what_is_not_known_is_refused_by_name(text: str, words: str) -> None:
    """The message names the key."""
    with pytest.raises(BuildspecError, match=re.escape(words)):
        parse_buildspec(text)


def test_artifacts_are_read() -> None:
    """Which files, from where, and which not."""
    text = (
        "version: 0.2\nphases: {build: {}}\nartifacts: {files: [a], base-directory: out, discard-paths: yes}"
    )
    found = parse_buildspec(text).artifacts
    assert found is not None
    assert (found.files, found.base_directory, found.discard_paths) == (("a",), "out", True)
