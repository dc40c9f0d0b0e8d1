"""What services do in here, without the wire."""

import contextvars
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from embedded import calls
from embedded.authority import AccessDenied
from embedded.hook import install, record, service_calls
from embedded.hook.hook import Hook
from embedded.hook.operations import Catalog
from embedded.hook.plan import Fault, FaultPlan
from embedded.hook.record import Check
from embedded.hook.service_calls import InjectedFailure, ServiceCall
from embedded.schedules.attempts import not_delivered

_ROLE = "arn:aws:sts::1:assumed-role/Deliver/service"


@pytest.fixture
def hook(tmp_path: Path) -> Iterator[Hook]:
    """A hook that services go through until the test ends."""
    found = Hook(tmp_path, catalog=Catalog(), world=None, kill=lambda: None)  # type: ignore[arg-type]
    service_calls.install(found)
    yield found
    service_calls._installed.clear()


def _call() -> ServiceCall:
    return ServiceCall("events.amazonaws.com", "sqs", "SendMessage", "arn:aws:sqs:::q", _ROLE)


def _deliver(done: list[str]) -> None:
    with service_calls.made(_call()):
        done.append("delivered")


def _records(hook: Hook, tmp_path: Path) -> list[record.Record]:
    hook.flush()
    return list(record.read(tmp_path))


def _break(hook: Hook, **values: Any) -> None:
    hook.apply(FaultPlan(faults=(Fault.model_validate({"name": "f"} | values),)))


def test_a_delivery_is_on_record_with_its_service_and_role(hook: Hook, tmp_path: Path) -> None:
    """What a rule delivers is called by the rule's service, under the rule's role."""
    _deliver([])
    (found,) = _records(hook, tmp_path)
    assert (found.on_behalf_of, found.caller, found.by_service) == ("events.amazonaws.com", "Deliver", True)
    assert (found.service, found.operation, found.resources) == ("sqs", "SendMessage", ("arn:aws:sqs:::q",))


@pytest.mark.parametrize(
    ("action", "done", "code", "may_retry"),
    [
        ("fail_before", [], "InternalFailure", True),
        ("throttle", [], "RequestThrottled", True),
        ("fail_after", ["delivered"], "InternalFailure", True),
        ("lost_answer", ["delivered"], "ConnectionClosed", True),
    ],
)
def test_a_fault_makes_a_delivery_fail(
    hook: Hook, tmp_path: Path, *, action: str, done: list[str], code: str, may_retry: bool
) -> None:
    """Before it, or when it is done; whoever delivers sees what boto3 would have told, and tries again."""
    _break(hook, action=action, service="sqs", caller="events.amazonaws.com")
    found: list[str] = []
    with pytest.raises(InjectedFailure) as caught:
        _deliver(found)
    assert found == done
    assert (not_delivered(caught.value).code, not_delivered(caught.value).may_retry) == (code, may_retry)
    assert [(each.fault, each.fault_action, each.error) for each in _records(hook, tmp_path)] == [
        ("f", action, code)
    ]


def test_a_kill_strikes_a_delivery_too(hook: Hook, tmp_path: Path) -> None:
    """It is on record when it does."""
    struck: list[list[str]] = []
    hook.faults.kill = lambda: struck.append([each.fault_action for each in record.read(tmp_path)])
    _break(hook, action="kill", moment="after")
    done: list[str] = []
    _deliver(done)
    assert (done, struck) == (["delivered"], [["kill"]])


def test_what_fails_by_itself_is_on_record_with_its_error(hook: Hook, tmp_path: Path) -> None:
    """No fault had a hand in it."""
    with pytest.raises(ValueError, match="no"), service_calls.made(_call()):
        raise ValueError("no")
    assert [(each.error, each.fault) for each in _records(hook, tmp_path)] == [("ValueError", "")]


def test_what_iam_is_asked_belongs_to_the_delivery_that_is_announced(hook: Hook, tmp_path: Path) -> None:
    """One call, not two; and a delivery that was refused is on record though it was never made."""
    check = Check("sqs:SendMessage", "arn:aws:sqs:::q", "Allow", _ROLE)
    call = _call()
    with service_calls.announced(call):
        service_calls.checked(_call(), check)
        with service_calls.made(call):
            pass
    with service_calls.announced(call):
        service_calls.checked(_call(), Check("sqs:SendMessage", "arn:aws:sqs:::q", "ImplicitDeny", _ROLE))
    found = _records(hook, tmp_path)
    assert [(each.kind, each.decision, len(each.checks)) for each in found] == [
        ("delivery", "Allow", 1),
        ("check", "ImplicitDeny", 1),
    ]


def test_what_iam_is_asked_in_a_thread_that_goes_on_longer_is_on_record_by_itself(
    hook: Hook, tmp_path: Path
) -> None:
    """A function that a rule calls runs on after the delivery was written down."""
    check = Check("logs:PutLogEvents", "arn:aws:logs:::g", "Allow", _ROLE)
    with service_calls.announced(_call()):
        taken_along = contextvars.copy_context()
    taken_along.run(service_calls.checked, _call(), check)
    assert [each.checks for each in _records(hook, tmp_path)] == [(check,)]


class _Evaluator:
    """MiniStack's IAM, that allows all."""

    def evaluate(self, *_: Any) -> Any:
        return type("Result", (), {"decision": "Allow"})()

    def evaluate_resource_policy(self, _document: Any, context: Any, **_: Any) -> Any:
        return self.evaluate(context, [])

    combine_resource_policy = evaluate_resource_policy


class _Context:
    action, resource_arn, principal_arn = "lambda:InvokeFunction", "arn:aws:lambda:::function:f", _ROLE
    service_context: dict[str, Any] = {}  # noqa: RUF012
    principal_keys: dict[str, Any] = {}  # noqa: RUF012


@pytest.fixture
def iam(hook: Hook) -> _Evaluator:
    """IAM under watch."""
    found = _Evaluator()
    install.watch_evaluations(found, hook)
    return found


def test_a_check_of_a_role_is_a_call_of_the_service_that_asks(
    hook: Hook, iam: _Evaluator, tmp_path: Path
) -> None:
    """Where nothing else is seen of a call, a fault there is a refusal, and names the plan."""
    _break(hook, action="fail_before", service="lambda", operation="Invoke", nth=2)
    with calls.made_by_a_service(), service_calls.acting_as("batch.amazonaws.com"):
        iam.evaluate(_Context(), [])
        with pytest.raises(AccessDenied, match="injected by a fault plan: f"):
            iam.evaluate(_Context(), [])
    assert [(each.on_behalf_of, each.fault) for each in _records(hook, tmp_path)] == [
        ("batch.amazonaws.com", ""),
        ("batch.amazonaws.com", "f"),
    ]
    assert [each.action for each in calls.read(tmp_path)] == ["lambda:InvokeFunction"] * 2


@pytest.mark.parametrize("action", ["lost_answer", "fail_after"])
def test_a_mere_check_has_no_answer_that_could_be_lost(hook: Hook, iam: _Evaluator, action: str) -> None:
    """It is not counted for such an entry, whose first call is the first that does something."""
    _break(hook, action=action, service="lambda", nth=1)
    with calls.made_by_a_service():
        iam.evaluate(_Context(), [])
    assert hook.status()["faults"][0]["matched"] == 0


def test_what_is_asked_outside_of_any_call_is_on_record(iam: _Evaluator, hook: Hook, tmp_path: Path) -> None:
    """Not by a service that says so, and in no request that is still open."""
    iam.evaluate(_Context(), [])
    assert [(each.caller, each.by_service) for each in _records(hook, tmp_path)] == [("Deliver", False)]


def test_a_resources_own_policy_is_on_record_where_a_service_delivers(
    iam: _Evaluator, hook: Hook, tmp_path: Path
) -> None:
    """It acts under no role: the service is the caller. What a role may do is not in such a policy."""
    iam.evaluate_resource_policy({}, _Context())
    iam.evaluate_resource_policy({}, _Context(), service="s3.amazonaws.com")
    with calls.made_by_a_service():
        iam.evaluate_resource_policy({}, _Context(), service="s3.amazonaws.com")
    (found,) = _records(hook, tmp_path)
    assert (found.on_behalf_of, found.principal, found.operation) == ("s3.amazonaws.com", "", "Invoke")
    assert [each.role_name for each in calls.read(tmp_path)] == [""]
