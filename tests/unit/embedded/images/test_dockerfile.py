"""What a Dockerfile may say, and what is refused by name and line."""

import pytest

from embedded.images.dockerfile import DockerfileError, expand
from embedded.images.plan import Copy, Run, make_plan

START = "FROM python:3.13-slim\nWORKDIR /opt/app\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("FROM python:3.13\nHEALTHCHECK CMD true", "Dockerfile:2: HEALTHCHECK is not known"),
        ("FROM python:3.13\n\n# why\nADD a b", "Dockerfile:4: ADD is not known"),
        ("FROM ubuntu:24.04", "Dockerfile:1: FROM ubuntu:24.04"),
        ("FROM python:3.13 AS a\nFROM python:3.13", "Dockerfile:2: a second FROM"),
        ("RUN true", "Dockerfile:1: RUN stands before FROM"),
        ("# nothing", "there is no instruction"),
        (START + "COPY --from=uv /uv /bin/", "Dockerfile:3: COPY --from"),
        (START + "RUN --mount=type=secret,id=x true", "only type=cache"),
        (START + "RUN a && apt-get update", "Dockerfile:3: RUN apt-get"),
        (START + "RUN X=1 \\\n  apt-get update", "Dockerfile:3: RUN apt-get"),
        (START + "RUN <<EOF", "here-documents"),
        (START + "ENV A", "write KEY=value"),
        (START + "COPY one", "COPY needs a source and a destination"),
        ("# escape=`\nFROM python:3.13", "escape"),
    ],
)
def test_what_is_not_known_is_refused_by_name_and_line(text: str, words: str) -> None:
    """Nothing is guessed and nothing is skipped."""
    with pytest.raises(DockerfileError, match=".*" + __import__("re").escape(words)):
        make_plan(text, {})


def test_arguments_and_variables_are_expanded() -> None:
    """An ARG before FROM chooses the base; a later ARG takes its value only when it is declared again."""
    text = (
        "ARG V=3.13\nFROM python:${V}\nARG V\nARG WHO=me\nENV A=$V B='x y'\nENV C=${A}-${B}\nLABEL who=$WHO"
    )
    plan = make_plan(text, {"WHO": "you"})
    assert (plan.base, plan.env["C"], plan.labels) == ("python:3.13", "3.13-x y", {"who": "you"})


def test_a_default_stands_in_for_what_is_not_set() -> None:
    """`:-` and `:+` work as in Docker."""
    assert expand("${A:-a} ${B:+b} $C.", {"B": "1"}) == "a b ."


def test_json_and_shell_forms_give_commands() -> None:
    """The shell form runs through sh; a CMD before ENTRYPOINT is forgotten."""
    plan = make_plan(START + 'CMD old\nENTRYPOINT ["python", "-m", "x"]\nCMD serve --port 1', {})
    assert plan.entrypoint == ("python", "-m", "x")
    assert plan.cmd == ("/bin/sh", "-c", "serve --port 1")


def test_steps_keep_the_folder_and_environment_of_their_place() -> None:
    """A RUN sees the WORKDIR and ENV as they are at its line."""
    plan = make_plan(START + "ENV A=1\nRUN one\nWORKDIR sub\nENV A=2\nCOPY a b ./\nRUN two", {})
    first, copy, second = plan.steps
    assert isinstance(first, Run)
    assert isinstance(second, Run)
    assert (first.workdir, first.env["A"]) == ("/opt/app", "1")
    assert (second.workdir, second.env["A"]) == ("/opt/app/sub", "2")
    assert copy == Copy(7, ("a", "b"), "/opt/app/sub", into_folder=True, mode=None)
