"""Group, contacts, prohibitions, plan, class, exit ban and identity checks of a file."""

from typing import Any, Literal

from fastapi import APIRouter, Request, Response

from server.auth.person import DeciderDesk, ReaderDesk
from server.cases import around, work, work_store
from server.cases.around_schemas import Entered, NewContacts, NewGroup, NewProhibition, Versioned
from server.cases.work_schemas import (
    ClassProposal,
    ClassProposalPage,
    Decision,
    ExitBan,
    ExitBanStep,
    NewClassProposal,
    NewIdentityCheck,
    NewPlan,
    NewPlanReview,
    PlanInfo,
)
from server.cursor import Cursor, Limit, OfSubject, decode_instant_cursor, page_of
from server.once import RequestKey, once
from server.versions import IfMatch, set_version

router = APIRouter(prefix="/api/v1", tags=["cases"])
_OF = "/subjects/{subject_id}"


@router.put(_OF + "/group", response_model=Versioned)
async def set_group(
    desk: DeciderDesk, subject_id: str, body: NewGroup, response: Response, if_match: IfMatch = None
) -> dict[str, Any]:
    """Form the correction group (矫正小组) anew; If-Match is the file's version."""
    version = await around.set_group(desk, subject_id, body, if_match=if_match)
    set_version(response, version)
    return {"subject": subject_id, "version": version}


@router.put(_OF + "/contacts", response_model=Versioned)
async def set_contacts(
    desk: DeciderDesk,
    subject_id: str,
    body: NewContacts,
    response: Response,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Set kin, guardians, guarantors and protected persons anew."""
    version = await around.set_contacts(desk, subject_id, body, if_match=if_match)
    set_version(response, version)
    return {"subject": subject_id, "version": version}


@router.post(_OF + "/prohibitions", status_code=201)
async def add_prohibition(
    desk: DeciderDesk, request: Request, subject_id: str, body: NewProhibition, key: RequestKey
) -> Entered:
    """Enter a prohibition of the court (禁止令)."""

    async def entered() -> Entered:
        return Entered(id=await around.add_prohibition(desk, subject_id, body))

    return await once(desk, request, key, entered, answers=Entered)


@router.post(_OF + "/plans", status_code=201)
async def make_plan(
    desk: DeciderDesk, request: Request, subject_id: str, body: NewPlan, key: RequestKey
) -> PlanInfo:
    """Make a plan (矫正方案), or its next version."""

    async def made() -> PlanInfo:
        return PlanInfo(subject=subject_id, version=await work.make_plan(desk, subject_id, body))

    return await once(desk, request, key, made, answers=PlanInfo)


@router.post(_OF + "/plans/{version}/reviews", status_code=201)
async def review_plan(
    *,
    desk: DeciderDesk,
    request: Request,
    subject_id: str,
    version: int,
    body: NewPlanReview,
    key: RequestKey,
) -> Entered:
    """Note whether the newest version of the plan still fits."""

    async def reviewed() -> Entered:
        return Entered(id=await work.review_plan(desk, subject_id, version, body))

    return await once(desk, request, key, reviewed, answers=Entered)


@router.post(_OF + "/class-proposals", status_code=201)
async def propose_class(
    desk: DeciderDesk, request: Request, subject_id: str, body: NewClassProposal, key: RequestKey
) -> ClassProposal:
    """Propose another supervision class (管理类别)."""

    async def proposed() -> ClassProposal:
        return ClassProposal.model_validate(await work.propose_class(desk, subject_id, body))

    return await once(desk, request, key, proposed, answers=ClassProposal)


@router.get("/class-proposals", response_model=ClassProposalPage)
async def list_class_proposals(
    *,
    desk: ReaderDesk,
    subject: OfSubject = None,
    state: Literal["proposed", "approved", "refused"] | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List proposals of the scope, newest first."""
    rows = await work_store.proposals(
        desk.connection,
        subject=subject,
        state=state,
        before=decode_instant_cursor(cursor),
        limit=limit + 1,
    )
    return page_of(rows, limit, "proposed_at", "id")


@router.post("/class-proposals/{proposal_id}/decision", response_model=ClassProposal)
async def decide_class(
    desk: DeciderDesk,
    proposal_id: str,
    body: Decision,
    response: Response,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Decide on a proposal, as a person of the county who did not propose it."""
    found = await work.decide_class(desk, proposal_id, body, if_match=if_match)
    set_version(response, found["version"])
    return found


@router.post(_OF + "/exit-ban")
async def step_exit_ban(
    desk: DeciderDesk, request: Request, subject_id: str, body: ExitBanStep, key: RequestKey
) -> ExitBan:
    """File an exit ban (不准出境报备), note its answer, ask to lift it, note its end."""

    async def stepped() -> ExitBan:
        return ExitBan.model_validate(await work.step_exit_ban(desk, subject_id, body))

    return await once(desk, request, key, stepped, answers=ExitBan)


@router.post(_OF + "/identity-checks", status_code=201)
async def check_identity(
    desk: DeciderDesk, request: Request, subject_id: str, body: NewIdentityCheck, key: RequestKey
) -> Entered:
    """Note a regular check that the person is who the file says."""

    async def checked() -> Entered:
        return Entered(id=await work.check_identity(desk, subject_id, body))

    return await once(desk, request, key, checked, answers=Entered)
