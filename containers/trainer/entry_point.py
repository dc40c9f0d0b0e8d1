"""The project's own process: started as MLflow would, its output passed on, stopped when we are."""

import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from containers.trainer.attempt import EntryPointFailed
from containers.trainer.reasons import reason_of
from containers.trainer.workspace import Workspace
from sluiceway.training.contracts import PlannedStep, RunPlan

TAIL_LINES = 60
LINE_LENGTH = 1000
GRACE_SECONDS = 20
"""Batch kills a job 30 s after it has asked it to stop."""

NOT_OURS = ("PYTHONPATH", "PYTHONHOME", "PYTHONSAFEPATH")
"""The platform's packages are not the project's."""


class EntryPoint:
    """One run of an entry point's command."""

    def __init__(
        self, step: PlannedStep, command: str, workspace: Workspace, plan: RunPlan, mlflow_run_id: str
    ) -> None:
        self._step, self._command, self._workspace = step, command, workspace
        self._environment = _environment(plan, step, mlflow_run_id)
        self._tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._stopped = False
        self._process: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """Run to the end; raises `EntryPointFailed` when that is a bad one."""
        with self._stoppable():
            process = self._start()
            reader = threading.Thread(target=self._pass_on, args=(process,))
            reader.start()
            code = process.wait()
            self._signal(signal.SIGKILL)  # what it left behind would hold its output open
            reader.join()
        if code or self._stopped:
            tail = tuple(self._workspace.relative(line) for line in self._tail)
            reason = reason_of(self._step.name, code, tail, stopped=self._stopped)
            raise EntryPointFailed(reason, exit_code=code, log_tail=tail)

    def _start(self) -> "subprocess.Popen[bytes]":
        self._process = subprocess.Popen(
            ["bash", "-c", self._command],  # noqa: S607 - as MLflow does
            cwd=self._workspace.project,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        if self._stopped:  # it came before there was a process to pass it on to
            self._signal(signal.SIGTERM)
        return self._process

    def _pass_on(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdout is not None  # noqa: S101 - it was opened as a pipe
        for line in process.stdout:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
            if text := line.decode(errors="replace").rstrip()[:LINE_LENGTH]:
                self._tail.append(text)

    @contextmanager
    def _stoppable(self) -> Iterator[None]:
        """SIGTERM goes on to all of the process group, and SIGKILL after a grace."""

        def stop(_number: int, _frame: FrameType | None) -> None:
            self._stopped = True
            self._signal(signal.SIGTERM)
            timer = threading.Timer(GRACE_SECONDS, self._signal, (signal.SIGKILL,))
            timer.daemon = True
            timer.start()

        previous = signal.signal(signal.SIGTERM, stop)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, previous)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)


def _environment(plan: RunPlan, step: PlannedStep, mlflow_run_id: str) -> dict[str, str]:
    inherited = {key: value for key, value in os.environ.items() if key not in NOT_OURS}
    return inherited | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), inherited.get("PATH", os.defpath)]),
        "PYTHONUNBUFFERED": "1",
        # More threads than vCPUs wait for each other: a fit of 0.4 s was seen to take 15 s.
        "OMP_NUM_THREADS": inherited.get("OMP_NUM_THREADS", str(max(1, int(float(step.vcpu))))),
        "MLFLOW_TRACKING_URI": plan.tracking_uri,
        "MLFLOW_EXPERIMENT_ID": plan.experiment_id,
        "MLFLOW_RUN_ID": mlflow_run_id,
        "MLFLOW_DISABLE_TELEMETRY": inherited.get("MLFLOW_DISABLE_TELEMETRY", "true"),
    }
