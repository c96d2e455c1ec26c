"""Information checks (docs/http-orders.md)."""

from datetime import timedelta
from functools import partial
from typing import Final

from fastapi import APIRouter, Request, Response
from pydantic import AwareDatetime

from server.auth.person import DeciderDesk, OwnDesk, ReaderDesk
from server.checks import attempts, checking, store
from server.checks.schemas import (
    AttemptPage,
    CheckInfo,
    CheckInRates,
    CheckPage,
    CheckResult,
    CheckState,
    NewCheck,
    NewPlan,
    OnePosition,
    OwnCheck,
    OwnCheckPage,
    PlanInfo,
    Reason,
    Verdict,
)
from server.cursor import Cursor, Limit, OfSubject, decode_instant_cursor, page_of
from server.errors import InvalidError
from server.once import RequestKey, once
from server.versions import IfMatch, set_version

router = APIRouter(prefix="/api/v1", tags=["checks"])
_MOST_DAYS: Final = timedelta(days=366)


@router.post("/subjects/{subject_id}/check-plans", status_code=201)
async def plan_checks(
    desk: DeciderDesk,
    request: Request,
    subject_id: str,
    body: NewPlan,
    idempotency_key: RequestKey,
) -> PlanInfo:
    """Draw checks at times that nobody can foretell."""
    work = partial(checking.plan, desk, subject_id, body)
    return await once(desk, request, idempotency_key, work, answers=PlanInfo)


@router.get("/check-plans/{plan_id}")
async def read_plan(desk: ReaderDesk, plan_id: str) -> PlanInfo:
    """Read a plan; when it is over, with the seed that proves the draw."""
    return await checking.read_plan(desk, plan_id)


@router.post("/subjects/{subject_id}/checks", status_code=201)
async def ask_check(
    desk: DeciderDesk,
    request: Request,
    subject_id: str,
    body: NewCheck,
    idempotency_key: RequestKey,
) -> CheckInfo:
    """Ask for a check now; by phone the person answers with one position."""
    work = partial(checking.ask, desk, subject_id, body)
    return await once(desk, request, idempotency_key, work, answers=CheckInfo)


@router.get("/checks")
async def list_checks(
    *,
    desk: ReaderDesk,
    subject: OfSubject = None,
    state: CheckState | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> CheckPage:
    """List checks of the scope, the latest first."""
    rows = await store.page(
        desk.connection,
        now=desk.now,
        subject=subject,
        state=state,
        begun_by=None,
        after=decode_instant_cursor(cursor),
        limit=limit + 1,
    )
    return CheckPage.model_validate(page_of(rows, limit, "due_from", "id"))


@router.get("/checks/{check_id}")
async def read_check(desk: ReaderDesk, response: Response, check_id: str) -> CheckInfo:
    """Read one check."""
    found = await checking.read(desk, check_id)
    set_version(response, found.version)
    return found


@router.post("/checks/{check_id}/result")
async def finish_check(
    desk: DeciderDesk, check_id: str, body: CheckResult, if_match: IfMatch = None
) -> CheckInfo:
    """Record what a check found."""
    return await checking.finish(desk, check_id, body, if_match)


@router.post("/checks/{check_id}/cancellation")
async def cancel_check(
    desk: DeciderDesk, check_id: str, body: Reason, if_match: IfMatch = None
) -> CheckInfo:
    """Cancel a check that has not taken place."""
    return await checking.cancel(desk, check_id, body.reason, if_match)


@router.get("/check-ins")
async def list_attempts(
    *,
    desk: ReaderDesk,
    subject: OfSubject = None,
    verdict: Verdict | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> AttemptPage:
    """List attempts to check in at kiosks, the latest first."""
    rows = await attempts.page(
        desk.connection,
        subject=subject,
        verdict=verdict,
        after=decode_instant_cursor(cursor),
        limit=limit + 1,
    )
    return AttemptPage.model_validate(page_of(rows, limit, "response_time", "id"))


@router.get("/check-ins/rates")
async def read_rates(*, desk: ReaderDesk, begin: AwareDatetime, end: AwareDatetime) -> CheckInRates:
    """Count how checks were met: by face, or by another way."""
    if not begin < end <= begin + _MOST_DAYS:
        raise InvalidError([("/end", "is after begin, by 366 days at most")])
    found = await attempts.rates(desk.connection, begin, end)
    done = sum(found["checks"].values())
    others = done - found["checks"].get("kiosk", 0)
    share = round(others / done, 4) if done else None
    return CheckInRates(begin=begin, end=end, **found, fallback_share=share)


@router.get("/me/check-ins")
async def list_own_attempts(
    *, desk: OwnDesk, cursor: Cursor = None, limit: Limit = 50
) -> AttemptPage:
    """List the own attempts to check in, the latest first."""
    rows = await attempts.page(
        desk.connection,
        subject=desk.person.subject_id,
        verdict=None,
        after=decode_instant_cursor(cursor),
        limit=limit + 1,
    )
    return AttemptPage.model_validate(page_of(rows, limit, "response_time", "id"))


@router.get("/me/checks")
async def list_own_checks(
    *, desk: OwnDesk, cursor: Cursor = None, limit: Limit = 50
) -> OwnCheckPage:
    """List the own checks that have begun, the latest first; none that is drawn for later."""
    rows = await store.page(
        desk.connection,
        now=desk.now,
        subject=desk.person.subject_id,
        state=None,
        begun_by=desk.now,
        after=decode_instant_cursor(cursor),
        limit=limit + 1,
    )
    return OwnCheckPage.model_validate(page_of(rows, limit, "due_from", "id"))


@router.post("/me/checks/{check_id}/answer")
async def answer_check(desk: OwnDesk, check_id: str, body: OnePosition) -> OwnCheck:
    """Answer a check by phone with one position."""
    return await checking.answer(desk, check_id, body)
