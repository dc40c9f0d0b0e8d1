"""The ledger: the system's memory of events, runs, pointers, images, endpoints and deployments.

One table. Whatever happens is written under a condition that stores its owner; after a failed condition
the owner is read back, because it may have been oneself (`Claim`). The `Ledger` runs on any `Table`:
DynamoDB's in `dynamodb.py`, one in memory in `tests/fakes/ledger.py`.

    pk                 sk                       kind in listings (index `by_kind`, ordered by `at`)
    EVENT#<id>         EVENT                    EVENT
                       SEEN#<what>              what the event was first seen to mean
                       SETTLED                  which settling followed from an upload
    PROJECT#<project>  CODE, CODE#<version>     PROJECT (CODE only)
                       TURN#…, WAITING#…, FIRED#…   of schedules (`ledger_schedules.py`)
    DATASET#<dataset>  LATEST, VERSION#<v>      DATASET (LATEST only)
                       LOG#<moved at>           what was the latest version before
                       PROJECT#<project>        a subscription
                       PENDING                  what was uploaded since, and the timer that will look
                       DIGEST#<object>          what an object hashes to
                       QUERY                    which result of its query stands
    RUN#<run id>       RUN                      RUN
    IMAGE#<tag>        IMAGE
    ENDPOINT#<project> ENDPOINT                 ENDPOINT
    DEPLOYMENT#<id>    DEPLOYMENT               DEPLOYMENT
    REPOSITORY#<name>  BRANCH#<branch>          which commit was taken in last
    COMMIT#…, PULL#…   (`ledger_reports.py`)

Example:
    ledger = Ledger(DynamoTable(boto3.client("dynamodb"), "sluiceway-ledger"))
    if ledger.claim_run(record).ours: ...
"""

from sluiceway.gateways.ledger_branches import BranchLedger
from sluiceway.gateways.ledger_datasets import DatasetLedger
from sluiceway.gateways.ledger_deployments import DeploymentLedger
from sluiceway.gateways.ledger_events import EventLedger
from sluiceway.gateways.ledger_pointers import PointerLedger
from sluiceway.gateways.ledger_queries import QueryLedger
from sluiceway.gateways.ledger_reports import ReportLedger
from sluiceway.gateways.ledger_runs import RunLedger
from sluiceway.gateways.ledger_schedules import ScheduleLedger
from sluiceway.gateways.records import (
    Claim as Claim,
)
from sluiceway.gateways.records import (
    CodePointer as CodePointer,
)
from sluiceway.gateways.records import (
    DatasetPointer as DatasetPointer,
)
from sluiceway.gateways.records import (
    DeploymentRecord as DeploymentRecord,
)
from sluiceway.gateways.records import (
    EndpointRecord as EndpointRecord,
)
from sluiceway.gateways.records import (
    EventRecord as EventRecord,
)
from sluiceway.gateways.records import (
    ImageRecord as ImageRecord,
)
from sluiceway.gateways.records import (
    RunFacts as RunFacts,
)
from sluiceway.gateways.records import (
    RunRecord as RunRecord,
)


class Ledger(
    RunLedger,
    EventLedger,
    PointerLedger,
    BranchLedger,
    DatasetLedger,
    DeploymentLedger,
    QueryLedger,
    ReportLedger,
    ScheduleLedger,
):
    """Everything that is remembered, on one table."""
