"""CloudFormation's AWS::EC2::SecurityGroupIngress, which MiniStack refuses although it has the operation.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-securitygroupingress.html
"""

from embedded.cloud import Cloud
from embedded.mends.provisioning import Made, Properties, accepted, check_known

_TYPE = "AWS::EC2::SecurityGroupIngress"
_KNOWN = (
    "GroupId",
    "IpProtocol",
    "FromPort",
    "ToPort",
    "CidrIp",
    "CidrIpv6",
    "SourceSecurityGroupId",
    "Description",
)
# A property, and where it stands in the Query protocol's form.
_PEERS = {
    "CidrIp": ("IpRanges", "CidrIp"),
    "CidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
    "SourceSecurityGroupId": ("Groups", "GroupId"),
}


def install(cloud: Cloud) -> None:
    """Let templates hold rules of security groups; a change replaces the rule."""
    cloud.register_resource_type(_TYPE, create=_create, delete=_delete, update=_update)


def _create(_logical_id: str, properties: Properties, _stack: str) -> Made:
    from ministack.services import ec2

    check_known(_TYPE, properties, _KNOWN)
    request = form(properties)
    accepted(_TYPE, ec2._authorize_sg_ingress(request))
    (rule,) = ec2._parse_ip_permissions(request, "IpPermissions")
    identity = str(ec2._sg_rule_id(properties["GroupId"], False, rule))
    return identity, {"Id": identity}


def _update(identity: str, old: Properties, new: Properties, stack: str) -> Made:
    _delete(identity, old)
    return _create("", new, stack)


def _delete(_identity: str, properties: Properties) -> None:
    from ministack.services import ec2

    if properties["GroupId"] in ec2._security_groups:
        accepted(_TYPE, ec2._revoke_sg_ingress(form(properties)))


def form(properties: Properties) -> dict[str, str]:
    """The operation's form for a rule; ValueError unless it says from where."""
    peers = [name for name in _PEERS if properties.get(name)]
    if len(peers) != 1:
        raise ValueError(f"{_TYPE}: exactly one of {', '.join(_PEERS)} is needed")
    kind, member = _PEERS[peers[0]]
    start = "IpPermissions.1"
    found = {"GroupId": properties["GroupId"], f"{start}.{kind}.1.{member}": properties[peers[0]]}
    found |= {
        f"{start}.{name}": str(properties[name])
        for name in ("IpProtocol", "FromPort", "ToPort")
        if name in properties
    }
    if properties.get("Description"):
        found[f"{start}.{kind}.1.Description"] = properties["Description"]
    return found
