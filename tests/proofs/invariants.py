"""What must hold in every history: after each write, each event and each start, and once all is quiet."""

from tests.proofs.invariant_names import INVARIANTS as INVARIANTS
from tests.proofs.invariant_names import Violation as Violation
from tests.proofs.quiet import Quiet
from tests.proofs.watching import Watching


class Invariants(Watching, Quiet):
    """All of them, for one cloud."""
