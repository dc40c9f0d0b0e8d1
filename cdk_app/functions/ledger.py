"""Statements on the ledger."""

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam

from cdk_app.statements import allow


def on_ledger(table: dynamodb.ITable, *actions: str) -> iam.PolicyStatement:
    """Allow `actions` (without `dynamodb:`) on the table; no function lists by kind: none needs the index."""
    return allow(*(f"dynamodb:{action}" for action in actions), on=table.table_arn)
