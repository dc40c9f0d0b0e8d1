"""Started executions in memory."""

from sluiceway.contract import Contract
from sluiceway.errors import ServiceUnavailable
from sluiceway.gateways.executions import execution_arn


class MemoryExecutions:
    """`Executions` in memory: one for each name, and how often each was asked for.

    `refuse` is how many of the next starts fail, `lose_answers` how many work and say that they failed.
    """

    def __init__(self) -> None:
        self.started: dict[str, Contract] = {}
        self.asked: list[str] = []
        self.lose_answers = 0
        self.refuse = 0
        self.stopped: dict[str, str] = {}

    def start(self, machine_arn: str, name: str, given: Contract) -> str:
        self.asked.append(name)
        if self.refuse:
            self.refuse -= 1
            raise ServiceUnavailable("StartExecution was throttled")
        self.started.setdefault(name, given)
        if self.lose_answers:
            self.lose_answers -= 1
            raise ServiceUnavailable("the answer of StartExecution was lost")
        return execution_arn(machine_arn, name)

    def stop(self, machine_arn: str, name: str, *, error: str, cause: str) -> None:
        """Only what was started can be stopped, the first time with its cause."""
        if name in self.started:
            self.stopped.setdefault(name, f"{error}: {cause}")
