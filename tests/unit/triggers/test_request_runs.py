"""Runs start once for what goes into them, whatever the order and number of deliveries."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluiceway.errors import ServiceUnavailable
from sluiceway.gateways.executions import execution_arn
from sluiceway.gateways.ledger import Claim
from sluiceway.triggers.contracts import CodePushed, DatasetVersioned, RunPipelineInput, RunRequested
from tests.fakes.samples import SLUICE_YAML
from tests.fakes.world import MACHINE, World


@pytest.fixture
def world() -> World:
    """Nothing uploaded yet."""
    return World()


def test_a_run_starts_when_both_code_and_data_are_there(world: World) -> None:
    """The execution is named after the run and gets nothing but its id."""
    assert world.deliver(world.push_code())[0].outcome == "waiting"
    (decision,) = world.deliver(world.push_data())
    (run,) = world.ledger.runs()
    assert (decision.outcome, decision.run_id) == ("requested", run.run_id)
    assert world.executions.started == {run.run_id: RunPipelineInput(run_id=run.run_id)}
    assert run.execution_arn == f"{MACHINE.replace('stateMachine', 'execution')}:{run.run_id}"
    assert isinstance(world.events.published[-1], RunRequested)


def test_the_last_of_two_events_starts_the_run_in_either_order(world: World) -> None:
    """Pointers are written before events are published, so the last one sees both."""
    code, data = world.push_code(), world.push_data()
    for order in permutations([code, data]):
        fresh = World()
        fresh.objects, fresh.events = world.objects, world.events
        outcomes = [[record.outcome for record in fresh.deliver(upload)] for upload in order]
        assert outcomes[1] == ["requested"]
        assert len(fresh.executions.started) == 1


def test_both_events_at_the_same_time_start_one_run(world: World) -> None:
    """Both see both pointers: one claims the run, the other finds it claimed."""
    world.collect(world.push_code())
    world.collect(world.push_data())
    world.settle(world.queue.sent[0][0])
    outcomes = [world.request(event)[0].outcome for event in world.events.published[:2]]
    assert outcomes == ["requested", "unchanged"]
    assert len(world.executions.started) == 1


def test_an_event_delivered_five_times_is_one_run(world: World) -> None:
    """Also when the run has failed in between: the same event never runs again."""
    run = world.started()
    event = next(e for e in world.events.published if isinstance(e, DatasetVersioned))
    world.finish(run, "FAILED")
    assert {world.request(event)[0].run_id for _ in range(5)} == {run.run_id}
    assert len(world.ledger.runs()) == 1
    assert world.executions.asked == [run.run_id]


def test_a_decision_stands_when_its_event_is_delivered_after_the_run_failed(world: World) -> None:
    """It found the run of another event; that this run has failed since makes it no new event."""
    run = world.started()
    world.deliver(world.push_code())
    event = [e for e in world.events.published if isinstance(e, CodePushed)][-1]
    world.finish(run, "FAILED")
    (decision,) = world.request(event)
    assert (decision.outcome, decision.run_id) == ("unchanged", run.run_id)
    assert len(world.ledger.runs()) == 1


@pytest.mark.parametrize("status", ["SUCCEEDED", "REJECTED", None])
def test_the_same_inputs_again_are_unchanged(world: World, status: str | None) -> None:
    """A second push of the same files trains nothing, whether the run has ended or not."""
    run = world.started()
    if status:
        world.finish(run, status)  # type: ignore[arg-type]
    (decision,) = world.deliver(world.push_code())
    assert (decision.outcome, decision.run_id) == ("unchanged", run.run_id)
    assert len(world.ledger.runs()) == 1


def test_a_new_event_runs_failed_inputs_again(world: World) -> None:
    """Whoever pushes the same files after a failure wants another try; each try has its own id."""
    ids = [world.started().run_id]
    for number in (1, 2):
        world.finish(world.ledger.run(ids[-1]), "FAILED")
        push = world.push_code() if number == 1 else world.push_data()
        (decision,) = world.deliver(push)
        assert decision.run_id is not None
        assert world.ledger.run(decision.run_id).rerun == number
        ids.append(decision.run_id)
    assert len(set(ids)) == 3


def test_a_start_whose_answer_was_lost_is_one_run(world: World) -> None:
    """The event is delivered again; the execution's name makes the second start the first."""
    world.deliver(world.push_code())
    world.executions.lose_answers = 1
    with pytest.raises(ServiceUnavailable):
        world.deliver(world.push_data())
    event = next(e for e in world.events.published if isinstance(e, DatasetVersioned))
    (decision,) = world.request(event)
    assert decision.outcome == "requested"
    assert list(world.executions.started) == [decision.run_id]


def test_who_was_killed_after_a_start_notes_the_execution_although_the_run_has_ended(world: World) -> None:
    """Whoever looks at the run looks there for what happened; it is not started a second time."""
    world.deliver(world.push_code())
    world.executions.lose_answers = 1
    with pytest.raises(ServiceUnavailable):
        world.deliver(world.push_data())
    (run,) = world.ledger.runs()
    world.finish(run, "FAILED")
    world.request(next(e for e in world.events.published if isinstance(e, DatasetVersioned)))
    assert world.ledger.run(run.run_id).execution_arn == execution_arn(MACHINE, run.run_id)
    assert world.executions.asked == [run.run_id]


def test_a_run_that_its_owner_could_not_start_is_started_by_the_next_event(world: World) -> None:
    """Who claimed it may have died: a run that is only REQUESTED is started by whoever finds it."""
    run = world.started()
    world.executions.started.clear()
    (decision,) = world.deliver(world.push_code())
    assert decision.outcome == "unchanged"
    assert list(world.executions.started) == [run.run_id]


def test_who_was_killed_after_claiming_a_run_finds_it_again_whatever_came_since(world: World) -> None:
    """A decision is made on what was seen first: else the run that was claimed would never be started."""
    world.deliver(world.push_data())
    world.collect(world.push_code(train_py="1"))
    first = next(event for event in world.events.published if isinstance(event, CodePushed))
    world.executions.refuse = 1
    with pytest.raises(ServiceUnavailable):
        world.request(first)
    world.collect(world.push_code(train_py="2"))
    (claimed,) = world.ledger.runs()
    (decision,) = world.request(first)
    assert (decision.outcome, decision.run_id) == ("requested", claimed.run_id)
    assert list(world.executions.started) == [claimed.run_id]


def test_an_old_event_that_is_told_again_is_nothing_to_who_came_later(world: World) -> None:
    """A project that names the dataset since has decided by its own push."""
    world.deliver(world.push_data())
    (old,) = (event for event in world.events.published if isinstance(event, DatasetVersioned))
    (pushed,) = world.deliver(world.push_code())
    assert pushed.run_id is not None
    world.finish(world.ledger.run(pushed.run_id), "FAILED")
    assert world.request(old) == []
    assert len(world.ledger.runs()) == 1


def test_a_run_that_has_begun_is_not_started_again(world: World) -> None:
    """Names of executions are free again after 90 days; the ledger remembers longer."""
    run = world.started()
    world.ledger.begin_run(run.run_id, at="t")
    world.deliver(world.push_code())
    assert world.executions.asked == [run.run_id]


def test_an_event_that_was_overtaken_starts_nothing(world: World) -> None:
    """The newer push's own event decides; the older one is recorded as superseded."""
    world.deliver(world.push_data())
    world.collect(world.push_code(train_py="1"))
    world.collect(world.push_code(train_py="2"))
    first, second = (e for e in world.events.published if isinstance(e, CodePushed))
    assert [world.request(event)[0].outcome for event in (first, second)] == ["superseded", "requested"]
    (run,) = world.ledger.runs()
    assert run.code_version == second.code_version


def test_data_that_the_latest_code_no_longer_uses_is_ignored(world: World) -> None:
    """Subscriptions stay; the latest code decides."""
    world.deliver(world.push_code())
    world.deliver(world.push_code(sluice_yaml=SLUICE_YAML.replace("flights", "planes")))
    assert [record.outcome for record in world.deliver(world.push_data())] == ["ignored"]


def test_a_run_of_another_owner_is_theirs(world: World) -> None:
    """The claim stores the event that made it."""
    run = world.started()
    assert world.ledger.claim_run(run.model_copy(update={"event_id": "else"})) is Claim.THEIRS


pushes = st.lists(st.sampled_from(["code-1", "code-2", "data-1", "data-2"]), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(pushes, st.randoms(use_true_random=False))
def test_in_any_order_and_number_of_deliveries_the_newest_inputs_run_once(
    names: list[str],
    chance: st.randoms,  # type: ignore[valid-type]
) -> None:
    """Each event is delivered one to three times, in any order: the newest pair has exactly one run."""
    world = World()
    uploads = [
        world.push_code(train_py=name) if name.startswith("code") else world.push_data(name.encode())
        for name in names
    ]
    _deliver_shuffled(world, uploads, chance)
    kinds = {name.partition("-")[0] for name in names}
    code, data = world.ledger.code_pointer("flight-delay"), world.ledger.dataset_pointer("flights")
    newest = [
        run
        for run in world.ledger.runs(limit=None)
        if code
        and data
        and (run.code_version, run.dataset_versions) == (code.code_version, {"flights": data.version})
    ]
    assert len(newest) == (1 if kinds == {"code", "data"} else 0)
    assert len(world.executions.started) == len(world.ledger.runs(limit=None))
    codes = [upload for upload in uploads if upload.key.startswith("code")]
    assert code is None or code.event_id == codes[-1].event_id


def _deliver_shuffled(world: World, uploads: list, chance) -> None:  # type: ignore[no-untyped-def, type-arg]
    """Uploads, messages and events, each one to three times, in any order that causes allow."""
    waiting = [(world.collect, upload) for upload in uploads for _ in range(chance.randint(1, 3))]
    sent = published = 0
    while waiting:
        act, what = waiting.pop(chance.randrange(len(waiting)))
        act(what)
        new = [(world.settle, message) for message, _ in world.queue.sent[sent:]]
        new += [
            (world.request, event)
            for event in world.events.published[published:]
            if isinstance(event, CodePushed | DatasetVersioned)
        ]
        sent, published = len(world.queue.sent), len(world.events.published)
        waiting += [entry for entry in new for _ in range(chance.randint(1, 3))]
