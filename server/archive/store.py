"""The archive's SQL."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from server.archive.chain import GENESIS, Heading
from server.archive.ownership import SUBJECT, Orders, Owner, orders_from
from server.auth.gateway import Gateway
from server.db import Connection, fetch_all, fetch_one

_OFFICER: Final = "officer"


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a gateway is archived; the journal's digest is wrapped, empty before the first."""

    through: int
    chain_digest: bytes
    wrapped_journal_digest: bytes
    stored_bytes: int


@dataclass(frozen=True, slots=True)
class StoredPart:
    """A part as it is kept: unreadable without key and content."""

    commitment: bytes
    key_id: int | None
    sealed: bytes | None


async def mark(connection: Connection, gateway_id: str) -> int:
    """Return through which entry a gateway's journal is archived, 0 when new."""
    query = "SELECT through_seq FROM archive_mark WHERE gateway_id = %s"
    row = await fetch_one(connection, query, (gateway_id,))
    return int(row["through_seq"]) if row else 0


async def hold_mark(connection: Connection, gateway: Gateway) -> Mark:
    """Lock a gateway's mark until the transaction ends, and return it."""
    await connection.execute(
        "INSERT INTO archive_mark VALUES (%s, %s, 0, %s, '', 0) ON CONFLICT DO NOTHING",
        (gateway.gateway_id, gateway.org_id, GENESIS),
    )
    row = await fetch_one(
        connection,
        "SELECT through_seq, chain_digest, journal_digest, stored_bytes FROM archive_mark"
        " WHERE gateway_id = %s FOR UPDATE",
        (gateway.gateway_id,),
    )
    return Mark(*row.values()) if row else Mark(0, GENESIS, b"", 0)


async def hold_keys(connection: Connection) -> None:
    """Let no key be destroyed until the transaction ends: what is sealed now would outlive it."""
    await connection.execute("SELECT pg_advisory_xact_lock_shared(hashtext('archive keys'))")


async def orders_of(
    connection: Connection, subjects: Sequence[str]
) -> tuple[Orders, dict[str, str]]:
    """Return the orders of subjects in the scope, and the subjects' organisations."""
    orgs = await fetch_all(
        connection, "SELECT id, org_id FROM subject WHERE id = ANY (%s)", (list(subjects),)
    )
    orders = await fetch_all(
        connection,
        "SELECT id, subject_id, valid_from, valid_to, lifted_at FROM positioning_order"
        " WHERE subject_id = ANY (%s)",
        (list(subjects),),
    )
    destroyed = await fetch_all(
        connection,
        # Every basis of a person: those that there were by then.
        "SELECT d.holder_id, o.id AS order_id FROM archive_destruction d JOIN positioning_order o"
        " ON o.subject_id = d.holder_id"
        " AND (o.id = d.order_id OR (d.order_id IS NULL AND o.valid_from <= d.at))"
        " WHERE d.holder_kind = %s AND d.holder_id = ANY (%s) AND d.reason <> 'lifted'",
        (SUBJECT, list(subjects)),
    )
    gone = frozenset((row["holder_id"], row["order_id"]) for row in destroyed)
    org_of = {row["id"]: row["org_id"] for row in orgs}
    return orders_from(orders, gone, org_of), org_of


async def officers_orgs(connection: Connection, logins: Sequence[str]) -> dict[str, str]:
    """Return the organisations of officers in the scope."""
    rows = await fetch_all(
        connection, "SELECT login, org_id FROM app_user WHERE login = ANY (%s)", (list(logins),)
    )
    return {row["login"]: row["org_id"] for row in rows}


async def keys_of(
    connection: Connection, owners: Sequence[Owner], orgs: Mapping[Owner, str]
) -> dict[Owner, tuple[int, bytes]]:
    """Return number and wrapped key of those owners who have one, whoever made it.

    Args:
        connection: The gateway's transaction.
        owners: Whose keys.
        orgs: Their organisations, in the gateway's scope; a subject's key follows the subject.
    """
    rows = await fetch_all(
        connection,
        "SELECT * FROM archive_keys_of(%s::text[], %s::text[], %s::text[], %s::text[])",
        (sorted({orgs[owner] for owner in owners}), *_split(owners)),
    )
    return {
        Owner(row["holder_kind"], row["holder_id"], row["order_id"]): (row["id"], row["wrapped"])
        for row in rows
    }


async def add_keys(
    connection: Connection, wrapped: Mapping[Owner, bytes], orgs: Mapping[Owner, str]
) -> None:
    """Store keys; one that is there already stays."""
    await connection.execute(
        "INSERT INTO archive_key (org_id, holder_kind, holder_id, order_id, wrapped)"
        " SELECT org, kind, holder, nullif(of_order, ''), wrapped FROM"
        " unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::bytea[])"
        " AS k (org, kind, holder, of_order, wrapped) ON CONFLICT DO NOTHING",
        ([orgs[owner] for owner in wrapped], *_split(wrapped), list(wrapped.values())),
    )


async def add_segment(
    connection: Connection,
    gateway: Gateway,
    heading: Heading,
    *,
    previous: bytes,
    digest: bytes,
    parts: Sequence[StoredPart],
) -> None:
    """Store a segment and its parts."""
    await connection.execute(
        "INSERT INTO archive_segment (gateway_id, first_seq, last_seq, org_id, begin_at_us,"
        " end_at_us, previous_digest, digest) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (
            *(heading.gateway, heading.first, heading.last, gateway.org_id),
            *(heading.begin_at_us, heading.end_at_us, previous, digest),
        ),
    )
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO archive_part VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    *(heading.gateway, heading.first, number, gateway.org_id),
                    *(part.commitment, part.key_id, part.sealed),
                )
                for number, part in enumerate(parts)
            ],
        )


async def set_mark(connection: Connection, gateway: Gateway, mark: Mark) -> None:
    """Move a held mark."""
    await connection.execute(
        "UPDATE archive_mark SET through_seq = %s, chain_digest = %s, journal_digest = %s,"
        " stored_bytes = %s WHERE gateway_id = %s",
        (
            *(mark.through, mark.chain_digest, mark.wrapped_journal_digest, mark.stored_bytes),
            gateway.gateway_id,
        ),
    )


async def segments(
    connection: Connection, gateway_id: str, after: int, most: int
) -> list[dict[str, Any]]:
    """Return up to `most` segments that begin after entry `after`, with their commitments."""
    return await fetch_all(
        connection,
        "SELECT s.first_seq, s.last_seq, s.begin_at_us, s.end_at_us, s.previous_digest, s.digest,"
        " (SELECT array_agg(p.commitment ORDER BY p.part) FROM archive_part p"
        "  WHERE (p.gateway_id, p.first_seq) = (s.gateway_id, s.first_seq)) AS commitments"
        " FROM archive_segment s WHERE s.gateway_id = %s AND s.first_seq > %s"
        " ORDER BY s.first_seq LIMIT %s",
        (gateway_id, after, most),
    )


async def parts(connection: Connection, gateway_id: str, first: int) -> list[dict[str, Any]]:
    """Return a segment's parts in order, each with its owner and wrapped key while it has one."""
    return await fetch_all(
        connection,
        "SELECT p.part, p.commitment, p.sealed, k.id AS key_id, k.holder_kind, k.holder_id,"
        " coalesce(k.order_id, '') AS order_id, k.wrapped FROM archive_part p"
        " LEFT JOIN archive_key k ON k.id = p.key_id"
        " WHERE p.gateway_id = %s AND p.first_seq = %s ORDER BY p.part",
        (gateway_id, first),
    )


def _split(owners: Iterable[Owner]) -> tuple[list[str], list[str], list[str]]:
    rows = list(owners)
    return [o.kind for o in rows], [o.holder for o in rows], [o.order for o in rows]


def by_kind(people: Iterable[tuple[str, str]], kind: str) -> list[str]:
    """Return the holders of one kind."""
    return sorted(holder for of_kind, holder in people if of_kind == kind)


def org_of(
    owner: Owner, gateway: Gateway, subjects: Mapping[str, str], officers: Mapping[str, str]
) -> str:
    """Return the organisation of an owner: his own, else the gateway's."""
    known = {SUBJECT: subjects, _OFFICER: officers}.get(owner.kind, {})
    return known.get(owner.holder, gateway.org_id)
