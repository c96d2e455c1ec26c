"""The errors of signed records.

ServerError
└── FactRecordError     a record is not what was signed
"""

from server.errors import ServerError


class FactRecordError(ServerError):
    """A record is not what was signed."""
