"""The ledger of branches: which commit of each was taken in last, and which projects it held."""

from sluiceway.gateways.items import maybe, to_item
from sluiceway.gateways.records import BranchPointer, Claim, CodePointer
from sluiceway.gateways.table import ABSENT, Table, equals


class BranchLedger:
    """Branches by repository and name. Whoever moves one names what stood there: the later one fails."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def branch(self, repository: str, name: str) -> BranchPointer | None:
        """What was taken in of the branch last."""
        return maybe(BranchPointer, self._table.get(*_key(repository, name)))

    def move_branch(self, pointer: BranchPointer, *, replacing: str | None) -> Claim:
        """Record what was taken in. `replacing` is the state that stood there, None for the first."""
        key = _key(pointer.repository, pointer.branch)
        when = ABSENT if replacing is None else equals("state", replacing)
        if self._table.put_if(to_item(*key, pointer), when):
            return Claim.WON
        standing = self.branch(pointer.repository, pointer.branch)
        same = standing is not None and standing.state == pointer.state
        return Claim.MINE if same else Claim.THEIRS

    def replace_code_pointer(self, pointer: CodePointer, standing: CodePointer | None) -> Claim:
        """Make this the project's latest code if `standing` still is; THEIRS: look again what is latest."""
        self._table.put(to_item(f"PROJECT#{pointer.project}", f"CODE#{pointer.code_version}", pointer))
        return self._make_latest(pointer, standing)

    def retire_code(self, pointer: CodePointer, standing: CodePointer | None) -> Claim:
        """The same, with a pointer that is `retired`; its code version stays in the ledger as it was."""
        return self._make_latest(pointer, standing)

    def _make_latest(self, pointer: CodePointer, standing: CodePointer | None) -> Claim:
        pk = f"PROJECT#{pointer.project}"
        item = to_item(pk, "CODE", pointer) | {"kind": "PROJECT", "at": pointer.moved_at}
        # Each write has an order of its own; one push may write twice, with another one's write in between.
        when = ABSENT if standing is None else equals("order", standing.order)
        if self._table.put_if(item, when):
            return Claim.WON
        found = maybe(CodePointer, self._table.get(pk, "CODE"))
        return Claim.MINE if found is not None and found.event_id == pointer.event_id else Claim.THEIRS

    def keep_code(self, pointer: CodePointer) -> None:
        """Remember a code version that does not become the latest: of a pull request, of a tag."""
        item = to_item(f"PROJECT#{pointer.project}", f"CODE#{pointer.code_version}", pointer)
        self._table.put_if(item, ABSENT)


def _key(repository: str, name: str) -> tuple[str, str]:
    return f"REPOSITORY#{repository.casefold()}", f"BRANCH#{name}"
