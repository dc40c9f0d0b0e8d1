"""Tasks whose answers were written down beforehand, by the names of their states.

    {"Train": [{"error": "Batch.ServerException", "cause": "…"}, {"return": {"JobId": "1"}}]}

Each attempt takes the next answer. `after` makes it come later (seconds), `submitted` is what the call of a
`.sync` or `.waitForTaskToken` task answers at once.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from embedded.stepfunctions.failures import RUNTIME
from embedded.stepfunctions.resource import Resource
from embedded.stepfunctions.tasks import Failed, Reporter, Started, Submitted, Succeeded, TaskCall

Later = Callable[[float, Callable[[], None]], None]


class Answer(BaseModel):
    """One answer of a mocked task: a result or an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    result: Any = Field(default=None, alias="return")
    error: str | None = None
    cause: str | None = None
    after: float = Field(default=0, ge=0, allow_inf_nan=False)
    submitted: Any = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_one_of_both(self) -> "Answer":
        if ("result" in self.model_fields_set) == (self.error is not None):
            raise ValueError('an answer has either "return" or "error"')
        return self


class Answers(RootModel[Mapping[str, Sequence[Answer]]]):
    """A mock file."""


def _refuses(answer: Answer, call: TaskCall) -> bool:
    """Whether an error is that of the call itself (`Batch.ClientException`), not of what it started."""
    is_own = (answer.error or "").lower().startswith(f"{call.resource.service}.".lower())
    return is_own and "submitted" not in answer.model_fields_set


def _at_once(_: float, act: Callable[[], None]) -> None:
    act()


class MockedTasks:
    """Answers from a list for each state, in turn."""

    works_aside = False

    def __init__(self, answers: Answers) -> None:
        self._answers = {name: list(found) for name, found in answers.root.items()}
        self.later: Later = _at_once
        """How to wait; an engine's `call_later`."""

    def refusal(self, resource: Resource, arguments: Any) -> str | None:  # noqa: ARG002
        """A mock takes whatever it is given."""
        return None

    def start(self, call: TaskCall, report: Reporter) -> None:
        """Report the next answer of the call's state."""
        left = self._answers.get(call.state_name)
        if not left:
            report(Failed(RUNTIME, f"The mock has no answer left for the state '{call.state_name}'."))
            return
        answer = left.pop(0)
        if call.resource.kind == "activity":
            report(Started())
        elif call.resource.is_submitted and not _refuses(answer, call):
            report(Submitted(answer.submitted))
        self._end(answer, report)

    def resume(self, call: TaskCall, submitted: Submitted | None, report: Reporter) -> None:  # noqa: ARG002
        """A mocked call that was cut short is made again."""
        self.start(call, report)

    def cancel(self, call: TaskCall) -> None:
        """Nothing is under way."""

    def _end(self, answer: Answer, report: Reporter) -> None:
        ended = Failed(answer.error, answer.cause) if answer.error is not None else Succeeded(answer.result)
        if answer.after:
            self.later(answer.after, lambda: report(ended))
        else:
            report(ended)
