"""Names and ARNs of SageMaker's hosting resources, and on which of them an operation acts.

Source of the table: Service Authorization Reference, "Actions, resources, and condition keys for Amazon
SageMaker AI".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MODEL, CONFIG, ENDPOINT = "model", "endpoint-config", "endpoint"
TRANSFORM, MLFLOW = "transform-job", "mlflow-app"

# operation → (kind of resource, parameter that names it)
_ACTS_ON: Mapping[str, tuple[tuple[str, str], ...]] = {
    "CreateModel": ((MODEL, "ModelName"),),
    "DescribeModel": ((MODEL, "ModelName"),),
    "DeleteModel": ((MODEL, "ModelName"),),
    "CreateEndpointConfig": ((CONFIG, "EndpointConfigName"),),
    "DescribeEndpointConfig": ((CONFIG, "EndpointConfigName"),),
    "DeleteEndpointConfig": ((CONFIG, "EndpointConfigName"),),
    "CreateEndpoint": ((ENDPOINT, "EndpointName"), (CONFIG, "EndpointConfigName")),
    "UpdateEndpoint": ((ENDPOINT, "EndpointName"), (CONFIG, "EndpointConfigName")),
    "UpdateEndpointWeightsAndCapacities": ((ENDPOINT, "EndpointName"),),
    "CreateTransformJob": ((TRANSFORM, "TransformJobName"),),
    "DescribeTransformJob": ((TRANSFORM, "TransformJobName"),),
    "StopTransformJob": ((TRANSFORM, "TransformJobName"),),
    "DescribeEndpoint": ((ENDPOINT, "EndpointName"),),
    "DeleteEndpoint": ((ENDPOINT, "EndpointName"),),
    "InvokeEndpoint": ((ENDPOINT, "EndpointName"),),
    "InvokeEndpointAsync": ((ENDPOINT, "EndpointName"),),
    "InvokeEndpointWithResponseStream": ((ENDPOINT, "EndpointName"),),
}

# operation → the parameter that is an ARN itself
_BY_ARN: Mapping[str, str] = {
    "AddTags": "ResourceArn",
    "ListTags": "ResourceArn",
    "DeleteTags": "ResourceArn",
    "DescribeMlflowApp": "Arn",
    "UpdateMlflowApp": "Arn",
    "DeleteMlflowApp": "Arn",
    "CreatePresignedMlflowAppUrl": "Arn",
}


@dataclass(frozen=True)
class Names:
    """ARNs of one account and region. SageMaker writes the name in an ARN in lower case."""

    region: str
    account_id: str

    def arn(self, kind: str, name: str) -> str:
        """The ARN of a model, an endpoint configuration or an endpoint."""
        return f"arn:aws:sagemaker:{self.region}:{self.account_id}:{kind}/{name.lower()}"

    def log_group_arn(self, endpoint: str) -> str:
        """Where the containers of an endpoint log."""
        return f"arn:aws:logs:{self.region}:{self.account_id}:log-group:{log_group(endpoint)}"

    def acted_on(self, operation: str, params: Mapping[str, Any]) -> list[str]:
        """The ARNs that IAM is asked about; none for operations on no resource in particular."""
        # Only there: what InvokeEndpoint carries is the caller's own JSON, whatever its keys are called.
        if operation in _BY_ARN:
            return [str(params[_BY_ARN[operation]])] if _BY_ARN[operation] in params else []
        if operation == "CreateMlflowApp":  # Its name is no part of its ARN.
            return [self.arn(MLFLOW, "*")]
        parts = _ACTS_ON.get(operation, ())
        return [self.arn(kind, str(params[key])) for kind, key in parts if key in params]


def log_group(endpoint: str) -> str:
    """The log group of an endpoint's containers."""
    return f"/aws/sagemaker/Endpoints/{endpoint}"
