"""What an approved permission changes in the directory, by kind, and the permit's document."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any, Final

from server.auth.person import Desk
from server.documents.printable import issue_printable, papers_said
from server.errors import Refusal, RefusedError
from server.law.days import ZONE
from server.movement import permission_store as store
from server.movement.permission_rules import ARTICLE, Weekly, times, without
from server.registry.fence_store import fence_versions, replace_versions
from server.registry.fence_version import exempted

_PERMIT: Final = "cross_county_permit"
_REPORTING: Final = "通过电话、微信等方式报告每次离开和返回"


async def issue_permit(
    desk: Desk, row: Mapping[str, Any], begin: datetime, end: datetime
) -> dict[str, list[str]]:
    """Issue the permit for frequent movement; return what the act says of it."""
    said = {
        "reason": row["reason"],
        "places": [one["name"] for one in row["body"]["places"]],
        "frequency": row["body"]["frequency"],
        "reporting": _REPORTING,
        "valid_from": begin.astimezone(ZONE).date(),
        "valid_to": (end - timedelta(seconds=1)).astimezone(ZONE).date(),
    }
    about = ("permission", row["id"])
    paper = await issue_printable(desk, _PERMIT, row["subject"], said, *about)
    return papers_said({_PERMIT: paper})


async def _permit(desk: Desk, row: Mapping[str, Any], begin: datetime, end: datetime) -> set[str]:
    weekly = [
        Weekly(
            frozenset(one["days"]),
            time.fromisoformat(one["start"]),
            time.fromisoformat(one["end"]),
        )
        for one in row["body"]["weekly"]
    ]
    taken = await store.all_leave(desk.connection, row["subject"], begin)
    spans = without(times(weekly, begin, end), taken)
    values = {"id": row["id"], "org": row["org"], "subject": row["subject"], "to": end}
    values |= {"name": row["body"]["places"][0]["name"], "by": desk.person.login, "now": desk.now}
    await store.insert_permit(desk.connection, values, spans)
    return set()


async def _enter(desk: Desk, row: Mapping[str, Any], begin: datetime, end: datetime) -> set[str]:
    fence = row["body"]["fence"]
    old = await fence_versions(desk.connection, fence, begin)
    if not any(row["subject"] in one.subjects for one in old):
        raise RefusedError(_nothing_to_permit("/fence", "place", fence))
    new = exempted(old, row["subject"], begin, end)
    return await replace_versions(desk.connection, fence, begin, old, new)


async def _contact(desk: Desk, row: Mapping[str, Any], begin: datetime, end: datetime) -> set[str]:
    pair = row["body"]["pair"]
    if not await store.lift_pair(desk.connection, pair, row["subject"], begin, end):
        raise RefusedError(_nothing_to_permit("/pair", "contact", pair))
    return set()


OVERLAYS: Final = {"cross_county": _permit, "place": _enter, "contact": _contact}


def _nothing_to_permit(pointer: str, kind: str, name: str) -> Refusal:
    return Refusal(
        pointer,
        "prohibited_then",
        ARTICLE["place" if kind == "place" else "contact"],
        f"{name}在该时间对本人没有禁止，无须批准",
        f"{name} does not bind the person then: nothing is to be permitted",
        "对本人有效的禁止区域或者禁止接触",
        "a forbidden area or no-contact entry that binds the person then",
    )
