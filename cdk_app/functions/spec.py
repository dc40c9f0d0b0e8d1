"""What one function is: name, environment, size and permissions, in one value that is read at a glance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aws_cdk import aws_iam as iam

from cdk_app.stacks.compute import ComputeStack
from cdk_app.stacks.storage import StorageStack
from cdk_app.stacks.tracking import TrackingStack


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """The stacks that functions and machines are built on."""

    storage: StorageStack
    tracking: TrackingStack
    compute: ComputeStack


@dataclass(frozen=True, kw_only=True)
class FunctionSpec:
    """One Lambda function. Logs and traces are everybody's; everything else that it may do stands here."""

    name: str
    """`<slice>/<use case>`: the handler is `lambdas.<slice>.<use case>.handler`."""
    does: str
    environment: Mapping[str, str]
    may: Sequence[iam.PolicyStatement]
    timeout_seconds: int = 30
    memory_mib: int = 512
    """Also sets the share of a CPU: 1,769 MiB are one whole; imports dominate, so not too small."""
    layers: Sequence[str] = field(default=("runtime",))
    reserved_concurrency: int | None = None
    """Most calls at once, kept free for it; None: whatever the account has left."""

    @property
    def handler(self) -> str:
        """The handler, by string: the CDK app never imports one."""
        return f"lambdas.{self.name.replace('/', '.')}.handler"

    @property
    def construct_id(self) -> str:
        """`PlanRun` for `training/plan_run`: also the state's name, and `${PlanRunArn}` the placeholder."""
        return pascal_case(self.name.partition("/")[2])


def pascal_case(name: str) -> str:
    """`plan_run` → `PlanRun`."""
    return "".join(part.capitalize() for part in name.split("_"))
