"""The act of each step on a finding or measure, and small rules that every step shares."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from server.acts.act import Act, Authority
from server.acts.store import record
from server.auth.person import Desk
from server.errors import InvalidError


def new_id(prefix: str) -> str:
    """Return a fresh id."""
    return f"{prefix}-{secrets.token_hex(10)}"


def past(desk: Desk, instant: datetime | None, pointer: str) -> datetime:
    """Return a claimed instant, or now.

    Raises:
        InvalidError: It lies in the future.
    """
    if instant is not None and instant > desk.now:
        raise InvalidError([(pointer, "lies in the future: now at the latest")])
    return instant or desk.now


async def note(
    desk: Desk,
    kind: str,
    row: Mapping[str, Any],
    *,
    ref_kind: str = "measure",
    articles: Sequence[str] = (),
    body: Mapping[str, Any] | None = None,
    happened_time: datetime | None = None,
    authority: Authority | None = None,
) -> int:
    """Note what happened to a finding or measure as an act; return its number.

    Args:
        desk: Who did it.
        kind: `measure.decided` and so on.
        row: The thing, as its store returns it (`id`, `org`, `subject`).
        ref_kind: What the thing is.
        articles: What it rests on.
        body: What else the record must say.
        happened_time: When, as claimed; None: now.
        authority: Whose, if not of who acts.
    """
    act = Act(
        kind=kind,
        org_id=row["org"],
        subject_id=row["subject"],
        ref_kind=ref_kind,
        ref_id=row["id"],
        happened_time=happened_time or desk.now,
        articles=tuple(articles),
        body=body or {},
        authority=authority,
    )
    return await record(desk.connection, act, desk.person)
