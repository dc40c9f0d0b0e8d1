"""Choice: goes on by the first rule whose condition holds, else by `Default`."""

from embedded.stepfunctions.failures import runtime_failure
from embedded.stepfunctions.leaving import Leave, StateType, never
from embedded.stepfunctions.turn import Turn


def begin(turn: Turn) -> Leave:
    """Try the rules in order; those behind the first that holds are not evaluated."""
    scope = turn.scope()
    for index, rule in enumerate(turn.state["Choices"]):
        if scope.typed(rule["Condition"], f"Choices[{index}]/Condition", "boolean"):
            return Leave(turn.strand.input, fields=rule, place=f"Choices[{index}]")
    if "Default" not in turn.state:
        raise runtime_failure(
            f"{turn.prefix}Failed to transition out of the state. The state does not point to a next state."
        )
    return Leave(turn.strand.input, fields={**turn.state, "Next": turn.state["Default"]})


TYPE = StateType(begin, never)
