"""Table streams feed functions with windows, parallel lanes, retries, halving and destinations.

MiniStack runs one batch at a time for all mappings, retries for ever, and ignores what else a mapping says.
https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
"""

import json
import logging
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from embedded import authority
from embedded.event_sources import discarded, filters
from embedded.event_sources.stream_batches import Record, Records, Source, lanes, work

logger = logging.getLogger(__name__)

_MOST_LANES = 10


def install() -> None:
    """Put our polling in the place of MiniStack's."""
    from ministack.services import lambda_svc

    lambda_svc._poll_dynamodb_streams = Poller(lambda_svc).poll


class Poller:
    """Looks into the stream of each mapping."""

    def __init__(self, lambda_svc: Any) -> None:
        self._lambda = lambda_svc
        self._opened: dict[str, float] = {}

    def poll(self) -> bool:
        """Look once; true where a batch went out."""
        from ministack.core.responses import request_scope

        is_busy = False
        for account, region, mapping in self._lambda._iter_all_esms():
            is_stream = ":dynamodb:" in mapping.get("EventSourceArn", "") and mapping.get("Enabled", True)
            if is_stream and not self._lambda._esm_inflight.get(mapping["UUID"]):
                with request_scope(account, region):
                    is_busy = self._serve(mapping) or is_busy
        return is_busy

    def _serve(self, mapping: dict[str, Any]) -> bool:
        from ministack.services import dynamodb

        function, _ = self._lambda._get_func_record_for_qualifier(
            mapping["FunctionName"], mapping.get("Qualifier")
        )
        table_name = mapping["EventSourceArn"].split("/")[1]
        table = dynamodb._tables.get(table_name)
        if function is None or not table or table.get("LatestStreamArn") != mapping["EventSourceArn"]:
            return False
        position = self._position(mapping, table_name)
        most = mapping.get("BatchSize", 100) * mapping.get("ParallelizationFactor", 1)
        records = dynamodb.stream_records_since(table_name, position, most)
        if not self._is_due(mapping, records):
            return False
        self._lambda._dispatch_esm_batch(
            mapping["UUID"], self._work_off, mapping, function, list(records), position
        )
        return True

    def _position(self, mapping: Mapping[str, Any], table_name: str) -> int:
        from ministack.services import dynamodb

        positions = self._lambda._dynamodb_stream_positions
        with self._lambda._dynamodb_stream_positions_lock:
            horizon = dynamodb.stream_start_position(table_name)
            if mapping["UUID"] not in positions:
                is_oldest = mapping.get("StartingPosition") == "TRIM_HORIZON"
                positions[mapping["UUID"]] = (
                    horizon if is_oldest else dynamodb.stream_end_position(table_name)
                )
            position: int = max(positions[mapping["UUID"]], horizon)
            return position

    def _is_due(self, mapping: Mapping[str, Any], records: Records) -> bool:
        if not records:
            self._opened.pop(mapping["UUID"], None)
            return False
        opened = self._opened.setdefault(mapping["UUID"], time.time())
        window = mapping.get("MaximumBatchingWindowInSeconds") or 0
        if len(records) < mapping.get("BatchSize", 100) and time.time() - opened < window:
            return False
        self._opened.pop(mapping["UUID"], None)
        return True

    def _work_off(self, mapping: dict[str, Any], function: Any, records: list[Record], position: int) -> None:
        patterns = filters.patterns_of(mapping)
        wanted = [record for record in records if filters.matches(record, patterns)]
        size, factor = mapping.get("BatchSize", 100), mapping.get("ParallelizationFactor", 1)
        found = list(lanes(wanted, factor, size))
        source = self._source(mapping, function)
        if not all(_side_by_side(source, found)):
            return
        with self._lambda._dynamodb_stream_positions_lock:
            if mapping["UUID"] in self._lambda._esms:
                self._lambda._dynamodb_stream_positions[mapping["UUID"]] = position + len(records)
        mapping["LastProcessingResult"] = f"OK - {len(wanted)} records"

    def _source(self, mapping: dict[str, Any], function: Any) -> Source:
        def invoke(records: Records) -> Any:
            result = self._lambda._execute_function(function, {"Records": list(records)})
            if result.get("error"):
                mapping["LastProcessingResult"] = "PROBLEM: Function call failed"
            return result

        def pause(seconds: float) -> bool:
            time.sleep(seconds)
            there = self._lambda._esms.get(mapping["UUID"])
            return bool(there and there.get("Enabled", True))

        def give_up(records: Records, condition: str, attempts: int) -> None:
            _send(mapping, function["config"], records, condition, attempts)

        return Source(mapping, invoke, give_up, pause, time.time)


def _side_by_side(source: Source, found: list[list[Records]]) -> list[bool]:
    def run(lane: list[Records]) -> bool:
        return all(work(source, batch) for batch in lane)

    if len(found) == 1:
        return [run(found[0])]
    with ThreadPoolExecutor(_MOST_LANES) as pool:
        return [future.result() for future in [pool.submit(copy_context().run, run, lane) for lane in found]]


def _send(mapping: Any, config: Any, records: Records, condition: str, attempts: int) -> None:
    from ministack.services import sns, sqs

    logger.warning("%s gave up %s records: %s", mapping["FunctionName"], len(records), condition)
    target = ((mapping.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
    if not target:
        return
    service = target.split(":")[2]
    try:
        authority.check(config["Role"], "sqs:SendMessage" if service == "sqs" else "sns:Publish", target)
    except authority.AccessDenied as denied:
        logger.warning("%s: %s", mapping["FunctionName"], denied)
        return
    body = json.dumps(
        discarded.invocation_record(
            records, mapping["EventSourceArn"], config["FunctionArn"],
            condition=condition, attempts=attempts, now=time.time(),
        )
    )  # fmt: skip
    queue = sqs._queue_by_arn(target) if service == "sqs" else None
    if queue:
        sqs._act_send_message({"MessageBody": body}, queue["url"])
    elif service == "sns":
        sns.publish_internal(target, body)
