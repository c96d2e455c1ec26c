"""Issues documents and notes their service (送达) and copies (抄送), in a feature's transaction."""

import asyncio
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from server.acts.act import Act
from server.acts.store import record
from server.auth.person import Desk
from server.deadlines.running import meet
from server.documents import refusals, store
from server.documents.composing import stored
from server.documents.errors import GlyphError, ValuesError
from server.documents.numbering import mark_of, number_of
from server.documents.rendering import render
from server.documents.template import Template, templates
from server.errors import NotFoundError
from server.law.days import ZONE

_FROM_FILE: Final[tuple[str, ...]] = ("name", "category", "term_from", "term_to")
"""What the file says and no feature may say otherwise."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document as issued.

    Attributes:
        number: As printed (文号).
        sha256: Of the content, hexadecimal.
    """

    id: str
    org_id: str
    subject_id: str | None
    kind: str
    number: str
    sha256: str
    issued_at: datetime


async def issue(  # noqa: PLR0917 - who, what, about whom, with what, for which thing
    desk: Desk,
    kind: str,
    subject_id: str | None,
    values: Mapping[str, Any],
    ref_kind: str,
    ref_id: str,
) -> Document:
    """Render, number and keep a document, with its act; issued by the person's organisation, now.

    Args:
        desk: The request; its transaction holds the number until it ends.
        kind: A key of `templates()`.
        subject_id: Whom it is about; None: nobody whose file is here, then `values` has the name.
        values: The template's own fields, and the optional standing fields that the file lacks or
            that differ here. What the file says of the person is filled in.
        ref_kind: What it was issued for.
        ref_id: Its id.

    Raises:
        NotFoundError: The person is not in the scope.
        RefusedError: The organisation does not issue this document, a value is wrong or missing,
            or a character cannot be printed.
        KeyError: No such template.
    """
    template = templates()[kind]
    person = desk.person
    if person.org_level not in template.issuers:
        raise refusals.of_issuer(template, person.org_level)
    given = await _standing_values(desk, subject_id, values)
    year = desk.now.astimezone(ZONE).year
    seq = await store.next_number(desk.connection, person.org_id, kind, year)
    mark = mark_of(person.org_name_zh)
    number = number_of(year=year, mark=mark, word=template.word, seq=seq)
    body, content = await _rendered(template, given | {"number": number})
    made = Document(
        id=f"d-{secrets.token_hex(12)}",
        org_id=person.org_id,
        subject_id=subject_id,
        kind=kind,
        number=number,
        sha256=hashlib.sha256(content).hexdigest(),
        issued_at=desk.now,
    )
    ref = {"ref_kind": ref_kind, "ref_id": ref_id}
    act_id = await record(desk.connection, _issued(template, made, ref), person)
    more: dict[str, Any] = {
        "template_version": template.version,
        "is_own": template.own,
        "year": year,
        "seq": seq,
        "issued_by": person.login,
        "act_id": act_id,
        "body": body,
        "content": content,
    }
    await store.insert(desk.connection, asdict(made) | ref | more)
    return made


async def serve(
    desk: Desk,
    document_id: str,
    *,
    method: str,
    recipient: str,
    served_time: datetime,
    note: str | None = None,
) -> None:
    """Note that a document was served, once; meets the clock `measure_service` of what it is for.

    Args:
        desk: The request.
        document_id: The document.
        method: A code of the table `service`.
        recipient: Who took it.
        served_time: When, as claimed; aware.
        note: What else was seen, such as a witness of a refusal.

    Raises:
        NotFoundError: Not there for who asks.
        RefusedError: It was served before, or the time cannot be.
    """
    found = await read(desk, document_id)
    _check_time(desk, "/served_time", found["issued_at"], served_time)
    row = {"method": method, "recipient": recipient, "note": note, "served_time": served_time}
    if not await store.insert_service(desk.connection, _of(desk, found) | row):
        raise refusals.of_again("", "served_once", "该文书已经送达", "it was served before")
    told = {"number": found["number"], "method": method}
    await _note(desk, found, "document.served", served_time, told)
    await meet(desk, "measure_service", ref_kind=found["ref_kind"], ref_id=found["ref_id"])


async def copy_sent(
    desk: Desk, document_id: str, *, recipient: str, name: str, sent_time: datetime
) -> None:
    """Note that a body got a copy; meets the clock `copies_sent` when all of them have one.

    Args:
        desk: The request.
        document_id: The document.
        recipient: A code of the table `copy_to`.
        name: The body's name.
        sent_time: When, as claimed; aware.

    Raises:
        NotFoundError: Not there for who asks.
        RefusedError: This body has a copy, or the time cannot be.
    """
    found = await read(desk, document_id)
    _check_time(desk, "/sent_time", found["issued_at"], sent_time)
    row = {"recipient": recipient, "name": name, "sent_time": sent_time}
    if not await store.insert_copy(desk.connection, _of(desk, found) | row):
        text = ("该机关已经收到抄送件", "this body has its copy")
        raise refusals.of_again("/recipient", "copied_once", *text)
    told = {"number": found["number"], "recipient": recipient, "name": name}
    await _note(desk, found, "document.copied", sent_time, told)
    sent = {copy["recipient"] for copy in found["copies"]} | {recipient}
    if sent >= set(templates()[found["kind"]].copies):
        await meet(desk, "copies_sent", ref_kind=found["ref_kind"], ref_id=found["ref_id"])


async def copy_received(
    desk: Desk, document_id: str, *, recipient: str, receipt: str, received_time: datetime
) -> None:
    """Note a body's receipt (回执) of its copy, once.

    Raises:
        NotFoundError: Not there for who asks, or no copy was sent to this body.
        RefusedError: Its receipt is noted, or the time cannot be.
    """
    found = await read(desk, document_id)
    copy = next((one for one in found["copies"] if one["recipient"] == recipient), None)
    if copy is None:
        raise NotFoundError("no copy was sent to this body")
    sent_time = datetime.fromisoformat(copy["sent_time"])
    _check_time(desk, "/received_time", sent_time, received_time)
    row = {"recipient": recipient, "receipt": receipt, "received_time": received_time}
    if not await store.insert_receipt(desk.connection, _of(desk, found) | row):
        text = ("回执已经登记", "its receipt is noted")
        raise refusals.of_again("", "received_once", *text)
    told = {"number": found["number"], "recipient": recipient, "receipt": receipt}
    await _note(desk, found, "document.copy_received", received_time, told)


async def read(desk: Desk, document_id: str) -> dict[str, Any]:
    """Return a document without its content.

    Raises:
        NotFoundError: Not there for who asks.
    """
    found = await store.document(desk.connection, document_id)
    if found is None:
        raise NotFoundError("no such document in your scope")
    return found


async def _standing_values(
    desk: Desk, subject_id: str | None, values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a feature's values with what the file and the decision itself say."""
    person = desk.person
    file_says: dict[str, Any] = {}
    if subject_id is not None:
        found = await store.file_values(desk.connection, desk.parts.vault, subject_id)
        if found is None:
            raise NotFoundError("no such subject in your scope")
        file_says = {name: value for name, value in found.items() if value is not None}
    fixed: dict[str, Any] = {name: file_says[name] for name in _FROM_FILE if name in file_says}
    decided = {
        "issuer": person.org_name_zh,
        "issuer_en": person.org_name_en,
        "issued_on": desk.now.astimezone(ZONE).date(),
    }
    return {**file_says, **values, **fixed, **decided}


async def _rendered(template: Template, values: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    try:
        body = stored(template, values)
        return body, await asyncio.to_thread(render, template, body)
    except ValuesError as error:
        raise refusals.of_values(error) from error
    except GlyphError as error:
        raise refusals.of_glyph(error, values) from error


def _issued(template: Template, made: Document, ref: Mapping[str, str]) -> Act:
    return Act(
        kind="document.issued",
        org_id=made.org_id,
        subject_id=made.subject_id,
        ref_kind="document",
        ref_id=made.id,
        happened_time=made.issued_at,
        articles=template.articles,
        body={"kind": made.kind, "number": made.number, "sha256": made.sha256, **ref},
    )


def _of(desk: Desk, found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "document_id": found["id"],
        "org_id": desk.person.org_id,
        "subject_id": found["subject"],
        "by_login": desk.person.login,
    }


def _check_time(desk: Desk, pointer: str, begin: datetime, claimed: datetime) -> None:
    if not begin <= claimed <= desk.now:
        raise refusals.of_time(pointer, begin, desk.now)


async def _note(
    desk: Desk, found: Mapping[str, Any], kind: str, at: datetime, body: Mapping[str, Any]
) -> None:
    act = Act(
        kind=kind,
        org_id=desk.person.org_id,
        subject_id=found["subject"],
        ref_kind="document",
        ref_id=found["id"],
        happened_time=at,
        articles=templates()[found["kind"]].articles,
        body=body,
    )
    await record(desk.connection, act, desk.person)
