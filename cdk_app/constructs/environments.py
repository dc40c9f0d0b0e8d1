"""The repository of environment images."""

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr
from constructs import Construct


class Environments(Construct):
    """One repository for all projects: a tag is the hash of environment files and is never moved."""

    def __init__(self, scope: Construct, construct_id: str, *, keep: bool) -> None:
        super().__init__(scope, construct_id)
        self.repository = ecr.Repository(
            self,
            "Repository",
            image_tag_mutability=ecr.TagMutability.IMMUTABLE,
            image_scan_on_push=True,
            encryption=ecr.RepositoryEncryption.AES_256,
            empty_on_delete=not keep,
            removal_policy=cdk.RemovalPolicy.RETAIN if keep else cdk.RemovalPolicy.DESTROY,
            lifecycle_rules=[
                # Tagged images are pinned by runs; one without a tag is what is left of a repeated push.
                ecr.LifecycleRule(tag_status=ecr.TagStatus.UNTAGGED, max_image_age=cdk.Duration.days(7))
            ],
        )
