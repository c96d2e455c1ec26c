"""What a check of the chains found. Pure."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

_FAULTS_MAX: Final = 100


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """A record that is not what was sealed, signed or anchored.

    Attributes:
        org: Whose chain.
        position: Of the leaf, or of the last leaf of the block; faults are sorted by it.
        rank: Within a position: a row before its block, a block before its checkpoint.
        table: Where the record is, or was.
        id: Of the record: a row's key, `organisation/number`, or file and line of an anchor.
        what: What differs, in words.
    """

    org: str
    position: int
    rank: int
    table: str
    id: str
    what: str


@dataclass(slots=True)
class ChainState:
    """One organisation's chain.

    Attributes:
        leaves: Rows in it.
        blocks: Batches.
        destroyed: Leaves whose row was destroyed lawfully.
        pending: Rows that wait to be sealed.
        anchored: Leaves up to the last anchor; what lies after it could be rewritten unseen.
    """

    org: str
    leaves: int = 0
    blocks: int = 0
    destroyed: int = 0
    pending: int = 0
    anchored: int = 0

    @property
    def unanchored(self) -> int:
        """Rows after the last anchor, sealed or not."""
        return self.leaves - self.anchored + self.pending


@dataclass(slots=True)
class Report:
    """A check of every chain.

    Attributes:
        fault_count: All of them; `faults` keeps the first.
        signatures_checked: A key was given.
        anchors_checked: How many; None: no folder was given.
    """

    chains: dict[str, ChainState] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    fault_count: int = 0
    signatures_checked: bool = False
    anchors_checked: int | None = None

    def chain(self, org: str) -> ChainState:
        """Return the state of an organisation's chain."""
        return self.chains.setdefault(org, ChainState(org))

    def add(self, found: Sequence[Fault]) -> None:
        """Take faults; the first in the order of the chains are kept."""
        self.fault_count += len(found)
        self.faults = sorted([*self.faults, *found])[:_FAULTS_MAX]

    @property
    def is_whole(self) -> bool:
        """Whether nothing was found."""
        return self.fault_count == 0

    def as_json(self) -> dict[str, Any]:
        """Return the report as an object of JSON."""
        chains = [
            asdict(chain) | {"unanchored": chain.unanchored}
            for _, chain in sorted(self.chains.items())
        ]
        return {
            "ok": self.is_whole,
            "leaves": sum(chain["leaves"] for chain in chains),
            "unanchored": sum(chain["unanchored"] for chain in chains),
            "signatures_checked": self.signatures_checked,
            "anchors_checked": self.anchors_checked,
            "fault_count": self.fault_count,
            "first_fault": asdict(self.faults[0]) if self.faults else None,
            "faults": [asdict(fault) for fault in self.faults],
            "chains": chains,
        }
