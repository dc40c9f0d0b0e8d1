"""The server of the embedded cloud: MiniStack in this process, mended, with our services, on one TLS port.

python -m embedded.server --state DIR --port N --mlflow-port N --records DIR
"""

import argparse
import asyncio
import contextlib
import logging
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from embedded import certificates, environment, mlflow_server
from embedded.cloud import Cloud
from embedded.durability import objects
from embedded.durability.install import Durability
from embedded.durability.install import install as install_durability
from embedded.durability.store import StateUnreadable
from embedded.hook import install as hooks
from embedded.mends import install as mends
from embedded.processes import Processes

_CALLBACKS_SECONDS = 2.0

logger = logging.getLogger(__name__)


def main(argv: list[str]) -> None:
    """Serve until SIGTERM or SIGINT; does not return."""
    arguments = _arguments(argv)
    processes = Processes(arguments.records)
    processes.write(os.getpid(), [sys.executable, "-m", "embedded.server", *argv])
    with _guardian(processes, arguments.records):
        cloud = _prepare(arguments, processes)
        mlflow_server.start(cloud, arguments.mlflow_port)
        hook = hooks.install(cloud.state_dir)
        app = _load(cloud)
        durability = _make_durable(app, cloud)
        app = hooks.wrap(app, hook)
        # Not asyncio.run: it would wait for every worker thread, and those wait for functions and jobs.
        asyncio.new_event_loop().run_until_complete(_serve(app, cloud, durability, arguments.port))
        hook.flush()
    logging.shutdown()
    os._exit(0)


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m embedded.server", description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--mlflow-port", type=int, required=True)
    parser.add_argument("--records", type=Path, required=True)
    arguments = parser.parse_args(argv)
    arguments.state = arguments.state.resolve()
    arguments.records = arguments.records.resolve()
    return arguments


@contextlib.contextmanager
def _guardian(processes: Processes, records: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "embedded.guardian", str(records)]
    guardian = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
    try:
        yield
    finally:
        processes.forget(os.getpid())
        assert guardian.stdin  # noqa: S101 - opened above
        guardian.stdin.close()
        guardian.wait()


def _prepare(arguments: argparse.Namespace, processes: Processes) -> Cloud:
    """Set what MiniStack reads at import, and hand out what children get."""
    state_dir, port = arguments.state, arguments.port
    files = certificates.ensure(state_dir / "certificates")
    inherited = dict(os.environ)
    os.environ.clear()
    os.environ.update(environment.server_variables(port, files, state_dir, inherited))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 65_536)), hard))
    return Cloud(
        endpoint_url=environment.endpoint_url(port),
        region=environment.REGION,
        account_id=environment.ACCOUNT_ID,
        state_dir=state_dir,
        child_environment=environment.child_variables(port, files, state_dir, inherited),
        processes=processes,
    )


def _load(cloud: Cloud) -> Any:
    from ministack import app
    from ministack.core import hypercorn_compat

    from embedded.athena import install as athena
    from embedded.batch import install as batch
    from embedded.codebuild import install as codebuild
    from embedded.sagemaker import install as sagemaker
    from embedded.scaling import install as scaling
    from embedded.stepfunctions import install as stepfunctions

    objects.recover(Path(os.environ["S3_DATA_DIR"]))
    hypercorn_compat.install()
    logging.getLogger("persistence").setLevel(logging.WARNING)
    mends.install(cloud)
    for service in (athena, batch, codebuild, sagemaker, scaling, stepfunctions):
        service.install(cloud)
    mends.guard_handovers()
    return app


def _make_durable(app: Any, cloud: Cloud) -> Durability:
    try:
        return install_durability(app, cloud)
    except StateUnreadable as error:
        raise SystemExit(f"The embedded cloud cannot start: {error}") from error


async def _serve(app: Any, cloud: Cloud, durability: Durability, port: int) -> None:
    """Serve until a signal, then save. Nothing is drained: no open connection may hold up the end."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    serving = asyncio.create_task(_listen(app, port))
    stopping = asyncio.create_task(stop.wait())
    saving = asyncio.create_task(durability.journal.keep_saving())
    await asyncio.wait((serving, stopping, saving), return_when=asyncio.FIRST_COMPLETED)
    if not stop.is_set():
        raise RuntimeError("the server ended by itself") from (
            serving if serving.done() else saving
        ).exception()
    durability.journal.save_all()
    await _call_back(cloud)
    durability.close()


async def _listen(app: Any, port: int) -> None:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.certfile, config.keyfile = os.environ["MINISTACK_SSL_CERT"], os.environ["MINISTACK_SSL_KEY"]
    config.keep_alive_timeout = 75
    config.accesslog = None
    await serve(app.app, config, shutdown_trigger=asyncio.Event().wait)


async def _call_back(cloud: Cloud) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _CALLBACKS_SECONDS
    for callback in cloud.shutdown_callbacks:
        try:
            left = max(0.0, deadline - loop.time())
            await asyncio.wait_for(asyncio.to_thread(callback), timeout=left)
        except Exception:
            logger.exception("%s failed at the stop", callback)


if __name__ == "__main__":
    main(sys.argv[1:])
