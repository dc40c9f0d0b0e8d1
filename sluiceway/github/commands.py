"""What a comment or a dispatch asks for, read into a command.

/sluice run [PROJECT] [--dataset NAME@VERSION]… [--param K=V]… [--step S]… [--code VERSION] [--force]
/sluice deploy PROJECT VERSION      the model version that was registered
/sluice approve RUN                 what a run made, and its gate let through
/sluice rollback PROJECT            what was live before
"""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sluiceway.errors import PermanentError
from sluiceway.names import check_name

Verb = Literal["run", "deploy", "approve", "rollback"]
MOST_WORDS = 60
LONGEST_LINE = 1000
LONGEST_INPUT = 2000
"""Characters that are carried on. What has as many may have been cut, and so is not followed."""


class InvalidCommand(PermanentError):
    """A command that nobody can follow; the message says how it is written."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """What is asked for. Names are checked; whether they exist is found out later."""

    verb: Verb
    project: str | None = None
    model_version: str | None = None
    run_id: str | None = None
    code_version: str | None = None
    dataset_versions: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    steps: tuple[str, ...] = ()
    force: bool = False


def read_command(line: str) -> Command:
    """From the line of a comment; raises `InvalidCommand` or `InvalidName`."""
    _check_whole(line, LONGEST_LINE)
    try:
        words = shlex.split(line)[1:]
    except ValueError as error:
        raise InvalidCommand(f"the command cannot be read: {error}") from None
    if not words or words[0] not in VERBS or len(words) > MOST_WORDS:
        raise InvalidCommand(f"say {', '.join(f'/sluice {verb}' for verb in VERBS)}")
    return VERBS[words[0]](words[1:])


def read_inputs(inputs: Mapping[str, str]) -> Command:
    """A run, from the inputs of a dispatch: the names of the command's options, values parted by spaces."""
    for text in inputs.values():
        _check_whole(text, LONGEST_INPUT)
    given = {name: shlex.split(text) for name, text in inputs.items()}
    words = given.get("project", [])
    for name, option in (
        ("dataset", "--dataset"),
        ("parameters", "--param"),
        ("step", "--step"),
        ("code", "--code"),
    ):
        words += [word for value in given.get(name, []) for word in (option, value)]
    return _run([*words, "--force"] if _is_true(inputs.get("force", "")) else words)


def _is_true(text: str) -> bool:
    """GitHub's own check boxes are `true` or `false`; a client may write anything."""
    if text.strip().lower() not in ("", "true", "false"):
        raise InvalidCommand("force is true or false")
    return text.strip().lower() == "true"


def _check_whole(text: str, longest: int) -> None:
    if len(text) >= longest:
        raise InvalidCommand(f"this is too long: write it in less than {longest} characters")


def _run(words: Sequence[str]) -> Command:
    options = list(_options(words))
    free = [value for option, value in options if option == ""]
    if len(free) > 1:
        raise InvalidCommand("/sluice run takes one project: for several, write several comments")
    codes = [value for option, value in options if option == "--code"]
    return Command(
        verb="run",
        project=check_name(free[0], what="project") if free else None,
        code_version=codes[-1] if codes else None,
        dataset_versions=dict(_pair(value, "@") for option, value in options if option == "--dataset"),
        parameters=dict(_pair(value, "=") for option, value in options if option == "--param"),
        steps=tuple(check_name(value, what="step") for option, value in options if option == "--step"),
        force=any(option == "--force" for option, _ in options),
    )


def _options(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each option with its value; free words come under an empty option."""
    left = list(words)
    while left:
        word = left.pop(0)
        option, equals, value = word.partition("=")
        if not word.startswith("-"):
            yield "", word
        elif word == "--force":
            yield word, ""
        elif option not in VALUED or not (equals or left):
            raise InvalidCommand(
                f"/sluice run knows {', '.join(sorted(VALUED))} with a value each, and --force"
            )
        else:
            yield option, value if equals else left.pop(0)


VALUED = frozenset({"--dataset", "--param", "--step", "--code"})


def _pair(text: str, sign: str) -> tuple[str, str]:
    name, found, value = text.partition(sign)
    if not found or not name:
        raise InvalidCommand(f"{text!r} is not of the form NAME{sign}VALUE")
    return name, value


def _deploy(words: Sequence[str]) -> Command:
    if len(words) != 2:
        raise InvalidCommand("say /sluice deploy PROJECT VERSION, for example /sluice deploy flight-delay 7")
    return Command(verb="deploy", project=check_name(words[0], what="project"), model_version=words[1])


def _approve(words: Sequence[str]) -> Command:
    project, hyphen, _ = (words[0] if len(words) == 1 else "").rpartition("-")
    if not hyphen:
        raise InvalidCommand("say /sluice approve RUN, for example /sluice approve flight-delay-0123456789ab")
    return Command(verb="approve", project=check_name(project, what="the run's project"), run_id=words[0])


def _rollback(words: Sequence[str]) -> Command:
    if len(words) != 1:
        raise InvalidCommand("say /sluice rollback PROJECT")
    return Command(verb="rollback", project=check_name(words[0], what="project"))


VERBS: Mapping[str, Callable[[Sequence[str]], Command]] = {
    "run": _run,
    "deploy": _deploy,
    "approve": _approve,
    "rollback": _rollback,
}
"""By the word behind `/sluice`."""
