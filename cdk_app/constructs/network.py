"""The network that jobs run in."""

from aws_cdk import aws_ec2 as ec2
from constructs import Construct


class Network(Construct):
    """Public subnets without a NAT gateway (33 USD a month each): jobs get a public address and no way in."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        public = ec2.SubnetConfiguration(name="Public", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=20)
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            max_azs=2,
            nat_gateways=0,
            subnet_configuration=[public],
            # Emptying the default group takes a custom resource with a function; nothing is placed in it.
            restrict_default_security_group=False,
        )
        self.vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
        self.vpc.add_gateway_endpoint("DynamoDb", service=ec2.GatewayVpcEndpointAwsService.DYNAMODB)
        self.jobs = ec2.SecurityGroup(
            self, "Jobs", vpc=self.vpc, description="Jobs: every way out, no way in", allow_all_outbound=True
        )
