"""Links, retention and looks."""

from datetime import timedelta
from typing import Any

from server.auth.looking import bound_looks
from server.auth.person import Desk
from server.auth.powers import require
from server.auth.store import log_access
from server.errors import ConflictError, NotFoundError
from server.media import store
from server.media.schemas import NewMediaLink, Retention
from server.policies.store import policy_of
from server.versions import check_version


async def record(desk: Desk, media_id: str) -> dict[str, Any]:
    """Return a recording of the scope.

    Raises:
        NotFoundError: There is none.
    """
    found = await store.one(desk.connection, media_id)
    if found is None:
        raise NotFoundError("no such recording in your scope")
    return found


async def link(desk: Desk, media_id: str, body: NewMediaLink) -> dict[str, Any]:
    """Link a recording; the first link makes it one of a case, kept as long as that.

    Raises:
        NotFoundError: No such recording, or no such thing, in the scope.
    """
    found = await record(desk, media_id)
    thing = await store.referred(desk.connection, body.kind, body.ref)
    if thing is None:
        raise NotFoundError(f"no such {body.kind} in your scope")
    row = {"org": found["org"], "media": media_id, "kind": body.kind, "ref": body.ref}
    row |= {"subject": thing["subject"], "by": desk.person.login, "note": body.note}
    await store.link(desk.connection, row)
    if found["retention"] != "permanent":
        await store.set_retention(desk.connection, media_id, "case", None)
    return await record(desk, media_id)


async def retain(
    desk: Desk, media_id: str, retention: Retention, if_match: str | None
) -> dict[str, Any]:
    """Set how long a recording is kept.

    Raises:
        ConflictError: It is destroyed already, or a case's is to end with the months.
    """
    require(desk.person, "decide", article="law-26")
    found = await record(desk, media_id)
    check_version(if_match, found["version"], current={"version": found["version"]})
    if found["state"] == "destroyed":
        raise ConflictError("the recording is destroyed")
    if retention == "months" and found["links"]:
        raise ConflictError("a recording that is linked is kept with its case, or permanently")
    keep_until = None
    if retention == "months":
        policy = await policy_of(desk.connection, found["org"], desk.now)
        keep_until = found["end_time"] + timedelta(days=policy.number("media_keep_days"))
    await store.set_retention(desk.connection, media_id, retention, keep_until)
    return await record(desk, media_id)


async def note_look(desk: Desk, found: dict[str, Any], purpose: str) -> None:
    """Note who plays a recording and why, for each person it is linked to."""
    said = f"{found['id']} {purpose}"
    if await store.looked_lately(desk.connection, desk.person.login, said):
        return
    people = {one["subject"] for one in found["links"]} - {None}
    for subject in sorted(people) or [None]:
        await log_access(
            desk.connection,
            org_id=desk.person.org_id,
            by_login=desk.person.login,
            act="media",
            subject_id=subject,
            purpose=said,
        )
    await bound_looks(desk)
