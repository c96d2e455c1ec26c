"""The errors of telling people.

ServerError
└── NotificationError        a notification cannot be told as it was handed over
    └── SendError            one attempt over a channel came to nothing
        └── RefusedSendError     and no later one will: the receiver, or this site, refuses it
"""

from server.errors import ServerError


class NotificationError(ServerError):
    """A notification cannot be told as it was handed over."""


class SendError(NotificationError):
    """One attempt over a channel came to nothing; the text holds no secret and no address."""


class RefusedSendError(SendError):
    """No later attempt will do better: the receiver, or this site's settings, refuse it."""
