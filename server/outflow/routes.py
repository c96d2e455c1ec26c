"""Flow to city scores: mapping tables, the basis of each person, batches and receipts."""

import json
import secrets
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Response

from server.acts.act import Act
from server.acts.store import record
from server.auth.person import (
    AnyDesk,
    Desk,
    HandlerDesk,
    OwnDesk,
    ReaderDesk,
    RegistrarDesk,
    desk_for,
)
from server.auth.powers import require_another
from server.cursor import Cursor, Limit, OfSubject, decode_cursor, page_of
from server.errors import ConflictError, NotFoundError
from server.outflow import store
from server.outflow.mapping import digest
from server.outflow.schemas import (
    Bases,
    Basis,
    Batch,
    MappingDecision,
    MessageState,
    NewBasis,
    NewBatch,
    NewMapping,
    OutflowMapping,
    OutflowMappings,
    OutflowMessages,
    Receipt,
    Settled,
    Withdrawal,
)
from server.scoring.ledger_store import subject_org
from server.trends.asking import month_text
from server.versions import IfMatch, check_version, set_version

router = APIRouter(prefix="/api/v1", tags=["score"])

# What leaves the house is handed over by who answers for it.
SenderDesk = Annotated[Desk, Depends(desk_for("supervisor"), scope="function")]
_MOST_OF_BATCH: Final = 1_000
_ARTICLES: Final = ("pipl-28", "pipl-34")
_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "A message a line",
        "content": {"application/jsonl": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post("/outflow-mappings", response_model=OutflowMapping, status_code=201)
async def propose_mapping(
    desk: RegistrarDesk, response: Response, body: NewMapping
) -> dict[str, Any]:
    """Propose what a receiver is told for each grade; another person signs it."""
    row: dict[str, Any] = {"id": body.id, "org": desk.person.org_id, "receiver": body.receiver}
    row |= {"content": body.content.model_dump(mode="json"), "by": desk.person.login}
    if not await store.insert_mapping(
        desk.connection, row | {"sha256": digest(body.content), "at": desk.now}
    ):
        raise ConflictError(f"mapping {body.id} is taken: give it an id of its own")
    return await _mapping(desk, response, body.id)


@router.get("/outflow-mappings", response_model=OutflowMappings)
async def list_mappings(desk: AnyDesk) -> dict[str, Any]:
    """List the mapping tables of the scope, the newest first."""
    return {"items": await store.mappings(desk.connection)}


@router.post("/outflow-mappings/{mapping_id}/decision", response_model=OutflowMapping)
async def decide_mapping(
    *,
    desk: RegistrarDesk,
    response: Response,
    mapping_id: str,
    body: MappingDecision,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Sign or refuse a mapping table, as another person than who proposed it."""
    row = await store.mapping(desk.connection, mapping_id, lock=True)
    if row is None:
        raise NotFoundError("no such mapping in your scope")
    current = OutflowMapping.model_validate(row).model_dump(mode="json")
    check_version(if_match, row["version"], current=current)
    if row["state"] != "proposed":
        raise ConflictError(f"the mapping is {row['state']}: propose another one")
    require_another(desk.person, row["proposed_by"], article=None)
    values = {"id": mapping_id, "state": body.outcome, "by": desk.person.login}
    await store.decide_mapping(desk.connection, values | {"at": desk.now})
    said = {"receiver": row["receiver"], "sha256": row["sha256"]}
    kind = f"outflow_mapping.{body.outcome}"
    act = Act(kind, row["org"], None, "outflow_mapping", mapping_id, desk.now, body=said)
    await record(desk.connection, act, desk.person)
    return await _mapping(desk, response, mapping_id)


@router.post("/subjects/{subject_id}/outflow-bases", response_model=Basis, status_code=201)
async def record_basis(desk: HandlerDesk, subject_id: str, body: NewBasis) -> dict[str, Any]:
    """Record why a person's score may go to a receiver; never a minor's or a sealed file's."""
    await _require_subject(desk, subject_id)
    row = {"id": f"ob-{secrets.token_hex(12)}", "subject": subject_id}
    row |= body.model_dump() | {"by": desk.person.login}
    if not await store.insert_basis(desk.connection, {**row, "at": desk.now}):
        raise ConflictError(
            "no basis can be recorded: the person is a minor, has a sealed file, or has a standing"
            " basis for this receiver"
        )
    found = await _basis(desk, row["id"])
    await _note(desk, "outflow_basis.recorded", found)
    return found


@router.get("/subjects/{subject_id}/outflow-bases", response_model=Bases)
async def list_bases(desk: ReaderDesk, subject_id: str) -> dict[str, Any]:
    """List to whom a person's score may go, and why."""
    await _require_subject(desk, subject_id)
    return {"items": await store.bases(desk.connection, subject_id)}


@router.post("/outflow-bases/{basis_id}/withdrawal", response_model=Basis)
async def withdraw_basis(desk: HandlerDesk, basis_id: str, body: Withdrawal) -> dict[str, Any]:
    """End a basis; what was told is taken back."""
    return await _withdrawn(desk, await _basis(desk, basis_id), body)


@router.get("/me/outflow-bases", response_model=Bases)
async def list_own_bases(desk: OwnDesk) -> dict[str, Any]:
    """List to whom the own score may go, and why."""
    return {"items": await store.bases(desk.connection, desk.person.subject_id or "")}


@router.post("/me/outflow-bases/{basis_id}/withdrawal", response_model=Basis)
async def withdraw_own_consent(desk: OwnDesk, basis_id: str, body: Withdrawal) -> dict[str, Any]:
    """Withdraw the own consent; a basis in law is not withdrawn, but objected to."""
    found = await _basis(desk, basis_id)
    if found["ground"] != "consent":
        raise ConflictError("this rests on a law, not on your consent: object at your office")
    return await _withdrawn(desk, found, body)


@router.get("/outflow-messages", response_model=OutflowMessages)
async def list_messages(
    *,
    desk: ReaderDesk,
    subject: OfSubject = None,
    state: MessageState | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List what receivers are told, what waits, and what was given up (`dead`)."""
    key = decode_cursor(cursor, str)
    asked = {"subject": subject, "state": state, "after": key[0] if key else None}
    page = page_of(await store.page(desk.connection, asked | {"limit": limit + 1}), limit, "id")
    return page | {
        "items": [one | {"month": month_text(one["month"])} for one in page["items"]],
    }


@router.post("/outflow-batches", response_model=Batch, status_code=201)
async def make_batch(desk: SenderDesk, body: NewBatch) -> dict[str, Any]:
    """Put a receiver's waiting messages into a batch, to be handed over as a file."""
    batch = f"ox-{secrets.token_hex(12)}"
    count = await store.take(desk.connection, body.receiver, batch, _MOST_OF_BATCH)
    if not count:
        raise ConflictError(f"nothing waits for {body.receiver}")
    said = {"receiver": body.receiver, "messages": count}
    act = Act("outflow.handed_over", desk.person.org_id, None, "outflow_batch", batch, desk.now,
              _ARTICLES, said)  # fmt: skip
    await record(desk.connection, act, desk.person)
    return said | {"id": batch}


@router.get("/outflow-batches/{batch_id}/file", response_class=Response, responses=_FILE)
async def read_batch(desk: SenderDesk, batch_id: str) -> Response:
    """Download a batch: a message a line, each under its id."""
    rows = await store.of_batch(desk.connection, batch_id)
    if not rows:
        raise NotFoundError("no such batch in your scope")
    lines = [
        json.dumps({"id": one["id"], **one["content"]}, ensure_ascii=False, sort_keys=True)
        for one in rows
    ]
    headers = {"Content-Disposition": f'attachment; filename="{batch_id}.jsonl"'}
    text = "\n".join(lines) + "\n"
    return Response(text.encode(), media_type="application/jsonl", headers=headers)


@router.post("/outflow-batches/{batch_id}/receipt", response_model=Settled)
async def take_receipt(desk: SenderDesk, batch_id: str, body: Receipt) -> dict[str, int]:
    """Note what a receiver answered: refused ones wait again, and are given up after five times."""
    if not await store.of_batch(desk.connection, batch_id):
        raise NotFoundError("no such batch in your scope")
    rows = [one.model_dump() for one in body.items]
    return {"settled": await store.receive(desk.connection, batch_id, rows, desk.now)}


async def _mapping(desk: Desk, response: Response, mapping_id: str) -> dict[str, Any]:
    row = await store.mapping(desk.connection, mapping_id)
    if row is None:
        raise NotFoundError("no such mapping in your scope")
    set_version(response, row["version"])
    return row


async def _require_subject(desk: Desk, subject_id: str) -> None:
    if await subject_org(desk.connection, subject_id) is None:
        raise NotFoundError("no such subject in your scope")


async def _basis(desk: Desk, basis_id: str) -> dict[str, Any]:
    found = await store.basis(desk.connection, basis_id)
    if found is None:
        raise NotFoundError("no such basis in your scope")
    return found


async def _withdrawn(desk: Desk, found: dict[str, Any], body: Withdrawal) -> dict[str, Any]:
    values = {"id": found["id"], "by": desk.person.login, "reason": body.reason}
    if not await store.withdraw(desk.connection, {**values, "at": desk.now}):
        raise ConflictError("it was withdrawn before")
    await _note(desk, "outflow_basis.withdrawn", found)
    return await _basis(desk, found["id"])


async def _note(desk: Desk, kind: str, basis: dict[str, Any]) -> None:
    said = {"receiver": basis["receiver"], "ground": basis["ground"]}
    of = (basis["org"], basis["subject"], "outflow_basis", basis["id"])
    await record(desk.connection, Act(kind, *of, desk.now, _ARTICLES, said), desk.person)
