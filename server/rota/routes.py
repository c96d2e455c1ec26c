"""The rota: shifts, absences, who is on duty, hand-over notes."""

from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime

from server.auth.person import AnyDesk, Desk, HandlerDesk, ReaderDesk, RegistrarDesk, desk_for
from server.cursor import Cursor, Limit, decode_instant_cursor, page_of
from server.errors import InvalidError, NotFoundError
from server.once import RequestKey, once
from server.rota import entering, handing_over, store
from server.rota.on_duty import by_login, on_duty
from server.rota.schemas import (
    AbsenceInfo,
    HandoverInfo,
    HandoverPage,
    NewAbsence,
    NewHandover,
    NewShifts,
    OnDutyList,
    RotaInfo,
    ShiftInfo,
    ShiftList,
    Signature,
)
from server.versions import IfMatch, set_version

router = APIRouter(prefix="/api/v1/rota", tags=["rota"])

_Staff = Annotated[Desk, Depends(desk_for("admin", "supervisor", "officer"), scope="function")]
_Org = Annotated[str | None, Query(max_length=40, description="the own if none")]
_MOST: Final = timedelta(days=62)
_DEFAULT: Final = timedelta(days=7)


@router.get("", response_model=RotaInfo)
async def read_rota(
    *,
    desk: AnyDesk,
    org: _Org = None,
    begin: AwareDatetime | None = None,
    end: AwareDatetime | None = None,
) -> dict[str, Any]:
    """Read an organisation's shifts and absences of at most 62 days; a week from now if none."""
    of_org = await _org(desk, org)
    begin = begin or desk.now
    end = end or begin + _DEFAULT
    if not begin < end <= begin + _MOST:
        raise InvalidError([("end", "must lie after begin, at most 62 days")])
    shifts = await store.shifts_between(desk.connection, of_org, begin, end)
    absences = await store.absences_between(desk.connection, of_org, begin, end)
    most = store.MOST_ROWS
    return {
        "org": of_org,
        "begin": begin,
        "end": end,
        "shifts": shifts[:most],
        "absences": absences[:most],
        "truncated": max(len(shifts), len(absences)) > most,
    }


@router.get("/on-duty", response_model=OnDutyList)
async def read_on_duty(
    *, desk: AnyDesk, org: _Org = None, at: AwareDatetime | None = None
) -> dict[str, Any]:
    """Answer who is on duty at an organisation, now or at a later instant."""
    of_org = await _org(desk, org)
    at = at or desk.now
    if at < desk.now:
        raise InvalidError([("at", "lies in the past: read the rota itself")])
    shifts = await store.shifts_from(desk.connection, [of_org], at)
    duty = on_duty(shifts, by_login(await store.absences_from(desk.connection, at)), at)
    names = await store.names_of(desk.connection, [one.login for one in duty])
    items: list[dict[str, Any]] = [
        {
            "login": one.login,
            "name": names.get(one.login),
            "post": one.post,
            "shift": one.shift_id,
            "until": one.until,
            "stands_in_for": one.stands_in_for,
        }
        for one in duty
    ]
    return {"org": of_org, "at": at, "items": items}


@router.post("/shifts", status_code=201)
async def enter_shifts(
    desk: RegistrarDesk, request: Request, body: NewShifts, key: RequestKey
) -> ShiftList:
    """Enter up to 200 shifts of one organisation, all or none; never back-dated."""

    async def work() -> ShiftList:
        return ShiftList.model_validate({"items": await entering.enter_shifts(desk, body)})

    return await once(desk, request, key, work, answers=ShiftList)


@router.post("/shifts/{shift_id}/cancellation", response_model=ShiftInfo)
async def cancel_shift(
    desk: RegistrarDesk, response: Response, shift_id: str, if_match: IfMatch = None
) -> dict[str, Any]:
    """Cancel a shift, or cut one short that runs: the alerts held by it go to others."""
    return _answered(response, await entering.cancel_shift(desk, shift_id, if_match=if_match))


@router.post("/absences", status_code=201)
async def enter_absence(
    desk: _Staff, request: Request, body: NewAbsence, key: RequestKey
) -> AbsenceInfo:
    """Enter an absence with its substitute; another person's by an admin or a supervisor."""

    async def work() -> AbsenceInfo:
        return AbsenceInfo.model_validate(await entering.enter_absence(desk, body))

    return await once(desk, request, key, work, answers=AbsenceInfo)


@router.post("/absences/{absence_id}/end", response_model=AbsenceInfo)
async def end_absence(
    desk: _Staff, response: Response, absence_id: str, if_match: IfMatch = None
) -> dict[str, Any]:
    """Note that somebody is back before the time."""
    return _answered(response, await entering.end_absence(desk, absence_id, if_match=if_match))


@router.post("/shifts/{shift_id}/handover", status_code=201)
async def write_handover(
    desk: HandlerDesk, request: Request, shift_id: str, body: NewHandover, key: RequestKey
) -> HandoverInfo:
    """Write what the next shift must know; the open alerts are kept with it as they stand."""

    async def work() -> HandoverInfo:
        written = await handing_over.write(desk, shift_id, body.note)
        return HandoverInfo.model_validate(written)

    return await once(desk, request, key, work, answers=HandoverInfo)


@router.post("/handovers/{handover_id}/signature", response_model=HandoverInfo)
async def sign_handover(
    *,
    desk: HandlerDesk,
    response: Response,
    handover_id: str,
    body: Signature,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Sign for having taken over, as somebody on duty there by another shift."""
    signed = await handing_over.sign(desk, handover_id, body.remark, if_match=if_match)
    return _answered(response, signed)


@router.get("/handovers", response_model=HandoverPage)
async def list_handovers(
    *,
    desk: ReaderDesk,
    org: Annotated[str | None, Query(max_length=40)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List hand-over notes of the scope, newest first."""
    before = decode_instant_cursor(cursor)
    rows = await store.handovers(desk.connection, org=org, before=before, limit=limit + 1)
    return page_of(rows, limit, "written_at", "id")


async def _org(desk: Desk, org: str | None) -> str:
    if org is not None and await store.org_path(desk.connection, org) is None:
        raise NotFoundError("no such organisation in your scope")
    return org or desk.person.org_id


def _answered(response: Response, row: dict[str, Any]) -> dict[str, Any]:
    set_version(response, row["version"])
    return row
