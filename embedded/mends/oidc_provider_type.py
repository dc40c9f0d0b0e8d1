"""CloudFormation's AWS::IAM::OIDCProvider, which MiniStack refuses although it has the operation.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-oidcprovider.html
"""

from embedded.cloud import Cloud
from embedded.environment import ACCOUNT_ID
from embedded.mends.provisioning import Made, Properties, accepted, check_known

_TYPE = "AWS::IAM::OIDCProvider"
_KNOWN = ("Url", "ClientIdList", "ThumbprintList", "Tags")


def install(cloud: Cloud) -> None:
    """Let templates hold identity providers."""
    cloud.register_resource_type(_TYPE, create=_create, delete=_delete, update=_update)


def _create(_logical_id: str, properties: Properties, _stack: str) -> Made:
    from ministack.services import iam

    check_known(_TYPE, properties, _KNOWN)
    accepted(_TYPE, iam._create_oidc_provider(form(properties)))
    arn = arn_of(properties["Url"])
    return arn, {"Arn": arn}


def _update(arn: str, _old: Properties, new: Properties, stack: str) -> Made:
    _delete(arn, {})
    return _create("", new, stack)


def _delete(arn: str, _properties: Properties) -> None:
    from ministack.services import iam

    iam._delete_oidc_provider({"OpenIDConnectProviderArn": arn})


def arn_of(url: str) -> str:
    """The ARN of a provider."""
    return f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{url.removeprefix('https://').rstrip('/')}"


def form(properties: Properties) -> dict[str, str]:
    """The operation's form."""
    lists = {
        "ClientIDList": properties.get("ClientIdList"),
        "ThumbprintList": properties.get("ThumbprintList"),
    }
    members = {
        f"{name}.member.{number}": value
        for name, values in lists.items()
        for number, value in enumerate(values or [], 1)
    }
    for number, tag in enumerate(properties.get("Tags") or [], 1):
        members |= {f"Tags.member.{number}.{key}": tag[key] for key in ("Key", "Value")}
    return {"Url": properties["Url"]} | members
