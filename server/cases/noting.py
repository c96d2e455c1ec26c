"""How a case file's act is noted: who, by which articles, about what, when it happened."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from server.acts.act import Act
from server.acts.store import record
from server.auth.person import Desk
from server.cases.standing import Standing
from server.errors import Refusal, RefusedError


def new_id(prefix: str) -> str:
    """Return an id that nobody can guess."""
    return f"{prefix}-{secrets.token_hex(8)}"


def claimed(
    desk: Desk, happened_time: datetime | None, pointer: str = "/happened_time"
) -> datetime:
    """Return when something happened, as claimed; now if nothing is said.

    Raises:
        RefusedError: It lies in the future.
    """
    if happened_time is None or happened_time <= desk.now:
        return happened_time or desk.now
    raise RefusedError(
        Refusal(
            pointer,
            "not_in_future",
            None,
            "发生时间晚于当前时间",
            "it lies in the future",
            "不晚于当前时间",
            "now at the latest",
        )
    )


async def note(
    desk: Desk,
    file: Standing,
    kind: str,
    *articles: str,
    ref: tuple[str, str] | None = None,
    happened_time: datetime | None = None,
    body: Mapping[str, Any] | None = None,
) -> None:
    """Note an act on a person's file.

    Args:
        desk: The request.
        file: Whose.
        kind: `thing.what`.
        articles: Keys of the articles that it rests on.
        ref: Kind and id of what it is about; None: the file itself.
        happened_time: As claimed; None: now.
        body: What else the record must say.
    """
    ref_kind, ref_id = ref or ("file", file.subject_id)
    act = Act(
        kind=kind,
        org_id=file.org_id,
        subject_id=file.subject_id,
        ref_kind=ref_kind,
        ref_id=ref_id,
        happened_time=happened_time or desk.now,
        articles=articles,
        body=body or {},
    )
    await record(desk.connection, act, desk.person)
