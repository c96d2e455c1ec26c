"""Frequent movement, places and contacts by permission (docs/http-movement.md)."""

from functools import partial

from fastapi import APIRouter, Request, Response

from server.auth.person import DeciderDesk, OwnDesk, ReaderDesk
from server.cursor import Cursor, Limit, OfSubject, decode_instant_cursor, page_of
from server.movement import permission_store, permitting
from server.movement.leave_schemas import Decision
from server.movement.permission_schemas import (
    Copies,
    MovementReport,
    NewPermission,
    OwnPermission,
    PermissionInfo,
    PermissionPage,
    PermissionState,
)
from server.once import RequestKey, once
from server.orders.schemas import Reason
from server.versions import IfMatch, set_version

router = APIRouter(prefix="/api/v1", tags=["movement"])


@router.post("/permissions", status_code=201)
async def apply_for_permission(
    desk: DeciderDesk, request: Request, body: NewPermission, idempotency_key: RequestKey
) -> PermissionInfo:
    """Apply for frequent movement, a place or a contact."""
    own = OwnPermission.model_validate(body.model_dump(exclude={"subject"}))
    work = partial(permitting.apply, desk, body.subject, own)
    return await once(desk, request, idempotency_key, work, answers=PermissionInfo)


@router.get("/permissions")
async def list_permissions(
    *,
    desk: ReaderDesk,
    subject: OfSubject = None,
    state: PermissionState | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PermissionPage:
    """List permissions of the scope, the newest application first."""
    rows = await permission_store.page(
        desk.connection,
        subject=subject,
        state=state,
        after=decode_instant_cursor(cursor),
        limit=limit + 1,
    )
    return PermissionPage.model_validate(page_of(rows, limit, "applied_at", "id"))


@router.get("/permissions/{permission_id}")
async def read_permission(
    desk: ReaderDesk, response: Response, permission_id: str
) -> PermissionInfo:
    """Read one permission."""
    found = await permitting.read(desk, permission_id)
    set_version(response, found.version)
    return found


@router.post("/permissions/{permission_id}/approval")
async def approve_permission(
    desk: DeciderDesk, permission_id: str, body: Decision, if_match: IfMatch = None
) -> PermissionInfo:
    """Approve as the county."""
    return await permitting.approve(desk, permission_id, body.reason, if_match)


@router.post("/permissions/{permission_id}/refusal")
async def refuse_permission(
    desk: DeciderDesk, permission_id: str, body: Reason, if_match: IfMatch = None
) -> PermissionInfo:
    """Refuse as the county."""
    return await permitting.refuse(desk, permission_id, body.reason, if_match)


@router.post("/permissions/{permission_id}/withdrawal")
async def withdraw_permission(
    desk: DeciderDesk, permission_id: str, if_match: IfMatch = None
) -> PermissionInfo:
    """Take an application back."""
    return await permitting.withdraw(desk, permission_id, if_match)


@router.post("/permissions/{permission_id}/copies")
async def inform_of_permission(
    desk: DeciderDesk, permission_id: str, body: Copies, if_match: IfMatch = None
) -> PermissionInfo:
    """Note that court and procuratorate were informed."""
    return await permitting.inform(desk, permission_id, body, if_match)


@router.post("/permissions/{permission_id}/reports", status_code=201)
async def report_movement(
    desk: DeciderDesk,
    request: Request,
    permission_id: str,
    body: MovementReport,
    idempotency_key: RequestKey,
) -> PermissionInfo:
    """Take a simplified report of frequent movement."""
    work = partial(permitting.report, desk, permission_id, body)
    return await once(desk, request, idempotency_key, work, answers=PermissionInfo)


@router.post("/me/permissions", status_code=201)
async def apply_for_own_permission(
    desk: OwnDesk, request: Request, body: OwnPermission, idempotency_key: RequestKey
) -> PermissionInfo:
    """Apply for frequent movement, a place or a contact from the own account."""
    work = partial(permitting.apply_own, desk, body)
    return await once(desk, request, idempotency_key, work, answers=PermissionInfo)


@router.get("/me/permissions")
async def list_own_permissions(
    *, desk: OwnDesk, cursor: Cursor = None, limit: Limit = 50
) -> PermissionPage:
    """List the own permissions, the newest application first."""
    rows = await permission_store.page(
        desk.connection,
        subject=desk.person.subject_id,
        state=None,
        after=decode_instant_cursor(cursor),
        limit=limit + 1,
    )
    return PermissionPage.model_validate(page_of(rows, limit, "applied_at", "id"))


@router.post("/me/permissions/{permission_id}/withdrawal")
async def withdraw_own_permission(
    desk: OwnDesk, permission_id: str, if_match: IfMatch = None
) -> PermissionInfo:
    """Take the own application for a permission back."""
    return await permitting.withdraw(desk, permission_id, if_match)


@router.post("/me/permissions/{permission_id}/reports", status_code=201)
async def report_own_movement(
    desk: OwnDesk,
    request: Request,
    permission_id: str,
    body: MovementReport,
    idempotency_key: RequestKey,
) -> PermissionInfo:
    """Send the simplified report of the own frequent movement."""
    work = partial(permitting.report, desk, permission_id, body)
    return await once(desk, request, idempotency_key, work, answers=PermissionInfo)
