"""Verifications of alerts: ask, list, report."""

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from server.alerts import store, verification_store
from server.alerts.schemas import (
    NewVerification,
    Verification,
    VerificationResult,
    Verifications,
)
from server.auth.person import HandlerDesk, ReaderDesk
from server.errors import NotFoundError
from server.once import RequestKey, once
from server.verifications import verifying
from server.versions import IfMatch, set_version

router = APIRouter(prefix="/api/v1", tags=["alerts"])

_MOST: Final = 50


@router.post("/alerts/{alert_id}/verifications", status_code=201)
async def ask_for_verification(
    *,
    desk: HandlerDesk,
    request: Request,
    alert_id: str,
    body: NewVerification,
    key: RequestKey,
    if_match: IfMatch = None,
) -> Verification:
    """Ask somebody to find out about an alert, by a time."""

    async def work() -> Verification:
        row = await verifying.ask(desk, alert_id, body, if_match=if_match)
        return Verification.model_validate(row)

    return await once(desk, request, key, work, answers=Verification)


@router.get("/alerts/{alert_id}/verifications", response_model=Verifications)
async def list_verifications(desk: ReaderDesk, alert_id: str) -> dict[str, Any]:
    """List an alert's verifications, the newest first."""
    if await store.alert(desk.connection, alert_id) is None:
        raise NotFoundError("no such alert in your scope")
    return {"items": await verification_store.of_alert(desk.connection, alert_id, _MOST)}


@router.post("/alert-verifications/{verification_id}/result", response_model=Verification)
async def report_verification(
    desk: HandlerDesk,
    response: Response,
    verification_id: str,
    body: VerificationResult,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Say what was found; whoever reports it is who verified."""
    row = await verifying.report(desk, verification_id, body, if_match=if_match)
    set_version(response, row["version"])
    return row
