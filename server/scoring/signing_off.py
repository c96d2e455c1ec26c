"""A scoring policy becomes law of the house: proposed by one, signed by another."""

import hashlib
from datetime import date
from typing import Any

from server.acts.act import Act
from server.acts.store import record
from server.auth.person import Desk
from server.auth.powers import require_another
from server.errors import ConflictError, InvalidError, NotFoundError
from server.scoring import policy_store
from server.scoring.policy_file import default, lint, policy_of
from server.scoring.policy_schemas import PolicyDecision, PolicyRow
from server.scoring.schedule import month_of_day
from server.scoring.score import month_number
from server.signing.canonical import canonical
from server.versions import check_version


async def propose(desk: Desk, content: str) -> str:
    """Propose a policy for the own organisation and those below it; return its version.

    Raises:
        InvalidError: It has faults; lists each with its line.
        ConflictError: The version is taken: a policy is never rewritten.
    """
    faults = lint(content)
    if faults:
        raise InvalidError(
            [("/content", f"line {one.line}, column {one.column}: {one.en}") for one in faults]
        )
    version = policy_of(content).version
    row = {
        "version": version,
        "org_id": desk.person.org_id,
        "content": content,
        "sha256": hashlib.sha256(content.encode()).digest(),
        "proposed_by": desk.person.login,
        "proposed_at": desk.now,
    }
    if version == default().version or not await policy_store.insert(desk.connection, row):
        raise ConflictError(f"version {version} is taken: give the policy a version of its own")
    await _note(desk, "score_policy.proposed", version, {})
    return version


async def decide(
    desk: Desk, version: str, body: PolicyDecision, *, if_match: str | None
) -> dict[str, Any]:
    """Sign or refuse a policy as another person than who proposed it.

    Raises:
        NotFoundError: No such policy in the scope.
        StaleVersionError: Someone was faster.
        ConflictError: It is decided, or was never tried over a past period.
        InvalidError: The day is not the first of a month to come; not the newest trial was seen, or
            its warnings are not acknowledged.
        RefusedError: The same person proposed it.
    """
    row = await policy_store.policy(desk.connection, version, lock=True)
    if row is None:
        raise NotFoundError("no such scoring policy in your scope")
    shown = PolicyRow.model_validate(row).model_dump(mode="json")
    check_version(if_match, row["edition"], current=shown)
    if row["state"] != "proposed":
        raise ConflictError(f"the policy is {row['state']}: propose another version")
    require_another(desk.person, row["proposed_by"], article=None)
    values: dict[str, Any] = {"version": version, "state": body.outcome, "note": body.note}
    values |= {"by": desk.person.login, "at": desk.now, "valid_from": None}
    values |= {"record": None, "key_id": None, "signature": None}
    if body.outcome == "signed":
        first = _first_day(desk, body.valid_from)
        values |= _signed(desk, row, first, await _seen_trial(desk, version, body))
    elif body.valid_from is not None or body.trial is not None:
        raise InvalidError([("/outcome", "valid_from and trial go with signed only")])
    await policy_store.decide(desk.connection, values)
    said = {"valid_from": values["valid_from"] and values["valid_from"].isoformat()}
    await _note(desk, f"score_policy.{body.outcome}", version, said)
    return await policy_store.policy(desk.connection, version) or row


def _first_day(desk: Desk, day: date | None) -> date:
    # Never a month that has begun: what it has counted already would count otherwise.
    if day is None or day.day != 1 or month_of_day(day) <= month_number(desk.now):
        raise InvalidError([("/valid_from", "must be the first day of a month to come")])
    return day


async def _seen_trial(desk: Desk, version: str, body: PolicyDecision) -> dict[str, Any]:
    """Return the trial that who signs has seen."""
    trial = await policy_store.latest_trial(desk.connection, version)
    if trial is None:
        raise ConflictError(
            "nobody has tried this policy over a past period:"
            f" POST /api/v1/score-policies/{version}/trials first"
        )
    if body.trial != trial["sha256"]:
        said = f"is not the sha256 of the newest trial {trial['id']}: read it before you sign"
        raise InvalidError([("/trial", said)])
    if trial["warnings"] and not body.acknowledges_warnings:
        said = f"the trial has {trial['warnings']} warnings of unfairness: read them, and say so"
        raise InvalidError([("/acknowledges_warnings", said)])
    return {"sha256": trial["sha256"], "warnings": trial["warnings"]}


def _signed(
    desk: Desk, row: dict[str, Any], valid_from: date, trial: dict[str, Any]
) -> dict[str, Any]:
    text = canonical(
        {
            "format": "guitu-score-policy-signature/2",
            "version": row["version"],
            "org": row["org"],
            "sha256": row["sha256"],
            "valid_from": valid_from.isoformat(),
            "trial": trial,
            "proposed_by": row["proposed_by"],
            "signed_by": desk.person.login,
            "signed_at": desk.now.isoformat(),
        }
    )
    signer = desk.parts.fact_signer
    found: dict[str, Any] = {"valid_from": valid_from, "record": text}
    if signer is not None:
        signature = signer.sign(text)
        found |= {"key_id": signature.key_id, "signature": signature.signature}
    return found


async def _note(desk: Desk, kind: str, version: str, body: dict[str, Any]) -> None:
    org_id = desk.person.org_id
    act = Act(kind, org_id, None, "score_policy", version, desk.now, body=body)
    await record(desk.connection, act, desk.person)
