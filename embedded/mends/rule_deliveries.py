"""Events reach the targets of rules with retries and dead letters, and failures are counted.

MiniStack tries once, drops what fails with a line in its log, and counts nothing.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-event-delivery.html
"""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from botocore import xform_name

from embedded.cloud import Cloud
from embedded.mends import event_targets, rule_metrics
from embedded.rules import delivering, inputs, targets
from embedded.rules.delivering import Shipment, Ways
from embedded.rules.inputs import Delivery
from embedded.schedules.attempts import NotDelivered

_PRINCIPAL = "events.amazonaws.com"
_SESSION = "EventBridge"
_THREADS = 8


def install(cloud: Cloud) -> None:
    """Put our deliveries in the place of MiniStack's."""
    from ministack.services import eventbridge

    pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="rule")

    def later(seconds: float, act: Callable[[], None]) -> None:
        timer = threading.Timer(seconds, act)
        timer.daemon = True
        timer.start()

    def send(shipment: Shipment) -> None:
        _send(cloud, shipment)

    ways = Ways(send, _bury, rule_metrics.count, later, time.time)

    def invoke_target(target: Any, event: Any, rule: Any, view: Any = None) -> None:
        shipment = _shipment(eventbridge, target, event, rule, view)
        # What goes over the wire must not be waited for by the loop that answers it.
        if _service(target) in targets.CALLS:
            pool.submit(delivering.deliver, ways, shipment)
        else:
            delivering.deliver(ways, shipment)

    eventbridge._invoke_target = invoke_target


def _service(target: Mapping[str, Any]) -> str:
    return str(target["Arn"]).split(":")[2]


def _shipment(eventbridge: Any, target: Any, event: Any, rule: Any, view: Any) -> Shipment:
    view = view or eventbridge._pattern_event_view(event)
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    delivery = Delivery(view.event_with_detail(), now, rule.get("Name", ""), rule["Arn"])
    return Shipment(target, rule, delivery, event)


def _send(cloud: Cloud, shipment: Shipment) -> None:
    from ministack.core.responses import request_scope

    _, _, _, region, account, _ = shipment.rule["Arn"].split(":", 5)
    with request_scope(account, region):
        _check(shipment.target, shipment.rule)
        payload = inputs.payload(shipment.target, shipment.delivery)
        if _service(shipment.target) in targets.CALLS:
            _call(cloud, shipment, payload)
        else:
            event_targets.hand_over(shipment.target, payload, shipment.raw, shipment.rule)


def _check(target: Mapping[str, Any], rule: Mapping[str, Any]) -> None:
    if _service(target) not in targets.CALLS:
        event_targets.check_exists(target["Arn"])
    reason = event_targets.refusal(target, rule)
    if reason:
        raise NotDelivered("NO_PERMISSIONS", reason, may_retry=False)


def _call(cloud: Cloud, shipment: Shipment, payload: str) -> None:
    request = targets.request(shipment.target, payload, shipment.delivery.event)
    client = cloud.client(
        request.service,
        role_arn=shipment.target["RoleArn"],
        session_name=_SESSION,
        on_behalf_of=_PRINCIPAL,
        source_arn=shipment.rule["Arn"],
    )
    getattr(client, xform_name(request.operation))(**request.parameters)


def _bury(shipment: Shipment, attributes: Mapping[str, Any]) -> None:
    from ministack.core.responses import request_scope
    from ministack.services import sqs

    dead = {"Arn": shipment.target["DeadLetterConfig"]["Arn"]}
    _, _, _, region, account, _ = shipment.rule["Arn"].split(":", 5)
    with request_scope(account, region):
        _check(dead, shipment.rule)
        message = {"MessageBody": inputs.payload({}, shipment.delivery), "MessageAttributes": attributes}
        sqs._act_send_message(message, sqs._queue_by_arn(dead["Arn"])["url"])
