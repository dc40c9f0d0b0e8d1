"""What one state machine calls and may do, in one value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

Functions = Mapping[str, lambda_.IFunction]
"""Construct id (`PlanRun`) → function."""


@dataclass(frozen=True, kw_only=True)
class MachineSpec:
    """One state machine. Logs and traces are everybody's; everything else that it may do stands here."""

    name: str
    """`run_pipeline`: the definition is `state_machines/run_pipeline.asl.yaml`."""
    calls: Functions
    """The functions that it invokes; each fills the placeholder `${<construct id>Arn}`."""
    fills: Mapping[str, str] = field(default_factory=dict)
    """The other placeholders."""
    may: Sequence[iam.PolicyStatement] = ()
    """Beside invoking its functions."""

    @property
    def substitutions(self) -> dict[str, str]:
        """Every placeholder that the definition may use."""
        functions = {f"{name}Arn": function.function_arn for name, function in self.calls.items()}
        return {**functions, **self.fills}


def only(functions: Functions, *names: str) -> Functions:
    """The named functions."""
    return {name: functions[name] for name in names}
