"""Leave (docs/http-movement.md)."""

from functools import partial

from fastapi import APIRouter, Request, Response

from server.auth.person import DeciderDesk, OwnDesk, ReaderDesk
from server.cursor import Cursor, Limit, OfSubject, decode_instant_cursor, page_of
from server.movement import assistance_store, assisting, leave_store, leaving, returning
from server.movement.assisting import (
    AssistanceAnswer,
    AssistanceInfo,
    AssistancePage,
    NewAssistance,
    Sighting,
)
from server.movement.leave_schemas import (
    Copy,
    Decision,
    Delay,
    LeaveInfo,
    LeavePage,
    LeaveState,
    NewLeave,
    Opinion,
    OwnLeave,
    RefusedLeave,
    Return,
)
from server.once import RequestKey, once
from server.versions import IfMatch, set_version

router = APIRouter(prefix="/api/v1", tags=["movement"])


@router.post("/leaves", status_code=201)
async def apply_for_leave(
    desk: DeciderDesk, request: Request, body: NewLeave, idempotency_key: RequestKey
) -> LeaveInfo:
    """Take an application for leave down for a person."""
    own = OwnLeave.model_validate(body.model_dump(exclude={"subject"}))
    work = partial(leaving.apply, desk, body.subject, own)
    return await once(desk, request, idempotency_key, work, answers=LeaveInfo)


@router.get("/leaves")
async def list_leaves(
    *,
    desk: ReaderDesk,
    subject: OfSubject = None,
    state: LeaveState | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> LeavePage:
    """List leave of the scope, the newest application first."""
    rows = await leave_store.page(
        desk.connection,
        subject=subject,
        state=state,
        after=decode_instant_cursor(cursor),
        limit=limit + 1,
    )
    return LeavePage.model_validate(page_of(rows, limit, "applied_at", "id"))


@router.get("/leaves/{leave_id}")
async def read_leave(desk: ReaderDesk, response: Response, leave_id: str) -> LeaveInfo:
    """Read one leave."""
    found = await leaving.read(desk, leave_id)
    set_version(response, found.version)
    return found


@router.post("/leaves/{leave_id}/verification")
async def verify_leave(
    desk: DeciderDesk, leave_id: str, body: Opinion, if_match: IfMatch = None
) -> LeaveInfo:
    """Record what the office found."""
    return await leaving.verify(desk, leave_id, body.opinion, if_match)


@router.post("/leaves/{leave_id}/approval")
async def approve_leave(
    desk: DeciderDesk, leave_id: str, body: Decision, if_match: IfMatch = None
) -> LeaveInfo:
    """Approve by the level whose it is."""
    return await leaving.approve(desk, leave_id, body, if_match)


@router.post("/leaves/{leave_id}/refusal")
async def refuse_leave(
    desk: DeciderDesk, leave_id: str, body: RefusedLeave, if_match: IfMatch = None
) -> LeaveInfo:
    """Refuse, with the reason and its article."""
    return await leaving.refuse(desk, leave_id, body, if_match)


@router.post("/leaves/{leave_id}/withdrawal")
async def withdraw_leave(desk: DeciderDesk, leave_id: str, if_match: IfMatch = None) -> LeaveInfo:
    """Take an application back, or a leave that will not be used."""
    return await leaving.withdraw(desk, leave_id, if_match)


@router.post("/leaves/{leave_id}/return")
async def report_return(
    desk: DeciderDesk, leave_id: str, body: Return, if_match: IfMatch = None
) -> LeaveInfo:
    """Take the report on return (销假)."""
    return await returning.come_back(desk, leave_id, body, if_match)


@router.post("/leaves/{leave_id}/delay")
async def report_delay(
    desk: DeciderDesk, leave_id: str, body: Delay, if_match: IfMatch = None
) -> LeaveInfo:
    """Take the report that the person cannot be back in time."""
    return await returning.delay(desk, leave_id, body, if_match)


@router.post("/leaves/{leave_id}/copies")
async def inform_procuratorate(
    desk: DeciderDesk, leave_id: str, body: Copy, if_match: IfMatch = None
) -> LeaveInfo:
    """Note that the procuratorate was informed."""
    return await returning.inform(desk, leave_id, body, if_match)


@router.post("/leaves/{leave_id}/assistance", status_code=201)
async def ask_assistance(
    desk: DeciderDesk, leave_id: str, body: NewAssistance, if_match: IfMatch = None
) -> AssistanceInfo:
    """Ask the county of the destination for help."""
    return await assisting.ask(desk, leave_id, body, if_match)


@router.get("/assistance")
async def list_assistance(
    *, desk: ReaderDesk, cursor: Cursor = None, limit: Limit = 50
) -> AssistancePage:
    """List requests from and to the scope, newest first."""
    rows = await assistance_store.page(
        desk.connection, after=decode_instant_cursor(cursor), limit=limit + 1
    )
    return AssistancePage.model_validate(page_of(rows, limit, "asked_at", "id"))


@router.post("/assistance/{request_id}/answer")
async def answer_assistance(
    desk: DeciderDesk, request_id: str, body: AssistanceAnswer, if_match: IfMatch = None
) -> AssistanceInfo:
    """Answer as the county that was asked."""
    return await assisting.answer(desk, request_id, body, if_match)


@router.post("/assistance/{request_id}/sightings")
async def note_sighting(
    desk: DeciderDesk, request_id: str, body: Sighting, if_match: IfMatch = None
) -> AssistanceInfo:
    """Note that the person arrived or departed."""
    return await assisting.sight(desk, request_id, body, if_match)


@router.post("/me/leaves", status_code=201)
async def apply_for_own_leave(
    desk: OwnDesk, request: Request, body: OwnLeave, idempotency_key: RequestKey
) -> LeaveInfo:
    """Apply for leave from the own account."""
    work = partial(leaving.apply, desk, desk.person.subject_id or "", body)
    return await once(desk, request, idempotency_key, work, answers=LeaveInfo)


@router.get("/me/leaves")
async def list_own_leaves(*, desk: OwnDesk, cursor: Cursor = None, limit: Limit = 50) -> LeavePage:
    """List the own leave, the newest application first."""
    rows = await leave_store.page(
        desk.connection,
        subject=desk.person.subject_id,
        state=None,
        after=decode_instant_cursor(cursor),
        limit=limit + 1,
    )
    return LeavePage.model_validate(page_of(rows, limit, "applied_at", "id"))


@router.post("/me/leaves/{leave_id}/withdrawal")
async def withdraw_own_leave(desk: OwnDesk, leave_id: str, if_match: IfMatch = None) -> LeaveInfo:
    """Take the own application back."""
    return await leaving.withdraw(desk, leave_id, if_match)


@router.post("/me/leaves/{leave_id}/return")
async def report_own_return(
    desk: OwnDesk, leave_id: str, body: Return, if_match: IfMatch = None
) -> LeaveInfo:
    """Report back from the own leave."""
    return await returning.come_back(desk, leave_id, body, if_match)


@router.post("/me/leaves/{leave_id}/delay")
async def report_own_delay(
    desk: OwnDesk, leave_id: str, body: Delay, if_match: IfMatch = None
) -> LeaveInfo:
    """Report that one cannot be back in time."""
    return await returning.delay(desk, leave_id, body, if_match)
