"""The errors of this package.

ServerError
└── BrokenChainError a stored segment is not what was stored
"""

from server.errors import ServerError


class BrokenChainError(ServerError):
    """The archive's chain does not hold: a segment was changed, taken out or put in."""
