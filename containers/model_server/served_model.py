"""A loaded model that answers several requests with one call; no request spoils its neighbours' answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from containers.model_server.inputs import Inputs, Part
from containers.model_server.refusal import Refused, failed
from containers.model_server.rows import Params

Answer = Any
"""What the model returned for one request: an array, a data frame, a list …; or `Refused`."""

Call = Callable[[Any, Params | None], Any]


@dataclass(frozen=True)
class ModelInfo:
    """What the server tells about its model."""

    model_id: str
    run_id: str
    flavour: str
    enforced: bool


@dataclass
class ServedModel:
    """A model and how it takes its input."""

    call: Call
    inputs: Inputs
    info: ModelInfo
    row_by_row: bool = True
    """False as soon as the model has answered with another number of rows than it was given."""

    def answers(self, parts: Sequence[Part]) -> list[Answer | Refused]:
        """One answer for each part, in order."""
        if len(parts) > 1 and self.batches and not any(part.params for part in parts):
            try:
                output = self.call(self.inputs.assemble(parts), None)
            except Exception:
                return [self._alone(part) for part in parts]
            if _length(output) == sum(part.count for part in parts):
                return _sliced(output, parts)
            self.row_by_row = False
        return [self._alone(part) for part in parts]

    @property
    def batches(self) -> bool:
        """Whether several requests may be answered by one call."""
        return self.inputs.batchable and self.row_by_row

    def _alone(self, part: Part) -> Answer | Refused:
        try:
            return self.call(self.inputs.assemble([part]), part.params)
        except Refused as refused:
            return refused
        except Exception as error:
            return failed(error)


def _length(output: Any) -> int | None:
    return len(output) if hasattr(output, "__len__") and not isinstance(output, dict) else None


def _sliced(output: Any, parts: Sequence[Part]) -> list[Answer | Refused]:
    rows, answers, start = getattr(output, "iloc", output), [], 0
    for part in parts:
        answers.append(rows[start : start + part.count])
        start += part.count
    return answers
