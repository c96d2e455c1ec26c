"""The errors of this package.

ServerError
├── SealError                a sealed content does not open
└── RequestError
    └── UnavailableError
        └── FieldsClosedError    this site's keys do not open a personal field
"""

from server.errors import ServerError, UnavailableError


class SealError(ServerError):
    """Another key or context sealed a content, or it was changed."""


class FieldsClosedError(UnavailableError):
    """This site's keys do not open a personal field; says where, never what."""
