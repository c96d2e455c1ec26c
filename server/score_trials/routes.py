"""Trials of scoring policies: run, read, and who would move."""

import json
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query

from server.acts.act import Act
from server.acts.store import record
from server.auth.person import AnyDesk, Desk, ReaderDesk, desk_for
from server.cursor import Cursor, Limit, decode_cursor, page_of
from server.errors import ConflictError, InvalidError, NotFoundError
from server.score_trials import store
from server.score_trials.running import asked_trial, keep, run
from server.score_trials.schemas import (
    Movers,
    NewTrial,
    NewWhatIf,
    TrialInfo,
    TrialRows,
    WhatIf,
)
from server.scoring import policy_store
from server.scoring.policy import MILLI
from server.scoring.policy_file import lint, policy_of

router = APIRouter(prefix="/api/v1", tags=["score"])

# Who may read people's scores, and has to answer for a policy.
TrialDesk = Annotated[Desk, Depends(desk_for("supervisor", "head"), scope="function")]
_MOST_SHOWN: Final = 200


@router.post("/score-policies/what-if", response_model=WhatIf)
async def try_text(desk: TrialDesk, body: NewWhatIf) -> dict[str, Any]:
    """Try a policy over months that are over, before it is proposed. Nothing is kept."""
    faults = lint(body.content)
    if faults:
        raise InvalidError(
            [("/content", f"line {one.line}, column {one.column}: {one.en}") for one in faults]
        )
    org_id = desk.person.org_id
    months = (body.since, body.until)
    trial = await asked_trial(desk, policy_of(body.content), org_id, body.org, months)
    figures, movers = await run(desk, trial)
    return {"figures": figures, "movers": [_mover(one) for one in movers[:_MOST_SHOWN]]}


@router.post("/score-policies/{version}/trials", response_model=TrialInfo, status_code=201)
async def try_policy(desk: TrialDesk, version: str, body: NewTrial) -> dict[str, Any]:
    """Try a proposed policy over months that are over; kept for who signs it."""
    row = await policy_store.policy(desk.connection, version)
    if row is None:
        raise NotFoundError("no such scoring policy in your scope")
    if row["state"] != "proposed":
        raise ConflictError(f"the policy is {row['state']}: a trial comes before the signature")
    months = (body.since, body.until)
    trial = await asked_trial(desk, policy_of(row["content"]), row["org"], body.org, months)
    trial_id = await keep(desk, trial, row["org"], await run(desk, trial))
    found = await _trial(desk, trial_id)
    said = {"policy": version, "sha256": found["sha256"], "warnings": found["warnings"]}
    act = Act("score_policy.tried", row["org"], None, "score_trial", trial_id, desk.now, body=said)
    await record(desk.connection, act, desk.person)
    return found


@router.get("/score-policies/{version}/trials", response_model=TrialRows)
async def list_trials(desk: AnyDesk, version: str) -> dict[str, Any]:
    """List the trials of a policy, the newest first."""
    return {"items": await store.of_policy(desk.connection, version)}


@router.get("/score-trials/{trial_id}", response_model=TrialInfo)
async def read_trial(desk: AnyDesk, trial_id: str) -> dict[str, Any]:
    """Read a trial's figures: movement, means, indicators, fairness, warnings."""
    return await _trial(desk, trial_id)


@router.get("/score-trial-movers", response_model=Movers)
async def list_movers(
    *,
    desk: ReaderDesk,
    trial: Annotated[str, Query(max_length=40)],
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List who would move between grades in a trial, and why."""
    after = decode_cursor(cursor, str)
    rows = await store.movers(desk.connection, trial, after[0] if after else None, limit + 1)
    page = page_of(rows, limit, "subject")
    named = [
        _mover(row | {"before": row["before_milli"], "after": row["after_milli"]})
        for row in page["items"]
    ]
    return page | {"items": named}


async def _trial(desk: Desk, trial_id: str) -> dict[str, Any]:
    found = await store.trial(desk.connection, trial_id)
    if found is None:
        raise NotFoundError("no such trial in your scope")
    return found | {"figures": json.loads(found["content"])}


def _mover(one: dict[str, Any]) -> dict[str, Any]:
    return one | {"before": one["before"] / MILLI, "after": one["after"] / MILLI}
