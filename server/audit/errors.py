"""The errors of the evidence chain.

ServerError
├── AnchorError    the folder of anchors cannot be read or written
├── AuditFaultError    a chain is not whole
├── BlindError     who checks sees nothing
└── BundleError    there is nothing to hand over, or no key to prove it with
"""

from server.errors import ServerError


class AnchorError(ServerError):
    """The folder of anchors cannot be read or written."""


class AuditFaultError(ServerError):
    """A chain is not whole."""


class BlindError(ServerError):
    """Who checks sees nothing, and could find nothing wrong."""


class BundleError(ServerError):
    """There is nothing to hand over, or nothing that proves it."""
