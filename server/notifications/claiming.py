"""Takes up what is due, one message for each channel that may be tried now."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from server.db import Connection
from server.notifications import worker_store
from server.notifications.channel import Channel
from server.notifications.errors import NotificationError
from server.notifications.message import Message, composed, key_of
from server.notifications.timing import Patience, quiet_until
from server.notifications.window import FIRST

FOLDS_ABOVE: Final = 4
"""So many matters that wait for one channel are told one by one; of more, one message is made: a
robot takes twenty messages a minute, and a person reads fewer."""
_DETAIL_CHARS: Final = 300


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that is this process's to send until its lease ends.

    Attributes:
        handed_over_s: How long it lay since it was queued; None: it was tried before.
        has_rested: It is the one that tries a channel that failed so often.
    """

    lease: str
    channel: Channel
    message: Message
    attempts: int
    handed_over_s: float | None
    has_rested: bool


@dataclass(frozen=True, slots=True)
class Round:
    """What one look at the queue came to.

    Attributes:
        has_more: Something was put off or given up: there may be more that is due.
        given_up: How many deliveries are dead letters now.
    """

    taken: tuple[Taken, ...]
    has_more: bool
    given_up: int


@dataclass(frozen=True, slots=True)
class Claim:
    """How messages are taken up.

    Attributes:
        lease_s: Longer than an attempt may take.
    """

    patience: Patience
    lease_s: float

    async def round(
        self, connection: Connection, now: datetime, *, room: Mapping[str, int], most: int
    ) -> Round:
        """Take up at most so many messages.

        Args:
            connection: A transaction that sees every organisation.
            now: The instant that quiet hours are told by; aware.
            room: How many more of each channel that something is under way over.
            most: How many messages.
        """
        found = await worker_store.leads(connection, room=room, first=FIRST, most=most)
        leads = []
        for lead in found:
            quiet = quiet_until(now, lead["quiet_from"], lead["quiet_to"])
            if quiet is not None and lead["urgency"] > 0:
                await worker_store.defer(connection, lead["channel_id"], quiet)
            else:
                leads.append((lead, await _ids(connection, lead)))
        content = await _content(connection, [number for _, ids in leads for number in ids])
        taken = []
        given_up = 0
        for lead, ids in leads:
            one = self._composed(lead, [content[number] for number in ids])
            if isinstance(one, str):
                given_up += await worker_store.give_up(connection, ids, one)
            else:
                taken.append((one, ids))
        await self._take(connection, taken)
        messages = tuple(one for one, _ in taken)
        return Round(messages, has_more=len(messages) < len(found), given_up=given_up)

    def _composed(self, lead: Mapping[str, Any], rows: list[dict[str, Any]]) -> Taken | str:
        """Return the message of deliveries, or why there is none."""
        channel = _channel(lead)
        attempts = lead["attempts"] + 1
        if attempts > self.patience.most_attempts:
            # Its attempts were never noted: whoever made them was gone before the end of each.
            return "every attempt ended with its process"
        # The gravest first.
        rows.sort(key=lambda row: (row["urgency"], row["id"]))
        key = lead["message_key"] or key_of([row["key"] for row in rows])
        try:
            message = composed(key, rows, tells=channel.tells, languages=channel.languages)
        except (NotificationError, KeyError, TypeError, ValueError) as error:
            return str(error)[:_DETAIL_CHARS]
        lay_s = float(rows[0]["lay_s"]) if attempts == 1 else None
        has_rested = lead["failure_count"] >= self.patience.breaks_after
        return Taken(secrets.token_hex(16), channel, message, attempts, lay_s, has_rested)

    async def _take(
        self, connection: Connection, taken: Sequence[tuple[Taken, Sequence[int]]]
    ) -> None:
        takings = [
            worker_store.Taking(ids, one.lease, one.message.key, one.attempts) for one, ids in taken
        ]
        if takings:
            await worker_store.take(connection, takings, lease_s=self.lease_s)
        for one, _ in taken:
            if one.has_rested:
                # One message tries the channel, for all processes.
                await worker_store.rest(connection, one.channel.id, self.lease_s)


async def _content(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    rows = await worker_store.content(connection, ids) if ids else []
    return {row["delivery"]: row for row in rows}


async def _ids(connection: Connection, lead: Mapping[str, Any]) -> list[int]:
    if lead["message_key"] is not None:
        return await worker_store.same(connection, lead["channel_id"], lead["message_key"])
    if lead["kind"] == "webhook":
        # A machine reads every one of them.
        return [lead["id"]]
    others = await worker_store.fresh(connection, lead["channel_id"], beside=lead["id"])
    if len({lead["fold_key"], *(row["fold_key"] for row in others)}) <= FOLDS_ABOVE:
        others = [row for row in others if row["fold_key"] == lead["fold_key"]]
    return [lead["id"], *(row["id"] for row in others)]


def _channel(lead: Mapping[str, Any]) -> Channel:
    sealed = lead["sealed"]
    return Channel(
        id=lead["channel_id"],
        org_id=lead["org_id"],
        login=lead["login"],
        kind=lead["kind"],
        tells=lead["tells"],
        languages=tuple(lead["languages"]),
        quiet_from=lead["quiet_from"],
        quiet_to=lead["quiet_to"],
        sealed=None if sealed is None else bytes(sealed),
        sealed_secrets=tuple(
            (secret_id, bytes(secret))
            for secret_id, secret in zip(lead["secret_ids"], lead["secrets"], strict=True)
        ),
    )
