"""Purposes of looks at tracks (查询轨迹事由): what each belongs to, and who may have it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from fastapi import Depends, Query

from server.auth.looking import bound_looks
from server.auth.person import DECIDERS, Desk, Role
from server.auth.store import log_access
from server.errors import ForbiddenError, InvalidError
from server.looks import purpose_store as store

PurposeName = Literal[
    "supervision",
    "alert",
    "task",
    "order_review",
    "missing",
    "leave",
    "information_check",
    "measure",
    "oversight",
    "audit",
]
_WORK: Final = frozenset(DECIDERS)


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a purpose asks for.

    Attributes:
        ref_kind: What a look with it belongs to; of `case` the id is the person's own.
        roles: Who may have it.
    """

    ref_kind: store.RefKind
    roles: frozenset[Role]


PURPOSES: Final[Mapping[PurposeName, Purpose]] = MappingProxyType(
    {
        "supervision": Purpose("case", _WORK),
        "alert": Purpose("alert", _WORK),
        "task": Purpose("task", _WORK),
        "order_review": Purpose("order", _WORK),
        "missing": Purpose("missing", _WORK),
        "leave": Purpose("leave", _WORK),
        "information_check": Purpose("check", _WORK),
        "measure": Purpose("measure", _WORK),
        # Whose office it is, and no other: neither does another's work.
        "oversight": Purpose("case", frozenset({"procurator"})),
        "audit": Purpose("case", frozenset({"auditor"})),
    }
)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody looks at a track, as the caller says.

    Attributes:
        ref: The id of what the purpose belongs to.
        words: More, in the caller's own words.
    """

    purpose: PurposeName
    ref: str
    words: str | None


def reason_of(
    purpose: Annotated[
        PurposeName,
        Query(description="查询事由, of the code table track_purpose", examples=["alert"]),
    ],
    ref: Annotated[
        str,
        Query(
            min_length=1,
            max_length=120,
            description="the id of the alert, task, order, search, leave, check or measure that the"
            " purpose belongs to; of supervision, oversight and audit the person's own id",
        ),
    ],
    words: Annotated[
        str | None, Query(min_length=2, max_length=200, description="说明, logged as well")
    ] = None,
) -> Reason:
    """Return what a query says of its purpose."""
    return Reason(purpose, ref, words)


LookReason = Annotated[Reason, Depends(reason_of)]


async def note_look(
    desk: Desk,
    file: Mapping[str, Any],
    act: str,
    reason: Reason,
    span: tuple[datetime, datetime] | None = None,
) -> None:
    """Note a look at a person's track or masked fields, before anything of it is shown.

    Args:
        desk: Whose look it is.
        file: The person, with `id` and `org`.
        act: What is read: `track`, `positions` or `reveal`.
        reason: Why.
        span: From when to when positions are read; None: none are.

    Raises:
        ForbiddenError: The role may not have this purpose.
        InvalidError: What the purpose belongs to is not this person's, or not in the scope.
        TooManyLooksError: More people than one login may look at.
    """
    purpose, role = PURPOSES[reason.purpose], desk.person.role
    if role not in purpose.roles:
        allowed = ", ".join(name for name, one in PURPOSES.items() if role in one.roles)
        raise ForbiddenError(f"role {role} may not look for {reason.purpose}, only for {allowed}")
    if not await store.belongs(desk.connection, purpose.ref_kind, reason.ref, file["id"]):
        what = f"is no {purpose.ref_kind} of this person in your scope"
        raise InvalidError([("ref", what)])
    await log_access(
        desk.connection,
        org_id=file["org"],
        by_login=desk.person.login,
        act=act,
        subject_id=file["id"],
        purpose=reason.words,
        why=(reason.purpose, purpose.ref_kind, reason.ref),
        span=span,
    )
    await bound_looks(desk)
