"""交接班: who goes writes what is open, who comes signs it."""

from typing import Any, Final

from server.acts.act import Act
from server.acts.store import record
from server.auth.person import Desk
from server.cases.noting import new_id
from server.errors import NotFoundError, Refusal, RefusedError
from server.rota import store
from server.rota.on_duty import OnDuty, by_login, on_duty
from server.versions import check_version

_ARTICLE: Final = "law-26"
_WHO_WRITES: Final = ("本班值班人员在班时或班后填写", "who stood this shift, in it or after it")


async def duty_at(desk: Desk, org: str) -> list[OnDuty]:
    """Return who is on duty at an organisation now."""
    shifts = await store.shifts_from(desk.connection, [org], desk.now)
    absences = by_login(await store.absences_from(desk.connection, desk.now))
    return on_duty(shifts, absences, desk.now)


async def write(desk: Desk, shift_id: str, note: str) -> dict[str, Any]:
    """Write what the next shift must know; the open alerts are kept with it as they stand.

    Raises:
        NotFoundError: No such shift in the scope.
        RefusedError: It is another person's, did not begin, or has its note.
    """
    shift = await store.shift(desk.connection, shift_id)
    if shift is None:
        raise NotFoundError("no such shift in your scope")
    me = desk.person.login
    stands = any(
        one.shift_id == shift_id for one in await duty_at(desk, shift["org"]) if one.login == me
    )
    if shift["login"] != me and not stands:
        raise _refused("own_shift", ("非本人班次", "it is another person's shift"), _WHO_WRITES)
    if shift["begins_at"] > desk.now:
        raise _refused("not_begun", ("班次尚未开始", "the shift did not begin"), _WHO_WRITES)
    open_alerts = await store.open_alerts(desk.connection, shift["org"])
    row = {"id": new_id("ho"), "org": shift["org"], "shift": shift_id, "note": note}
    row |= {"open_alerts": open_alerts, "by": me, "at": desk.now}
    if not await store.insert_handover(desk.connection, row):
        text = ("该班次已有交接记录", "the shift has its note")
        raise _refused("one_handover", text, ("查看原记录", "read the note that stands"))
    await _record(desk, "handover.written", row, {"shift": shift_id, "open": len(open_alerts)})
    return await store.handover(desk.connection, row["id"]) or row


async def sign(
    desk: Desk, handover_id: str, remark: str | None, *, if_match: str | None
) -> dict[str, Any]:
    """Sign for having taken over, as somebody on duty there by another shift.

    Raises:
        NotFoundError: No such note in the scope.
        RefusedError: It is signed, the own, or the person is not on duty there.
    """
    row = await store.handover(desk.connection, handover_id, lock=True)
    if row is None:
        raise NotFoundError("no such hand-over note in your scope")
    check_version(if_match, row["version"], current={"id": handover_id, "version": row["version"]})
    if row["signed_at"] is not None:
        text = ("交接记录已签收", "the note is signed")
        raise _refused("signed_once", text, ("查看签收人", "see who signed it"))
    me = desk.person.login
    duty = await duty_at(desk, row["org"])
    takes_over = any(one.login == me and one.shift_id != row["shift"] for one in duty)
    if row["written_by"] == me or not takes_over:
        text = ("由接班人员签收", "who takes over signs it")
        raise _refused("next_shift", text, ("当前在班的另一人", "another person on duty there now"))
    await store.sign_handover(desk.connection, handover_id, by=me, at=desk.now, remark=remark)
    await _record(desk, "handover.signed", row, {"written_by": row["written_by"]})
    return await store.handover(desk.connection, handover_id) or row


def _refused(rule: str, said: tuple[str, str], allowed: tuple[str, str]) -> RefusedError:
    return RefusedError(Refusal("", rule, _ARTICLE, *said, *allowed))


async def _record(desk: Desk, kind: str, row: dict[str, Any], said: dict[str, Any]) -> None:
    act = Act(kind, row["org"], None, "handover", row["id"], desk.now, (_ARTICLE,), said)
    await record(desk.connection, act, desk.person)
