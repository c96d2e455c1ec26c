"""Scoring policies: read, lint, propose, sign."""

from typing import Any

from fastapi import APIRouter, Response

from server.auth.person import AnyDesk, RegistrarDesk
from server.errors import NotFoundError
from server.scoring import policy_store
from server.scoring.policy_file import default, default_text, lint
from server.scoring.policy_schemas import (
    PolicyDecision,
    PolicyInForce,
    PolicyLint,
    PolicyRows,
    PolicyText,
    PolicyWhole,
)
from server.scoring.schedule import schedule_of
from server.scoring.score import month_number
from server.scoring.signing_off import decide, propose
from server.versions import IfMatch, set_version

router = APIRouter(prefix="/api/v1", tags=["score"])


@router.get("/score-policy", response_model=PolicyInForce)
async def read_policy_in_force(desk: AnyDesk) -> dict[str, Any]:
    """Read the scoring policy in force for the own organisation, as the file that it is."""
    schedule = await schedule_of(desk.connection, desk.person.org_id)
    policy = schedule.at(month_number(desk.now))
    content = default_text()
    if policy is not default():
        rows = await policy_store.in_force(desk.connection, desk.person.org_id)
        content = next(row["content"] for row in rows if row["version"] == policy.version)
    return {"version": policy.version, "content": content, "sha256": policy.sha256}


@router.post("/score-policies/lint", response_model=PolicyLint)
async def lint_policy(desk: AnyDesk, body: PolicyText) -> dict[str, Any]:
    """Check a scoring policy; every mistake with line and column. Nothing is kept."""
    del desk
    faults = [one.described() for one in lint(body.content)]
    return {"ok": not faults, "faults": faults}


@router.post("/score-policies", response_model=PolicyWhole, status_code=201)
async def propose_policy(
    desk: RegistrarDesk, response: Response, body: PolicyText
) -> dict[str, Any]:
    """Propose a scoring policy for the own organisation and those below it."""
    version = await propose(desk, body.content)
    return await _answered(desk, response, version)


@router.get("/score-policies", response_model=PolicyRows)
async def list_policies(desk: AnyDesk) -> dict[str, Any]:
    """List the scope's scoring policies, the newest first."""
    return {"items": await policy_store.page(desk.connection)}


@router.get("/score-policies/{version}", response_model=PolicyWhole)
async def read_policy_version(desk: AnyDesk, response: Response, version: str) -> dict[str, Any]:
    """Read a scoring policy of the scope, with what was signed."""
    return await _answered(desk, response, version)


@router.post("/score-policies/{version}/decision", response_model=PolicyWhole)
async def decide_policy(
    *,
    desk: RegistrarDesk,
    response: Response,
    version: str,
    body: PolicyDecision,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Sign or refuse a scoring policy, as another person than who proposed it."""
    await decide(desk, version, body, if_match=if_match)
    return await _answered(desk, response, version)


async def _answered(desk: AnyDesk, response: Response, version: str) -> dict[str, Any]:
    row = await policy_store.policy(desk.connection, version)
    if row is None:
        raise NotFoundError("no such scoring policy in your scope")
    set_version(response, row["edition"])
    return row
