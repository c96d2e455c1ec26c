"""The promise at entry: the texts, and that a person has signed one."""

import secrets
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Depends

from server.acts.act import Act
from server.acts.store import record
from server.auth.person import EVERYONE, HandlerDesk, desk_for
from server.errors import ConflictError, InvalidError, NotFoundError
from server.scoring import ledger_store, promise_store
from server.scoring.posting import Fact, record_fact
from server.scoring.promise import CURRENT, TEXTS, digest, fact_id, promise_told
from server.scoring.promise_schemas import NewPromise, Promise, PromiseTexts

router = APIRouter(prefix="/api/v1", tags=["score"])


@router.get(
    "/score-promise-texts",
    response_model=PromiseTexts,
    dependencies=[Depends(desk_for(*EVERYONE), scope="function")],
)
async def list_promise_texts() -> dict[str, Any]:
    """List the texts of the commitment by version, and which one is signed now."""
    items = [
        {
            "version": version,
            "text": {"zh": text.zh, "en": text.en},
            "sha256": digest(version).hex(),
        }
        for version, text in TEXTS.items()
    ]
    return {"current": CURRENT, "items": items}


@router.post("/subjects/{subject_id}/score-promises", response_model=Promise, status_code=201)
async def record_promise(desk: HandlerDesk, subject_id: str, body: NewPromise) -> dict[str, Any]:
    """Record that a person has signed the commitment; never a minor's or a sealed file's."""
    org_id = await ledger_store.subject_org(desk.connection, subject_id)
    if org_id is None:
        raise NotFoundError("no such subject in your scope")
    if body.text_version not in TEXTS:
        raise InvalidError([("/text_version", f"is not one of {', '.join(TEXTS)}")])
    if body.signed_at > desk.now:
        raise InvalidError([("/signed_at", "lies in the future: now at the latest")])
    fact = Fact(
        id=fact_id(subject_id, body.text_version),
        org_id=org_id,
        subject_id=subject_id,
        indicator="commitment_signed",
        occurred_at=body.signed_at,
        quantity=Decimal(1),
        evidence={"promise": body.text_version, "text_sha256": digest(body.text_version).hex()},
        confirmed_by=desk.person.login,
        note="",
    )
    row: dict[str, Any] = {"id": f"sp-{secrets.token_hex(12)}", "subject": subject_id}
    row |= {"version": body.text_version, "sha256": digest(body.text_version), "fact": fact.id}
    row |= {"signed_at": body.signed_at, "by": desk.person.login, "at": desk.now}
    if not await promise_store.insert(desk.connection, row):
        raise ConflictError(
            "no commitment can be recorded: the person is a minor, has a sealed file, or has signed"
            f" {body.text_version} before"
        )
    said = {"text_version": body.text_version, "text_sha256": row["sha256"].hex()}
    of = (org_id, subject_id, "score_promise", row["id"])
    await record(desk.connection, Act("score_promise.recorded", *of, desk.now, body=said),
                 desk.person)  # fmt: skip
    await record_fact(desk.connection, fact)
    known = await promise_store.of_subject(desk.connection, subject_id, None, None)
    return promise_told(next(one for one in known if one["id"] == row["id"]))
