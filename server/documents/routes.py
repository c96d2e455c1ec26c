"""Documents: their list, their content as issued, and what became of them."""

from base64 import b64encode
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from server.auth.looking import bound_looks
from server.auth.person import CASE_READERS, DeciderDesk, Desk, desk_for
from server.auth.store import log_access, note_look
from server.cursor import Cursor, Limit, OfSubject, decode_instant_cursor, page_of
from server.documents import issuing, store
from server.documents.schemas import (
    DocumentInfo,
    DocumentPage,
    NewCopy,
    NewReceipt,
    NewService,
)
from server.documents.template import templates
from server.errors import InvalidError
from server.once import RequestKey, once

router = APIRouter(prefix="/api/v1/documents", tags=["documents"])

# A supervised person reads what is addressed to the person: the database leaves out the rest.
_ReadingDesk = Annotated[Desk, Depends(desk_for(*CASE_READERS, "subject"), scope="function")]


@router.get("", response_model=DocumentPage)
async def list_documents(
    *,
    desk: _ReadingDesk,
    subject: OfSubject = None,
    kind: Annotated[str | None, Query(max_length=60)] = None,
    ref_kind: Annotated[str | None, Query(max_length=40)] = None,
    ref_id: Annotated[str | None, Query(max_length=80)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List documents of the scope, newest first; of one person, kind or thing."""
    if (ref_kind is None) != (ref_id is None):
        raise InvalidError([("ref_id", "ref_kind and ref_id go together")])
    rows = await store.page(
        desk.connection,
        # An own account asks for nobody else, and its own file is not closed to it.
        subject=desk.person.subject_id or subject,
        kind=kind,
        ref=None if ref_kind is None or ref_id is None else (ref_kind, ref_id),
        before=decode_instant_cursor(cursor),
        limit=limit + 1,
    )
    return page_of([_described(row) for row in rows], limit, "issued_at", "id")


@router.get("/{document_id}", response_model=DocumentInfo)
async def read_document(desk: _ReadingDesk, document_id: str) -> dict[str, Any]:
    """Read what is known of a document."""
    found = await issuing.read(desk, document_id)
    await _note_closed(desk, found, "/api/v1/documents/{document_id}")
    return _described(found)


@router.get(
    "/{document_id}/content",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}}, 304: {"description": "unchanged"}},
)
async def read_content(
    desk: _ReadingDesk,
    document_id: str,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Read a document as it was issued, to the byte. The look is logged; ETag is its SHA-256."""
    found = await issuing.read(desk, document_id)
    await _note_closed(desk, found, "/api/v1/documents/{document_id}/content")
    await log_access(
        desk.connection,
        org_id=found["held_by"],
        by_login=desk.person.login,
        act="document",
        subject_id=found["subject"],
        purpose=f"{found['kind']} {found['number']}",
    )
    await bound_looks(desk)
    digest = found["sha256"]
    name = f"{found['number']}{templates()[found['kind']].title.zh}.pdf"
    headers = {
        "ETag": f'"{digest}"',
        "Repr-Digest": f"sha-256=:{b64encode(bytes.fromhex(digest)).decode()}:",
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(name)}",
    }
    if if_none_match is not None and digest in if_none_match:
        return Response(status_code=304, headers=headers)
    content = await store.content(desk.connection, document_id)
    return Response(content, media_type="application/pdf", headers=headers)


@router.post("/{document_id}/service", status_code=201)
async def note_service(
    desk: DeciderDesk, request: Request, document_id: str, body: NewService, key: RequestKey
) -> DocumentInfo:
    """Note that a document was served (送达), once; the same Idempotency-Key changes nothing."""

    async def work() -> DocumentInfo:
        await issuing.serve(desk, document_id, **body.model_dump())
        return DocumentInfo(**_described(await issuing.read(desk, document_id)))

    return await once(desk, request, key, work, answers=DocumentInfo)


@router.post("/{document_id}/copies", status_code=201)
async def note_copy(
    desk: DeciderDesk, request: Request, document_id: str, body: NewCopy, key: RequestKey
) -> DocumentInfo:
    """Note that a body got a copy (抄送); once for each body."""

    async def work() -> DocumentInfo:
        await issuing.copy_sent(desk, document_id, **body.model_dump())
        return DocumentInfo(**_described(await issuing.read(desk, document_id)))

    return await once(desk, request, key, work, answers=DocumentInfo)


@router.post("/{document_id}/copies/{recipient}/receipt", status_code=201)
async def note_receipt(
    *,
    desk: DeciderDesk,
    request: Request,
    document_id: str,
    recipient: str,
    body: NewReceipt,
    key: RequestKey,
) -> DocumentInfo:
    """Note a body's receipt (回执) of its copy, once."""

    async def work() -> DocumentInfo:
        given = body.model_dump()
        await issuing.copy_received(desk, document_id, recipient=recipient, **given)
        return DocumentInfo(**_described(await issuing.read(desk, document_id)))

    return await once(desk, request, key, work, answers=DocumentInfo)


def _described(row: dict[str, Any]) -> dict[str, Any]:
    template = templates()[row["kind"]]
    return row | {
        "title": {"zh": template.title.zh, "en": template.title.en},
        "articles": list(template.articles),
        "copies_to": list(template.copies),
    }


async def _note_closed(desk: Desk, found: dict[str, Any], what: str) -> None:
    # A path that names the person is noted at the door; this one names a document only.
    if found["is_closed"] and desk.person.subject_id is None:
        person = desk.person
        await note_look(
            desk.connection,
            found["subject"],
            login=person.login,
            org_id=person.org_id,
            what=what,
            at=desk.now,
        )
