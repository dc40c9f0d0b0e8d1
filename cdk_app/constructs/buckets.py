"""The two buckets: what people push, and what the platform makes of it."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

_UNFINISHED_UPLOADS = s3.LifecycleRule(abort_incomplete_multipart_upload_after=cdk.Duration.days(7))


class Buckets(Construct):
    """`uploads` (never trusted, announced on EventBridge) and `artifacts` (written by the platform only)."""

    def __init__(self, scope: Construct, construct_id: str, *, keep: bool) -> None:
        super().__init__(scope, construct_id)
        self.uploads = _bucket(self, "Uploads", keep=keep, lifecycle=_uploads_lifecycle())
        self.artifacts = _bucket(self, "Artifacts", keep=keep, lifecycle=_artifacts_lifecycle())
        self.uploads.add_to_resource_policy(_no_keys_of_ones_own(self.uploads))
        _announce_on_event_bridge(self.uploads)


def _bucket(
    scope: Construct, construct_id: str, *, keep: bool, lifecycle: list[s3.LifecycleRule]
) -> s3.Bucket:
    return s3.Bucket(
        scope,
        construct_id,
        versioned=True,
        enforce_ssl=True,
        encryption=s3.BucketEncryption.S3_MANAGED,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        lifecycle_rules=[_UNFINISHED_UPLOADS, *lifecycle],
        removal_policy=cdk.RemovalPolicy.RETAIN if keep else cdk.RemovalPolicy.DESTROY,
    )


def _no_keys_of_ones_own(bucket: s3.Bucket) -> iam.PolicyStatement:
    """An object under a KMS key would be taken in, and fail every run: jobs may use no key, and S3's ETag,
    by which they check what they fetched, is then no MD5. Refused at once, the uploader knows."""
    encryption = {"s3:x-amz-server-side-encryption": ["aws:kms", "aws:kms:dsse"]}
    return iam.PolicyStatement(
        effect=iam.Effect.DENY,
        actions=["s3:PutObject"],
        principals=[iam.AnyPrincipal()],
        resources=[bucket.arn_for_objects("*")],
        conditions={"StringEquals": encryption},
    )


def _uploads_lifecycle() -> list[s3.LifecycleRule]:
    # Only code/: an accepted archive is kept in artifacts. Never data/: a dataset version copies nothing,
    # it pins S3 version ids, and those are noncurrent as soon as somebody uploads the same file again.
    return [s3.LifecycleRule(prefix="code/", noncurrent_version_expiration=cdk.Duration.days(30))]


def _artifacts_lifecycle() -> list[s3.LifecycleRule]:
    # A build context is made anew from the code version whenever an image must be built. Everything else is
    # written once under a name that says what it holds: a noncurrent version is only a repeated, equal write.
    return [
        s3.LifecycleRule(prefix="images/", expiration=cdk.Duration.days(30)),
        # What Athena answered was published as a dataset, or not at all.
        s3.LifecycleRule(prefix="queries/", expiration=cdk.Duration.days(7)),
        s3.LifecycleRule(noncurrent_version_expiration=cdk.Duration.days(30)),
    ]


def _announce_on_event_bridge(bucket: s3.Bucket) -> None:
    # The L2's `event_bridge_enabled` brings a custom resource with a function; the property does the same.
    resource = bucket.node.default_child
    assert isinstance(resource, s3.CfnBucket)  # noqa: S101 - narrows a type that jsii cannot know
    resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
        event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
    )
