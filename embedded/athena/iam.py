"""On which ARNs an operation of Athena acts: workgroups, also where only a query is named, and catalogs.

MiniStack asks about `*` wherever a request names no workgroup.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonathena.html
"""

from typing import Any

from embedded.cloud import Cloud

_DEFAULT_WORKGROUP = "primary"
_IN_A_WORKGROUP = ("StartQueryExecution", "ListQueryExecutions", "ListNamedQueries", "CreateNamedQuery")


def resources_of(cloud: Cloud, operation: str, parameters: dict[str, Any]) -> list[str]:
    """The ARNs that IAM is asked about."""
    workgroup = parameters.get("WorkGroup") or _workgroup_of(parameters, operation)
    if workgroup:
        return [_arn(cloud, f"workgroup/{workgroup}")]
    if operation.endswith("DataCatalog") and parameters.get("Name"):
        return [_arn(cloud, f"datacatalog/{parameters['Name']}")]
    if operation in ("CreateWorkGroup",) and parameters.get("Name"):
        return [_arn(cloud, f"workgroup/{parameters['Name']}")]
    return [str(parameters["ResourceARN"])] if parameters.get("ResourceARN") else []


def _workgroup_of(parameters: dict[str, Any], operation: str) -> str | None:
    from ministack.services import athena

    query = athena._executions.get(parameters.get("QueryExecutionId")) or athena._named_queries.get(
        parameters.get("NamedQueryId")
    )
    if query:
        return str(query.get("WorkGroup") or _DEFAULT_WORKGROUP)
    return _DEFAULT_WORKGROUP if operation in _IN_A_WORKGROUP else None


def _arn(cloud: Cloud, name: str) -> str:
    return f"arn:aws:athena:{cloud.region}:{cloud.account_id}:{name}"
