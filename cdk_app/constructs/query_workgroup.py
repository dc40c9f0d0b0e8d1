"""The Athena workgroup of the stage's queries: it says where results go and how much may be scanned."""

from aws_cdk import aws_athena as athena
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk_app.settings import StageSettings

RESULTS_PREFIX = "queries"
"""Of the artifacts bucket; results are kept for a week."""


class QueryWorkgroup(Construct):
    """Costs nothing while nobody asks; its settings go before those of whoever asks."""

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: StageSettings, artifacts: s3.IBucket
    ) -> None:
        super().__init__(scope, construct_id)
        self.name = settings.resource_prefix
        self.workgroup = athena.CfnWorkGroup(
            self,
            "WorkGroup",
            name=self.name,
            description="Datasets that are results of queries",
            recursive_delete_option=True,
            work_group_configuration=athena.CfnWorkGroup.WorkGroupConfigurationProperty(
                enforce_work_group_configuration=True,
                bytes_scanned_cutoff_per_query=settings.query_scan_bytes,
                publish_cloud_watch_metrics_enabled=True,
                result_configuration=athena.CfnWorkGroup.ResultConfigurationProperty(
                    output_location=artifacts.s3_url_for_object(f"{RESULTS_PREFIX}/"),
                    encryption_configuration=athena.CfnWorkGroup.EncryptionConfigurationProperty(
                        encryption_option="SSE_S3"
                    ),
                ),
            ),
        )
