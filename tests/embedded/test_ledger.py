"""The ledger on DynamoDB obeys the same rules as the one in memory."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from sluiceway.gateways.dynamodb import INDEX, DynamoTable
from sluiceway.gateways.ledger import Ledger
from tests.embedded.conftest import CloudSession
from tests.fakes.ledger_report_rules import ReportLedgerRules
from tests.fakes.ledger_rules import LedgerRules

pytestmark = pytest.mark.embedded


class TestLedgerInDynamoDB(LedgerRules, ReportLedgerRules):
    """The rules of every ledger, on a table as the storage stack makes it."""

    @pytest.fixture
    def ledger(self, cloud_session: CloudSession) -> Iterator[Ledger]:
        """A ledger on a table of its own."""
        client, name = cloud_session.client("dynamodb"), f"ledger-{uuid4().hex[:8]}"
        client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=_keys("pk", "sk"),
            AttributeDefinitions=[
                {"AttributeName": attribute, "AttributeType": "S"} for attribute in ("pk", "sk", "kind", "at")
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": INDEX,
                    "KeySchema": _keys("kind", "at"),
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        )
        yield Ledger(DynamoTable(client, name))
        client.delete_table(TableName=name)


def _keys(hash_key: str, range_key: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": hash_key, "KeyType": "HASH"},
        {"AttributeName": range_key, "KeyType": "RANGE"},
    ]
