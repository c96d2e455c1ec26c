"""The errors of scoring.

ServerError
└── PolicyError     a scoring policy has faults
"""

from collections.abc import Sequence

from server.errors import ServerError
from server.scoring.faults import PolicyFault


class PolicyError(ServerError):
    """A scoring policy has faults; `faults` has each with its line and column."""

    def __init__(self, faults: Sequence[PolicyFault]) -> None:
        """Say the first fault, and how many there are."""
        first = faults[0]
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__(f"line {first.line}, column {first.column}: {first.en}{more}")
        self.faults = tuple(faults)
