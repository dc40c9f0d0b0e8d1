"""What AWS limits: the events of a history, the size of what states hand on."""

from embedded.stepfunctions.model import Execution
from embedded.stepfunctions.store import MemoryStore, Store
from tests.unit.embedded.stepfunctions.engine.scripted import engine, execution, states, task

_KIB = 1024


def _end(machine: dict[str, object]) -> tuple[Store, Execution]:
    store = MemoryStore()
    runner = engine(store)
    made = execution(machine)
    runner.start(made)
    runner.run_until_idle()
    return store, made


def test_a_history_holds_25_000_events_and_the_last_one_says_why_it_ended() -> None:
    """An execution that goes round for ever fails with States.Runtime as its 25,000th event."""
    store, made = _end(states("A", A={"Type": "Pass", "Next": "B"}, B={"Type": "Pass", "Next": "A"}))
    events = store.events(made.arn)
    assert (len(events), events[-1]["type"], made.error) == (25_000, "ExecutionFailed", "States.Runtime")
    assert "maximum number of history events (25000)" in (made.cause or "")


def test_an_output_of_256_kib_is_handed_on_and_a_byte_more_is_not() -> None:
    """States.DataLimitExceeded counts the bytes of the JSON text in UTF-8."""

    def big(characters: int) -> dict[str, object]:
        return states("A", A={"Type": "Pass", "Output": "x" * characters, "End": True})

    assert _end(big(256 * _KIB - 2))[1].status == "SUCCEEDED"
    assert _end(big(256 * _KIB - 1))[1].error == "States.DataLimitExceeded"
    umlauts = states("A", A={"Type": "Pass", "Output": "ä" * (128 * _KIB), "End": True})
    assert _end(umlauts)[1].error == "States.DataLimitExceeded"


def test_a_result_that_is_too_large_fails_its_task_and_can_be_caught() -> None:
    """The event names the service whose answer it was."""
    arguments = {"big": "{% $join([1..60000].$string()) & $join([1..20000].$string()) %}"}
    catch = [{"ErrorEquals": ["States.DataLimitExceeded"], "Next": "Caught"}]
    store, made = _end(
        states("A", A=task(Arguments=arguments, Catch=catch, End=True), Caught={"Type": "Succeed"})
    )
    failed = next(event for event in store.events(made.arn) if event["type"] == "TaskFailed")
    assert failed["taskFailedEventDetails"]["cause"].startswith("The state/task 'lambda' returned")
    assert made.status == "SUCCEEDED"


def test_what_is_too_large_in_a_catcher_is_for_the_parent_to_catch() -> None:
    """Its own state does not catch that, a Parallel around it does."""
    huge = {"ErrorEquals": ["States.ALL"], "Output": "x" * (256 * _KIB), "Next": "Never"}
    inner = states(
        "Work",
        Work=task(Arguments={"fails": 1, "attempt": 0}, Catch=[huge], End=True),
        Never={"Type": "Succeed"},
    )
    catch = [{"ErrorEquals": ["States.DataLimitExceeded"], "Next": "Caught"}]
    both = {"Type": "Parallel", "Branches": [inner], "Catch": catch, "End": True}
    _, made = _end(states("Both", Both=both, Caught={"Type": "Succeed"}))
    assert made.status == "SUCCEEDED"


def test_an_inline_map_runs_forty_iterations_at_once() -> None:
    """MaxConcurrency 0 asks for as many as there are; AWS runs up to 40."""
    nap = states("Nap", Nap={"Type": "Wait", "Seconds": 10, "End": True})
    store, made = _end(
        states("A", A={"Type": "Map", "Items": "{% [1..100] %}", "ItemProcessor": nap, "End": True})
    )
    begun = [event["timestamp"] for event in store.events(made.arn) if event["type"] == "MapIterationStarted"]
    assert [begun.count(made.started + later) for later in (0, 10, 20)] == [40, 40, 20]
