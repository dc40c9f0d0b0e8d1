"""CloudFormation's AWS::Athena::NamedQuery, which MiniStack refuses although it has the operation.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-athena-namedquery.html
"""

from embedded.cloud import Cloud
from embedded.mends.provisioning import Made, Properties, check_known, parsed

_TYPE = "AWS::Athena::NamedQuery"
_KNOWN = ("Name", "Description", "Database", "QueryString", "WorkGroup")


def install(cloud: Cloud) -> None:
    """Let templates hold queries; every property of one is create-only."""
    cloud.register_resource_type(_TYPE, create=_create, delete=_delete, update=_update)


def _create(logical_id: str, properties: Properties, _stack: str) -> Made:
    from ministack.services import athena

    check_known(_TYPE, properties, _KNOWN)
    answer = parsed(_TYPE, athena._create_named_query({"Name": logical_id} | properties))
    return answer["NamedQueryId"], {"NamedQueryId": answer["NamedQueryId"]}


def _update(identity: str, old: Properties, new: Properties, stack: str) -> Made:
    made = _create("", {"Name": old.get("Name", "")} | new, stack)
    _delete(identity, old)
    return made


def _delete(identity: str, _properties: Properties) -> None:
    from ministack.services import athena

    athena._delete_named_query({"NamedQueryId": identity})
