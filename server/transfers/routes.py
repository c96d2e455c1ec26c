"""Transfers between counties: apply, verify, ask, answer, decide, move, report."""

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from server.auth.person import DeciderDesk, Desk, OwnDesk, ReaderDesk
from server.cursor import Cursor, Limit, OfSubject, decode_instant_cursor, page_of
from server.errors import NotFoundError
from server.once import RequestKey, once
from server.transfers import moving, store
from server.transfers.lifecycle import Action, State
from server.transfers.schemas import (
    Agreement,
    NewTransfer,
    Reported,
    Said,
    TransferDecision,
    TransferInfo,
    TransferPage,
)
from server.versions import IfMatch, set_version

router = APIRouter(prefix="/api/v1", tags=["transfers"])
_ONE: Final = "/transfers/{transfer_id}"


@router.post("/subjects/{subject_id}/transfers", status_code=201)
async def apply_for(
    desk: DeciderDesk, request: Request, subject_id: str, body: NewTransfer, key: RequestKey
) -> TransferInfo:
    """Apply for a transfer (执行地变更) for a person."""
    return await _applied(desk, request, subject_id, body, key)


@router.post("/me/transfers", status_code=201)
async def apply_oneself(
    desk: OwnDesk, request: Request, body: NewTransfer, key: RequestKey
) -> TransferInfo:
    """Apply for a transfer of one's own."""
    return await _applied(desk, request, desk.person.subject_id or "", body, key)


@router.get("/transfers", response_model=TransferPage)
async def list_transfers(
    *,
    desk: ReaderDesk,
    subject: OfSubject = None,
    state: State | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List transfers from and to the scope, newest first; to it once it is asked."""
    before = decode_instant_cursor(cursor)
    rows = await store.page(
        desk.connection, subject=subject, state=state, before=before, limit=limit + 1
    )
    return page_of(rows, limit, "applied_at", "id")


@router.get(_ONE, response_model=TransferInfo)
async def read_transfer(desk: ReaderDesk, transfer_id: str, response: Response) -> dict[str, Any]:
    """Read a transfer; the county that is asked sees its summary and not the file."""
    found = await store.transfer(desk.connection, transfer_id)
    if found is None:
        raise NotFoundError("no such transfer in your scope")
    set_version(response, found["version"])
    return found


@router.post(_ONE + "/opinion", response_model=TransferInfo)
async def verify(
    desk: DeciderDesk, transfer_id: str, body: Said, response: Response, if_match: IfMatch = None
) -> dict[str, Any]:
    """Give the office's opinion (司法所意见)."""
    return await _done(desk, transfer_id, "verify", if_match, response, said=body)


@router.post(_ONE + "/question", response_model=TransferInfo)
async def ask(
    desk: DeciderDesk, transfer_id: str, body: Said, response: Response, if_match: IfMatch = None
) -> dict[str, Any]:
    """Ask the new county for its opinion (征求意见); from here on it sees the transfer."""
    return await _done(desk, transfer_id, "ask", if_match, response, said=body)


@router.post(_ONE + "/answer", response_model=TransferInfo)
async def answer(
    desk: DeciderDesk,
    transfer_id: str,
    body: Agreement,
    response: Response,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Answer as the new county, and say which office takes the file."""
    action: Action = "agree" if body.agree else "decline"
    found = await moving.act(
        desk,
        transfer_id,
        action,
        if_match=if_match,
        said={"note": body.note},
        to_org=body.to_org,
    )
    set_version(response, found["version"])
    return found


@router.post(_ONE + "/decision", response_model=TransferInfo)
async def decide(
    desk: DeciderDesk,
    transfer_id: str,
    body: TransferDecision,
    response: Response,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Decide as the county that has the file; not by who applied or gave the opinion."""
    action: Action = "approve" if body.approve else "refuse"
    found = await moving.act(desk, transfer_id, action, if_match=if_match, said={"note": body.note})
    set_version(response, found["version"])
    return found


@router.post(_ONE + "/move", response_model=TransferInfo)
async def move(
    desk: DeciderDesk, transfer_id: str, body: Said, response: Response, if_match: IfMatch = None
) -> dict[str, Any]:
    """Hand the file over (移交档案); positioning ends in this instant."""
    return await _done(desk, transfer_id, "move", if_match, response, said=body)


@router.post(_ONE + "/report", response_model=TransferInfo)
async def report(
    desk: DeciderDesk,
    transfer_id: str,
    body: Reported,
    response: Response,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Note, as the new county, that the person reported."""
    found = await moving.act(
        desk,
        transfer_id,
        "report",
        if_match=if_match,
        said={},
        happened_time=body.happened_time,
    )
    set_version(response, found["version"])
    return found


@router.post(_ONE + "/missing", response_model=TransferInfo)
async def miss(
    desk: DeciderDesk, transfer_id: str, body: Said, response: Response, if_match: IfMatch = None
) -> dict[str, Any]:
    """Tell the old county that the person did not report in time; it searches."""
    return await _done(desk, transfer_id, "miss", if_match, response, said=body)


@router.post(_ONE + "/search", response_model=TransferInfo)
async def search(
    desk: DeciderDesk, transfer_id: str, body: Said, response: Response, if_match: IfMatch = None
) -> dict[str, Any]:
    """Note, as the old county, that the search for who did not report began."""
    return await _done(desk, transfer_id, "search", if_match, response, said=body)


@router.post(_ONE + "/withdrawal", response_model=TransferInfo)
async def withdraw(
    desk: DeciderDesk, transfer_id: str, body: Said, response: Response, if_match: IfMatch = None
) -> dict[str, Any]:
    """Take an application back before it is decided."""
    return await _done(desk, transfer_id, "withdraw", if_match, response, said=body)


async def _applied(
    desk: Desk, request: Request, subject_id: str, body: NewTransfer, key: str
) -> TransferInfo:
    async def work() -> TransferInfo:
        return TransferInfo.model_validate(await moving.apply(desk, subject_id, body))

    return await once(desk, request, key, work, answers=TransferInfo)


async def _done(
    desk: Desk,
    transfer_id: str,
    action: Action,
    if_match: str | None,
    response: Response,
    *,
    said: Said,
) -> dict[str, Any]:
    found = await moving.act(desk, transfer_id, action, if_match=if_match, said={"note": said.note})
    set_version(response, found["version"])
    return found
