"""What the server says of itself."""

import asyncio

import orjson

from tests.unit.containers.model_server.servers import Server, served


def test_ping_answers_200_only_when_the_model_is_loaded() -> None:
    """SageMaker sends requests as soon as it does."""

    async def before_and_after() -> list[int]:
        server = Server(served())
        before = (await server.ask(b"", path="/ping"))[0], (await server.ask(b"{}"))[0]
        await server.started()
        return [*before, (await server.ask(b"", path="/ping"))[0]]

    assert asyncio.run(before_and_after()) == [503, 503, 200]


def test_metrics_count_requests_by_status_and_content_type() -> None:
    """Prometheus' text format, without a label that a caller could choose freely."""

    async def scraped() -> str:
        server = await Server(served()).started()
        await server.ask(b'{"instances": [["UA", 7, 1.5]]}')
        await server.ask(b"", content_type="x/" + "y" * 50)
        return (await server.ask(b"", path="/metrics"))[1].decode()

    text = asyncio.run(scraped())
    assert 'sluiceway_requests_total{status="200",content_type="application/json"} 1' in text
    assert 'sluiceway_requests_total{status="415",content_type="other"} 1' in text
    assert "sluiceway_request_seconds_count 2" in text
    assert 'sluiceway_model_info{model_id="m-1"' in text


def test_unknown_paths_and_methods_are_told_what_there_is() -> None:
    """404 and 405 as JSON."""

    async def asked() -> tuple[int, bytes]:
        return await (await Server(served()).started()).ask(b"", path="/predict")

    status, body = asyncio.run(asked())
    assert status == 404
    assert "POST /invocations" in orjson.loads(body)["message"]
