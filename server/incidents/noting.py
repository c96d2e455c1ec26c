"""What every step on an incident does besides: its line, its act, who is told."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from server.acts.act import Act
from server.acts.store import record
from server.auth.person import Desk
from server.db import Connection
from server.incidents import store
from server.notifications.outbox import Notification, enqueue
from server.routing.telling import pseudonym


class AtWork(Protocol):
    """A transaction and its instant: a person's `Desk`, or a round of the reminders."""

    @property
    def connection(self) -> Connection:
        """The transaction."""

    @property
    def now(self) -> datetime:
        """Its instant, aware."""


async def note(
    desk: Desk,
    incident: Mapping[str, Any],
    kind: str,
    body: Mapping[str, Any] | None = None,
    text: str | None = None,
) -> None:
    """Write a person's line into an incident's time line, and an act that it happened.

    Args:
        desk: Who.
        incident: Its `id` and `org`.
        kind: As the schema names it.
        body: References only.
        text: The person's own words; the act does not repeat them.
    """
    entry = {"org": incident["org"], "incident": incident["id"], "kind": kind, "note": text}
    said = dict(body or {})
    entry |= {"by": desk.person.login, "body": said, "at": desk.now}
    await store.add_entry(desk.connection, entry)
    act = Act(
        f"incident.{kind}",
        incident["org"],
        None,
        "incident",
        incident["id"],
        desk.now,
        ("law-26",),
        said,
    )
    await record(desk.connection, act, desk.person)


async def tell(
    work: AtWork,
    incident: Mapping[str, Any],
    kind: str,
    logins: Iterable[str],
    *,
    task: int | None = None,
) -> None:
    """Tell people of an incident, or of one task of it."""
    values = {"incident": str(incident["id"])}
    if task is not None:
        values["task"] = str(task)
    instant = int(work.now.timestamp() * 1000)
    notifications = [
        Notification(
            key=f"{kind}/{incident['id']}/{task or 0}/{instant}/{pseudonym(login)}",
            org_id=incident["org"],
            login=login,
            kind=kind,
            severity="critical",
            values=values,
        )
        for login in sorted(set(logins))
    ]
    await enqueue(work.connection, notifications)
