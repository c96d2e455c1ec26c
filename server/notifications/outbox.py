"""Hands notifications over, in the caller's own transaction: they go out when it commits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from server.db import Connection
from server.notifications import outbox_store
from server.notifications.errors import NotificationError
from server.notifications.template import template_of

Severity = Literal["critical", "major", "minor"]

MOST_VALUE_CHARS: Final = 60
"""Longest value of a placeholder; what is longer is cut: it is a name or a number, not a text."""
_MOST_KEY_CHARS: Final = 200


@dataclass(frozen=True, slots=True)
class Notification:
    """One thing that somebody is told, once under one key.

    Attributes:
        key: What makes it this notification: the same key again changes nothing. At most 200
            characters; it goes to the receiver as the idempotency key and names no person.
        org_id: The organisation that the matter is of; of the transaction's scope.
        login: Who is told; None: the channels of the organisation itself.
        kind: A key of `server.notifications.template.TEMPLATES`.
        severity: Critical is told in quiet hours too.
        alert_id: The alert, if it is about one; then rule, office, number and, where a channel's
            policy allows it, the person are filled in from it when it is sent.
        values: What the kind's template wants besides; references only, no personal data.
        group_id: What is told as one message where several of it wait for a channel.

    Raises:
        NotificationError: The kind does not exist, or the values are not those that it wants.
    """

    key: str
    org_id: str
    login: str | None
    kind: str
    severity: Severity
    alert_id: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    group_id: str | None = None

    def __post_init__(self) -> None:
        """Check it where it is made: in the queue it could only be given up."""
        if not 0 < len(self.key) <= _MOST_KEY_CHARS:
            raise NotificationError(f"a key has 1 to {_MOST_KEY_CHARS} characters: {self.key!r}")
        wanted = set(template_of(self.kind).values)
        if wanted != set(self.values):
            raise NotificationError(
                f"{self.kind} wants the values {sorted(wanted)}, got {sorted(self.values)}"
            )


async def enqueue(connection: Connection, notifications: Sequence[Notification]) -> int:
    """Place notifications, each on its person's desk and on its way over the channels.

    A person without an enabled channel of the own is told over the organisation's.

    Returns:
        How many were new: a key that is known is passed over.

    Raises:
        psycopg.errors.InsufficientPrivilege: One is about an organisation outside the scope.
    """
    if not notifications:
        return 0
    return await outbox_store.place(connection, [_row(one) for one in notifications])


def _row(one: Notification, channel_id: str | None = None) -> dict[str, Any]:
    # Several steps of one alert that wait for a channel are one message as well.
    about = f"{one.kind} {one.alert_id}" if one.alert_id else one.key
    return {
        "key": one.key,
        "org_id": one.org_id,
        "login": one.login,
        "channel_id": channel_id,
        "kind": one.kind,
        "severity": one.severity,
        "alert_id": one.alert_id,
        "fold_key": f"group {one.group_id}" if one.group_id else about,
        "body": {name: value[:MOST_VALUE_CHARS] for name, value in one.values.items()},
    }


async def enqueue_test(connection: Connection, one: Notification, channel_id: str) -> int:
    """Place a notification on its way over one channel, whatever that channel asks for."""
    return await outbox_store.place(connection, [_row(one, channel_id)])
