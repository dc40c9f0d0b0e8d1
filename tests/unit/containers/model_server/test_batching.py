"""Requests that wait together are answered together, and none spoils another's answer."""

import threading
from typing import Any

import numpy as np
import pandas as pd
import pytest

from containers.model_server.batching import Limits
from tests.unit.containers.model_server.servers import Server, ask_together, hours, served


def request(hour: object) -> dict[str, Any]:
    return {"inputs": {"carrier": ["UA"], "hour": [hour]}}


def test_each_request_gets_its_own_rows_answers() -> None:
    """Fifty requests, fewer calls."""
    calls: list[int] = []

    def counted(frame: pd.DataFrame) -> Any:
        calls.append(len(frame))
        return hours(frame)

    answers = ask_together(Server(served(counted)), [request(hour) for hour in range(50)])
    assert [answer["predictions"] for _, answer in answers] == [[hour] for hour in range(50)]
    assert sum(calls) == 50
    assert len(calls) < 10


def test_one_bad_request_fails_alone() -> None:
    """Its neighbours in the same call are answered."""
    answers = ask_together(Server(served()), [request(1), request("x"), request(3)])
    assert [status for status, _ in answers] == [200, 400, 200]


def test_a_row_that_the_model_chokes_on_fails_alone() -> None:
    """500 with what the model raised, for that request only."""

    def choking(frame: pd.DataFrame) -> Any:
        if (frame["hour"] == 2).any():
            raise ZeroDivisionError("hour two")
        return hours(frame)

    answers = ask_together(Server(served(choking)), [request(hour) for hour in (1, 2, 3)])
    assert [status for status, _ in answers] == [200, 500, 200]
    assert answers[1][1]["message"] == "the model raised ZeroDivisionError: hour two"


def test_a_model_that_answers_once_for_many_rows_is_asked_one_request_at_a_time() -> None:
    """Its answers cannot be divided."""
    answers = ask_together(Server(served(lambda frame: np.array([len(frame)]))), [request(1)] * 3)
    assert [answer["predictions"] for _, answer in answers] == [[1], [1], [1]]


def test_a_full_queue_refuses_at_once() -> None:
    """Back-pressure: 429 while the model is busy, and what waits is still answered."""
    gate = threading.Event()

    def slow(frame: pd.DataFrame) -> Any:
        gate.wait(5)
        return hours(frame)

    server = Server(served(slow), limits=Limits(waiting=2))
    timer = threading.Timer(0.3, gate.set)
    timer.start()
    statuses = [status for status, _ in ask_together(server, [request(hour) for hour in range(10)])]
    assert statuses.count(429) == 10 - statuses.count(200)
    assert statuses.count(200) == pytest.approx(2, abs=1)
