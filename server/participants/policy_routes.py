"""Policies of volunteers' and organisations' points: proposed by one, signed by another."""

from typing import Any, Final

from fastapi import APIRouter, Response

from server.acts.act import Act
from server.acts.store import record
from server.auth.person import AnyDesk, Desk, RegistrarDesk
from server.auth.powers import require_another
from server.errors import ConflictError, NotFoundError
from server.participants import store
from server.participants.counting import month_of
from server.participants.policy import default, digest
from server.participants.schemas import (
    NewParticipantPolicy,
    ParticipantPolicies,
    ParticipantPolicy,
    ParticipantPolicyDecision,
)
from server.trends.asking import month_text
from server.versions import IfMatch, check_version, set_version

router = APIRouter(prefix="/api/v1", tags=["participants"])
_PATH: Final = "/participant-policies"


@router.post(_PATH, response_model=ParticipantPolicy, status_code=201)
async def propose_participant_policy(
    desk: RegistrarDesk, response: Response, body: NewParticipantPolicy
) -> dict[str, Any]:
    """Propose what deeds are worth in the organisation and below; another person signs it."""
    row: dict[str, Any] = {"id": body.id, "org": desk.person.org_id, "sha256": digest(body.content)}
    row |= {"content": body.content.model_dump(mode="json"), "by": desk.person.login}
    if not await store.insert_policy(desk.connection, row | {"at": desk.now}):
        raise ConflictError(f"policy {body.id} is taken: give it an id of its own")
    return await _policy(desk, response, body.id)


@router.get(_PATH, response_model=ParticipantPolicies)
async def list_participant_policies(desk: AnyDesk) -> dict[str, Any]:
    """List the scope's policies, and the one that counts where none was signed."""
    items = [_shown(row) for row in await store.policies(desk.connection)]
    return {"default": default(), "items": items}


@router.post(_PATH + "/{policy_id}/decision", response_model=ParticipantPolicy)
async def decide_participant_policy(
    *,
    desk: RegistrarDesk,
    response: Response,
    policy_id: str,
    body: ParticipantPolicyDecision,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Sign a policy from the next month on, or refuse it, as another person than its author."""
    row = await store.policy(desk.connection, policy_id, lock=True)
    if row is None:
        raise NotFoundError("no such policy in your scope")
    current = ParticipantPolicy.model_validate(_shown(row)).model_dump(mode="json")
    check_version(if_match, row["version"], current=current)
    if row["state"] != "proposed":
        raise ConflictError(f"the policy is {row['state']}: propose another one")
    require_another(desk.person, row["proposed_by"], article=None)
    month = month_of({"occurred_at": desk.now}) + 1 if body.outcome == "signed" else None
    values = {"id": policy_id, "state": body.outcome, "month": month}
    await store.decide_policy(desk.connection, values | {"by": desk.person.login, "at": desk.now})
    kind, said = f"participant_policy.{body.outcome}", {"sha256": row["sha256"]}
    of = (row["org"], None, "participant_policy", policy_id)
    await record(desk.connection, Act(kind, *of, desk.now, body=said), desk.person)
    return await _policy(desk, response, policy_id)


async def _policy(desk: Desk, response: Response, policy_id: str) -> dict[str, Any]:
    row = await store.policy(desk.connection, policy_id)
    if row is None:
        raise NotFoundError("no such policy in your scope")
    set_version(response, row["version"])
    return _shown(row)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"month": None if row["month"] is None else month_text(row["month"])}
