"""The types of states by their names in the language."""

from collections.abc import Mapping

from embedded.stepfunctions.leaving import StateType
from embedded.stepfunctions.states import choice, fail, map_state, parallel, pass_state, succeed, task, wait

STATE_TYPES: Mapping[str, StateType] = {
    "Choice": choice.TYPE,
    "Fail": fail.TYPE,
    "Map": map_state.TYPE,
    "Parallel": parallel.TYPE,
    "Pass": pass_state.TYPE,
    "Succeed": succeed.TYPE,
    "Task": task.TYPE,
    "Wait": wait.TYPE,
}
