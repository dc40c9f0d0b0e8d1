"""What `sluice redrive` and `sluice replay` need: queues of dead letters, and who takes their letters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn

from cdk_app.statements import allow, arn
from sluiceway.triggers.contracts import EVENT_SOURCE
from sluiceway.triggers.decide import CAUSES


@dataclass(frozen=True, kw_only=True)
class Redriving:
    """Where letters lie and where they go. A function that keeps its failed calls is found by itself."""

    dead: Mapping[str, sqs.IQueue]
    """By the name under which `sluice redrive --dead-letters` shows them."""
    sources: Mapping[str, sqs.IQueue]
    """Of those that take a queue's messages: that queue, to which SQS moves them back."""
    stacks: Sequence[cdk.Stack]
    """Whose functions and rules have letters."""
    machines: Sequence[sfn.IStateMachine]
    """Targets of rules. What a schedule starts, people may start anyway."""
    fail_run: lambda_.IFunction
    bus: events.IEventBus

    def statements(self) -> list[iam.PolicyStatement]:
        """For the role of people."""
        moved = [self.dead[name].queue_arn for name in self.sources]
        return [
            # To read and to delete is also asked for by a task that moves messages.
            allow(
                "sqs:ReceiveMessage",
                "sqs:ChangeMessageVisibility",
                "sqs:DeleteMessage",
                on=[queue.queue_arn for queue in self.dead.values()],
            ),
            allow("sqs:StartMessageMoveTask", "sqs:ListMessageMoveTasks", "sqs:GetQueueAttributes", on=moved),
            allow("sqs:SendMessage", on=[queue.queue_arn for queue in self.sources.values()]),
            allow("lambda:InvokeFunction", on=self._functions()),
            allow("states:StartExecution", on=[machine.state_machine_arn for machine in self.machines]),
            allow("events:PutEvents", on=self.bus.event_bus_arn, when=_DECIDED_ON),
        ]

    def values(self) -> dict[str, object]:
        """For the stage's parameter."""
        return {
            "fail_run_arn": self.fail_run.function_arn,
            "dead_letters": {
                name: {"arn": queue.queue_arn, "moves": name in self.sources}
                for name, queue in self.dead.items()
            },
        }

    def _functions(self) -> list[str]:
        """Functions whose failed calls are kept: what a rule could not hand to them lies there, too."""
        found = [each for stack in self.stacks for each in stack.node.find_all()]
        kept = [each for each in found if isinstance(each, lambda_.CfnEventInvokeConfig)]
        return [arn(each, "lambda", f"function:{each.function_name}") for each in kept]


_DECIDED_ON = {
    "ForAllValues:StringEquals": {"events:source": [EVENT_SOURCE], "events:detail-type": list(CAUSES)}
}
"""Asking for a decision once more; what is decided follows from the ledger, not from the event."""
