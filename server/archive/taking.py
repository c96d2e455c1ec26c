"""Takes a segment: split by owner, sealed, chained and stored in one database transaction."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from server.archive import store
from server.archive.chain import SALT_BYTES, Heading, commitment, link
from server.archive.joining import refuse_unequal
from server.archive.keys import DataKey, MasterKey, data_keys, digest_purpose
from server.archive.ownership import FORGOTTEN, FRAME, Orders, Owner
from server.archive.parts import Frame
from server.archive.sealing import seal
from server.archive.segment import Segment, parse_segment, refuse_changed
from server.archive.splitting import people_of, split
from server.archive.store import Mark, StoredPart
from server.auth.gateway import Gateway, GatewayDesk
from server.errors import GapError, UnavailableError
from server.ingest.quarantine import Refusals, Refused, keep_refused

_RETRY_AFTER_S: Final = 600
_REASON: Final = "unarchivable"


@dataclass(frozen=True, slots=True)
class RefusedEntry:
    """What is told of an entry that the archive refuses.

    Attributes:
        seq: Its number.
        kind: Its kind.
        at_us: When it was written, the gateway's clock.
        rows: Reports in it.
        digest: The journal's own.
        reason: Why it was refused.
    """

    seq: int
    kind: str
    at_us: int
    rows: int
    digest: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class _Piece:
    owner: Owner
    content: bytes


async def take_segment(
    desk: GatewayDesk, master: MasterKey, body: bytes, *, first: int, last: int, begins: bool
) -> int:
    """Store a segment and return through which entry the journal is archived now.

    Args:
        desk: The gateway's request.
        master: Wraps the data keys.
        body: docs/wire/archive-v1.md.
        first: Its first entry.
        last: Its last entry; a segment that ends at the mark or before is there already.
        begins: The gateway has no entry before `first`: a gap is no fault.

    Raises:
        GapError: Entries between the mark and `first` are missing, or `first` is archived.
        InvalidError: The body does not hold to the page.
        UnavailableError: The gateway's archive is full.
    """
    gateway, connection = desk.gateway, desk.connection
    segment = await asyncio.to_thread(parse_segment, body, first=first, last=last)
    held = await store.hold_mark(connection, gateway)
    if last <= held.through:
        return held.through
    _refuse_gap(held, first, begins=begins)
    most = desk.parts.settings.archive_bytes_max
    if held.stored_bytes >= most:
        raise UnavailableError(
            f"the archive of gateway {gateway.gateway_id} holds {held.stored_bytes} bytes of {most}"
            " (GUITU_SERVER_ARCHIVE_BYTES_MAX)",
            retry_after_s=_RETRY_AFTER_S,
        )
    refuse_changed(segment, _journal_digest(master, gateway, held, first))
    pieces, orgs = await _pieces(desk, segment)
    at_us = [entry.at_us for entry in segment.entries]
    heading = Heading(gateway.gateway_id, first, last, min(at_us), max(at_us))
    adding = _Adding(heading, pieces, orgs, segment.digests[-1])
    await _add(desk, master, held, adding)
    return last


async def set_aside(
    desk: GatewayDesk, master: MasterKey, entry: RefusedEntry, *, begins: bool
) -> int:
    """Take an entry that cannot be kept without its content, and return the mark.

    It has a place in the chain and a row in quarantine; what it held is nowhere here.

    Args:
        desk: The gateway's request.
        master: Wraps the data keys.
        entry: What of it is told.
        begins: As in `take_segment`.

    Raises:
        GapError: Entries between the mark and it are missing.
    """
    gateway, connection = desk.gateway, desk.connection
    held = await store.hold_mark(connection, gateway)
    if entry.seq <= held.through:
        return held.through
    _refuse_gap(held, entry.seq, begins=begins)
    frame = Frame([(entry.seq, entry.kind, entry.at_us, entry.rows)], [], [], [])
    owner = Owner(FRAME, gateway.gateway_id)
    heading = Heading(gateway.gateway_id, entry.seq, entry.seq, entry.at_us, entry.at_us)
    pieces = [_Piece(owner, msgspec.msgpack.encode(frame))]
    await store.hold_keys(connection)
    adding = _Adding(heading, pieces, {owner: gateway.org_id}, entry.digest)
    await _add(desk, master, held, adding)
    refusals = Refusals(first=entry.seq, through=held.through)
    content = {"kind": entry.kind, "at_us": entry.at_us, "rows": entry.rows}
    refusals.add([Refused(entry.seq, _REASON, entry.reason, content)])
    await keep_refused(connection, gateway, "archive", refusals)
    desk.parts.metrics.quarantined.labels("archive", _REASON).inc()
    return entry.seq


@dataclass(frozen=True, slots=True)
class _Adding:
    heading: Heading
    pieces: list[_Piece]
    orgs: dict[Owner, str]
    journal_digest: bytes


async def _add(desk: GatewayDesk, master: MasterKey, held: Mark, adding: _Adding) -> None:
    gateway, connection, heading = desk.gateway, desk.connection, adding.heading
    owners = {piece.owner for piece in adding.pieces} - {FORGOTTEN}
    keys = await data_keys(connection, master, owners, adding.orgs)
    place = f"{gateway.gateway_id}/{heading.first}"
    parts = await asyncio.to_thread(_sealed, place, adding.pieces, keys)
    digest = link(held.chain_digest, heading, [part.commitment for part in parts])
    await store.add_segment(
        connection, gateway, heading, previous=held.chain_digest, digest=digest, parts=parts
    )
    size = sum(len(part.sealed or b"") for part in parts)
    journal_digest = master.wrap(adding.journal_digest, digest_purpose(gateway.gateway_id))
    moved = Mark(heading.last, digest, journal_digest, held.stored_bytes + size)
    await store.set_mark(connection, gateway, moved)


def _refuse_gap(held: Mark, first: int, *, begins: bool) -> None:
    if first <= held.through or (first > held.through + 1 and not begins):
        raise GapError(through=held.through, first=first)


def _journal_digest(master: MasterKey, gateway: Gateway, held: Mark, first: int) -> bytes | None:
    if not held.wrapped_journal_digest or first != held.through + 1:
        return None
    return master.unwrap(held.wrapped_journal_digest, digest_purpose(gateway.gateway_id))


async def _pieces(desk: GatewayDesk, segment: Segment) -> tuple[list[_Piece], dict[Owner, str]]:
    gateway, connection = desk.gateway, desk.connection
    people = await asyncio.to_thread(people_of, segment)
    await store.hold_keys(connection)
    orders, subjects = await store.orders_of(connection, store.by_kind(people, "subject"))
    officers = await store.officers_orgs(connection, store.by_kind(people, "officer"))
    pieces = await asyncio.to_thread(_split_checked, segment, gateway.gateway_id, orders)
    return pieces, {
        piece.owner: store.org_of(piece.owner, gateway, subjects, officers) for piece in pieces
    }


def _split_checked(segment: Segment, gateway: str, orders: Orders) -> list[_Piece]:
    """Return the pieces, the frame first."""
    found = split(segment, gateway, orders)
    refuse_unequal(segment, found)
    frame = _Piece(Owner(FRAME, gateway), msgspec.msgpack.encode(found.frame))
    # By random order: the owners' names shall not be told by the numbers of their parts.
    others = [_Piece(owner, msgspec.msgpack.encode(part)) for owner, part in found.parts.items()]
    secrets.SystemRandom().shuffle(others)
    return [frame, *others]


def _sealed(place: str, pieces: list[_Piece], keys: Mapping[Owner, DataKey]) -> list[StoredPart]:
    parts = []
    for number, piece in enumerate(pieces):
        salt = secrets.token_bytes(SALT_BYTES)
        committed = commitment(salt, piece.content)
        if piece.owner == FORGOTTEN:
            parts.append(StoredPart(committed, None, None))
            continue
        key = keys[piece.owner]
        context = f"{place}/{number}"
        sealed = seal(key.for_part(context), salt + piece.content, context=context)
        parts.append(StoredPart(committed, key.id, sealed))
    return parts
