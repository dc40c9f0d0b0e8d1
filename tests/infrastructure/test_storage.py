"""Buckets, ledger, queues and rules."""

from typing import Any

from tests.infrastructure.template import Assembly


def test_buckets_are_versioned_private_and_encrypted(assembly: Assembly) -> None:
    """Nothing is overwritten for good, and nothing is public."""
    for bucket in assembly.properties("AWS::S3::Bucket").values():
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        assert all(bucket["PublicAccessBlockConfiguration"].values())
        assert bucket["BucketEncryption"]


def test_buckets_and_queues_answer_only_over_tls(assembly: Assembly) -> None:
    """Every bucket and every queue has a policy that denies everything else."""
    for resource, policy in (("S3::Bucket", "S3::BucketPolicy"), ("SQS::Queue", "SQS::QueuePolicy")):
        policies = assembly.properties(f"AWS::{policy}").values()
        assert len([each for each in policies if _denies_plain_http(each)]) == len(
            assembly.resources(f"AWS::{resource}")
        )


def test_an_upload_under_a_key_of_ones_own_is_refused(assembly: Assembly) -> None:
    """Jobs may use no KMS key, and the ETag of such an object is no MD5 to check it by."""
    (policy,) = (
        each for name, each in assembly.properties("AWS::S3::BucketPolicy").items() if "Uploads" in name
    )
    denied = [each for each in policy["PolicyDocument"]["Statement"] if each["Action"] == "s3:PutObject"]
    encryption = {"s3:x-amz-server-side-encryption": ["aws:kms", "aws:kms:dsse"]}
    assert [(each["Effect"], each["Condition"]) for each in denied] == [
        ("Deny", {"StringEquals": encryption})
    ]


def test_versions_that_a_dataset_pins_never_expire(assembly: Assembly) -> None:
    """A manifest names S3 version ids; a rule on noncurrent versions under data/ would break old versions."""
    uploads = next(
        bucket for name, bucket in assembly.properties("AWS::S3::Bucket").items() if "Uploads" in name
    )
    expiring = [
        rule for rule in uploads["LifecycleConfiguration"]["Rules"] if "NoncurrentVersionExpiration" in rule
    ]
    assert [rule["Prefix"] for rule in expiring] == ["code/"]
    assert not [rule for rule in uploads["LifecycleConfiguration"]["Rules"] if "ExpirationInDays" in rule]


def test_uploads_are_announced_without_a_custom_resource(assembly: Assembly) -> None:
    """The bucket's own property turns EventBridge on."""
    on = [
        bucket["NotificationConfiguration"]["EventBridgeConfiguration"]
        for bucket in assembly.properties("AWS::S3::Bucket").values()
        if "NotificationConfiguration" in bucket
    ]
    assert on == [{"EventBridgeEnabled": True}]


def test_the_ledger_is_on_demand_and_recoverable(assembly: Assembly) -> None:
    """It costs nothing while idle, and an accident can be undone."""
    (table,) = assembly.properties("AWS::DynamoDB::Table").values()
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == ["by_kind"]


def test_prod_outlives_its_stacks(assemblies: dict[str, Assembly]) -> None:
    """Where data is kept, deleting a stack deletes no data."""
    for kind in ("AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::ECR::Repository"):
        assert {each["DeletionPolicy"] for each in assemblies["prod"].resources(kind).values()} == {"Retain"}


def test_every_queue_has_dead_letters_or_holds_them(assembly: Assembly) -> None:
    """Nothing is dropped without a trace."""
    for name, queue in assembly.properties("AWS::SQS::Queue").items():
        assert "RedrivePolicy" in queue or "DeadLetters" in name
        assert queue["SqsManagedSseEnabled"] is True


def test_a_message_stays_hidden_for_six_times_its_functions_timeout(assembly: Assembly) -> None:
    """Lambda's developer guide; less, and a throttled batch is worked on twice."""
    queues = assembly.properties("AWS::SQS::Queue")
    functions = assembly.properties("AWS::Lambda::Function")
    for mapping in assembly.properties("AWS::Lambda::EventSourceMapping").values():
        queue = queues[f"Triggers/{mapping['EventSourceArn']['Fn::GetAtt'][0]}"]
        function = functions[f"Triggers/{mapping['FunctionName']['Ref']}"]
        assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert mapping["ScalingConfig"]["MaximumConcurrency"] >= 2


def test_what_a_rule_or_schedule_cannot_hand_over_is_kept(assembly: Assembly) -> None:
    """Each target has a dead-letter queue."""
    targets = [
        target
        for rule in assembly.properties("AWS::Events::Rule").values()
        for target in rule.get("Targets", [])
    ]
    targets += [each["Target"] for each in assembly.properties("AWS::Scheduler::Schedule").values()]
    # The rule that an archive makes for itself has no template of ours.
    assert targets
    assert all("DeadLetterConfig" in target for target in targets)


def _denies_plain_http(policy: dict[str, Any]) -> bool:
    return any(
        statement["Effect"] == "Deny"
        and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
        for statement in policy["PolicyDocument"]["Statement"]
    )
