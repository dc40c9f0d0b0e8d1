"""CloudFormation types that MiniStack lacks."""

import json
from uuid import uuid4

import pytest

from tests.embedded.conftest import CloudSession

pytestmark = pytest.mark.embedded


def test_a_stack_may_hold_an_archive(cloud_session: CloudSession) -> None:
    """AWS::Events::Archive is made, changed in place and removed with its stack."""
    stacks, name = cloud_session.client("cloudformation"), f"s-{uuid4().hex[:8]}"
    events = cloud_session.client("events")

    def template(days: int) -> str:
        bus = {"Type": "AWS::Events::EventBus", "Properties": {"Name": name}}
        source = {"Fn::GetAtt": ["Bus", "Arn"]}
        properties = {"ArchiveName": name, "SourceArn": source, "RetentionDays": days}
        archive = {"Type": "AWS::Events::Archive", "Properties": properties}
        return json.dumps({"Resources": {"Bus": bus, "Archive": archive}})

    stacks.create_stack(StackName=name, TemplateBody=template(3))
    stacks.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    assert events.describe_archive(ArchiveName=name)["RetentionDays"] == 3
    stacks.update_stack(StackName=name, TemplateBody=template(9))
    stacks.get_waiter("stack_update_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    assert events.describe_archive(ArchiveName=name)["RetentionDays"] == 9
    stacks.delete_stack(StackName=name)
    stacks.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    with pytest.raises(events.exceptions.ResourceNotFoundException):
        events.describe_archive(ArchiveName=name)
