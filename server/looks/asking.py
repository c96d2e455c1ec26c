"""Asking for a look, and deciding on it; the answers show nothing of the file."""

from datetime import timedelta
from typing import Any, Final

from server.auth.person import Desk
from server.auth.powers import require, require_another
from server.cases.noting import new_id, note
from server.cases.standing import Standing, standing
from server.db import open_file
from server.deadlines import running
from server.errors import ConflictError, NotFoundError, Refusal, RefusedError
from server.law.articles import article
from server.looks import store
from server.looks.schemas import NewLook
from server.policies.store import policy_of
from server.versions import check_version

_ARTICLES: Final = (article("law-54").key, article("cpl-286").key)


async def ask(desk: Desk, subject_id: str, body: NewLook) -> dict[str, Any]:
    """Ask for a look into a closed file of the scope.

    Raises:
        NotFoundError: No such file in the scope.
        RefusedError: It is not closed.
        ConflictError: A look of this person waits already.
    """
    await open_file(desk.connection, subject_id)
    file = await standing(desk.connection, subject_id)
    if not (file.is_minor or file.is_sealed):
        text = ("该档案未封存", "the file is not closed", "直接查阅", "read it")
        raise RefusedError(Refusal("", "closed_file", "law-54", *text))
    if await store.waits(desk.connection, subject_id, desk.person.login):
        raise ConflictError("a look of yours into this file waits for its decision")
    policy = await policy_of(desk.connection, file.org_id, desk.now)
    look_id = new_id("lk")
    row = {"id": look_id, "org": file.org_id, "subject": subject_id, "at": desk.now}
    hours = policy.number("sealed_look_open_hours")
    asked = body.model_dump() | row | {"by": desk.person.login, "hours": hours}
    await store.insert(desk.connection, asked)
    await running.start(
        desk,
        "sealed_look_decision",
        org_id=file.org_id,
        subject_id=subject_id,
        ref_kind="look",
        ref_id=look_id,
    )
    await _note(desk, file, "look.asked", look_id, {"ground": body.ground, "reason": body.reason})
    return await store.look(desk.connection, look_id) or {}


async def decide(
    desk: Desk, look_id: str, *, approve: bool, if_match: str | None
) -> dict[str, Any]:
    """Grant or refuse a look, as a person of the county who did not ask for it.

    Raises:
        RefusedError: Not by this person.
        ConflictError: It is decided already.
    """
    require(desk.person, "decide", article="law-54")
    found = await store.look(desk.connection, look_id, lock=True)
    if found is None:
        raise NotFoundError("no such look in your scope")
    check_version(if_match, found["version"], current={"version": found["version"]})
    require_another(desk.person, found["asked_by"], article="law-54")
    if found["state"] != "asked":
        raise ConflictError(f"a look that is {found['state']} is not decided again")
    await open_file(desk.connection, found["subject"])
    file = await standing(desk.connection, found["subject"])
    state = "granted" if approve else "refused"
    ends_at = desk.now + timedelta(hours=found["hours"]) if approve else None
    row = {"id": look_id, "state": state, "by": desk.person.login, "at": desk.now}
    await store.decide(desk.connection, row | {"ends_at": ends_at})
    await running.meet(desk, "sealed_look_decision", ref_kind="look", ref_id=look_id)
    said = {"for": found["asked_by"], "ends_at": ends_at and ends_at.isoformat()}
    await _note(desk, file, f"look.{state}", look_id, said)
    return await store.look(desk.connection, look_id) or found


async def _note(desk: Desk, file: Standing, kind: str, look_id: str, said: dict[str, Any]) -> None:
    await note(desk, file, kind, *_ARTICLES, ref=("look", look_id), body=said)
