"""Positioning orders and wristbands (docs/http-orders.md)."""

from functools import partial

from fastapi import APIRouter, Request, Response

from server.auth.person import DeciderDesk, ReaderDesk
from server.cursor import Cursor, Limit, OfSubject, decode_instant_cursor, page_of
from server.errors import NotFoundError
from server.once import RequestKey, once
from server.orders import applying, proof_store, running, store, wearing
from server.orders.schemas import (
    ApplicationInfo,
    ApplicationPage,
    ApplicationState,
    Approval,
    BindingInfo,
    NewApplication,
    NewAssessment,
    NewBinding,
    Notice,
    OrderFile,
    OrderPage,
    OrderProof,
    Reason,
)
from server.versions import IfMatch, set_version

router = APIRouter(prefix="/api/v1", tags=["orders"])


@router.post("/order-applications", status_code=201)
async def apply_for_order(
    desk: DeciderDesk, request: Request, body: NewApplication, idempotency_key: RequestKey
) -> ApplicationInfo:
    """Apply for a positioning order, or for its extension."""
    work = partial(applying.apply, desk, body)
    return await once(desk, request, idempotency_key, work, answers=ApplicationInfo)


@router.get("/order-applications")
async def list_applications(
    *,
    desk: ReaderDesk,
    subject: OfSubject = None,
    state: ApplicationState | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ApplicationPage:
    """List applications of the scope, newest first."""
    rows = await store.applications(
        desk.connection,
        subject=subject,
        state=state,
        after=decode_instant_cursor(cursor),
        limit=limit + 1,
    )
    return ApplicationPage.model_validate(page_of(rows, limit, "applied_at", "id"))


@router.get("/order-applications/{application_id}")
async def read_application(
    desk: ReaderDesk, response: Response, application_id: str
) -> ApplicationInfo:
    """Read one application."""
    found = await applying.read(desk, application_id)
    set_version(response, found.version)
    return found


@router.post("/order-applications/{application_id}/approval")
async def approve_application(
    desk: DeciderDesk, application_id: str, body: Approval, if_match: IfMatch = None
) -> ApplicationInfo:
    """Approve as the head of the county bureau: the order holds from now on."""
    return await applying.approve(desk, application_id, body, if_match)


@router.post("/order-applications/{application_id}/refusal")
async def refuse_application(
    desk: DeciderDesk, application_id: str, body: Reason, if_match: IfMatch = None
) -> ApplicationInfo:
    """Refuse as the head of the county bureau."""
    return await applying.refuse(desk, application_id, body.reason, if_match)


@router.post("/order-applications/{application_id}/withdrawal")
async def withdraw_application(
    desk: DeciderDesk, application_id: str, if_match: IfMatch = None
) -> ApplicationInfo:
    """Take back an application that waits."""
    return await applying.withdraw(desk, application_id, if_match)


@router.get("/orders")
async def list_orders(
    *,
    desk: ReaderDesk,
    subject: OfSubject = None,
    in_force: bool = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> OrderPage:
    """List orders of the scope, the one that ends last first; those in force now, or all."""
    rows = await store.orders(
        desk.connection,
        subject=subject,
        in_force_at=desk.now if in_force else None,
        after=decode_instant_cursor(cursor),
        limit=limit + 1,
    )
    return OrderPage.model_validate(page_of(rows, limit, "valid_to", "id"))


@router.get("/orders/{order_id}")
async def read_order(desk: ReaderDesk, response: Response, order_id: str) -> OrderFile:
    """Read one order with its assessments."""
    found = await running.read(desk, order_id)
    set_version(response, found.version)
    return found


@router.get("/orders/{order_id}/proof")
async def prove_end(desk: ReaderDesk, order_id: str) -> OrderProof:
    """Answer who heard of the lifting when, and what was destroyed of what came after it."""
    row = await store.order(desk.connection, order_id)
    if row is None:
        raise NotFoundError("no such order in your scope")
    version = await proof_store.lift_version(desk.connection, order_id)
    took = [] if version is None else await proof_store.taken(desk.connection, order_id, version)
    destroyed = await proof_store.destroyed(desk.connection, order_id)
    told = {"order": row, "directory_version": version, "gateways": took, "destroyed": destroyed}
    return OrderProof.model_validate(told)


@router.post("/orders/{order_id}/notice")
async def notify_person(
    desk: DeciderDesk, order_id: str, body: Notice, if_match: IfMatch = None
) -> OrderFile:
    """Note that the person was told of term, requirements and consequences."""
    return await running.notify(desk, order_id, body, if_match)


@router.post("/orders/{order_id}/assessments", status_code=201)
async def assess_order(
    desk: DeciderDesk,
    request: Request,
    order_id: str,
    body: NewAssessment,
    idempotency_key: RequestKey,
) -> OrderFile:
    """Record whether the order is still needed."""
    work = partial(running.assess, desk, order_id, body)
    return await once(desk, request, idempotency_key, work, answers=OrderFile)


@router.post("/orders/{order_id}/lifting")
async def lift_order(
    desk: DeciderDesk, order_id: str, body: Reason, if_match: IfMatch = None
) -> OrderFile:
    """Lift an order that is no longer needed; positioning ends at this instant."""
    return await running.lift(desk, order_id, body.reason, if_match)


@router.post("/devices/{device_id}/binding", status_code=201)
async def bind_wristband(
    desk: DeciderDesk,
    request: Request,
    device_id: str,
    body: NewBinding,
    idempotency_key: RequestKey,
) -> BindingInfo:
    """Put a wristband on a person under the order in force."""
    work = partial(wearing.bind, desk, device_id, body)
    return await once(desk, request, idempotency_key, work, answers=BindingInfo)


@router.post("/devices/{device_id}/unbinding", status_code=204)
async def unbind_wristband(desk: DeciderDesk, device_id: str, body: Reason) -> None:
    """Take a wristband off; the order stands."""
    await wearing.unbind(desk, device_id, body.reason)
