"""Puts Application Auto Scaling into the cloud."""

from typing import Any

from embedded.cloud import Cloud
from embedded.readiness import when_listening
from embedded.sagemaker.clock import RealClock
from embedded.scaling.alarms import PolicyAlarms
from embedded.scaling.books import Books
from embedded.scaling.cloudformation import POLICY, TARGET, PolicyType, TargetType
from embedded.scaling.evaluator import Evaluator
from embedded.scaling.metrics import cloudwatch_reader
from embedded.scaling.service import Scaling
from embedded.scaling.variants import SageMakerVariants
from embedded.wire import JsonService

_NAME = "application-autoscaling"


def install(cloud: Cloud) -> None:
    """Serve the API and its types in CloudFormation, and look at policies now and then."""

    def metrics() -> Any:
        return cloud.client("cloudwatch")

    books = Books(cloud.state_dir / "scaling")
    endpoints = cloud.state_dir / "sagemaker" / "endpoints"
    variants = SageMakerVariants(endpoints, lambda: cloud.client("sagemaker"))
    alarms = PolicyAlarms(cloud, metrics)
    scaling = Scaling(cloud, books, variants, alarms)
    evaluator = Evaluator(books, variants, cloudwatch_reader(metrics), alarms.ringing, RealClock())
    service = JsonService(_NAME, scaling.operations(), invalid="ValidationException")
    cloud.register_service(
        _NAME, service.handle, credential_scopes=[_NAME], target_prefixes=["AnyScaleFrontendService."]
    )
    cloud.register_iam(_NAME, scaling.acted_on, models=[_NAME])
    for name, kind in ((TARGET, TargetType(scaling)), (POLICY, PolicyType(scaling))):
        cloud.register_resource_type(name, create=kind.create, update=kind.update, delete=kind.delete)
    when_listening(cloud.endpoint_url, evaluator.start)
