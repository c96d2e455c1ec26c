"""Asks for, grants and takes back redemptions; every change of an account is a line."""

import secrets
from typing import Any, Final

from server.acts.act import Act
from server.acts.store import record
from server.auth.person import Desk
from server.auth.powers import require, require_another
from server.errors import ConflictError, InvalidError, NotFoundError, Refusal, RefusedError
from server.redemption import store
from server.redemption.account import Line, entries, is_whole
from server.redemption.schemas import (
    NewRedemption,
    Redemption,
    RedemptionDecision,
    RedemptionReversal,
)
from server.scoring.policy import MILLI, Policy
from server.scoring.schedule import schedule_of
from server.scoring.score import month_number
from server.trends.asking import month_text
from server.versions import check_version

_MONEY: Final = ("cost_milli", "zh", "en")


async def account(desk: Desk, subject_id: str) -> dict[str, Any]:
    """Return a person's account.

    Raises:
        NotFoundError: No such person in the scope.
        ConflictError: A minor or a sealed file, which has none.
    """
    policy = await _policy(desk, await _file(desk, subject_id))
    rows = await store.lines(desk.connection, subject_id)
    asked = await store.of_subject(desk.connection, subject_id)
    balance = rows[-1]["balance_milli"] if rows else 0
    offers = policy.redemption.items if policy.redemption else ()
    return {
        "balance": balance / MILLI,
        "available": (balance - _waiting(asked)) / MILLI,
        "is_whole": is_whole(rows),
        "offers": [
            {"id": one.id, "text": {"zh": one.text.zh, "en": one.text.en}, "cost": one.cost / MILLI}
            for one in offers
        ],
        "lines": [_line(row) for row in rows],
        "redemptions": [shown(row) for row in asked],
    }


async def ask(desk: Desk, subject_id: str, body: NewRedemption) -> dict[str, Any]:
    """Ask for an item, as the person or as an officer for the person.

    Raises:
        NotFoundError: No such person in the scope.
        ConflictError: A minor or a sealed file, which has no account.
        InvalidError: The policy in force offers no such item.
        RefusedError: Not enough points are left.
    """
    if desk.person.role != "subject":
        require(desk.person, "verify", article=None)
    org_id = await _file(desk, subject_id)
    policy = await _policy(desk, org_id)
    offers = {one.id: one for one in policy.redemption.items} if policy.redemption else {}
    item = offers.get(body.item)
    if item is None:
        raise InvalidError([("/item", f"is not one of {', '.join(offers) or 'none'}")])
    last = await store.lock_account(desk.connection, subject_id)
    left = (last["balance_milli"] if last else 0) - _waiting(
        await store.of_subject(desk.connection, subject_id)
    )
    if left < item.cost:
        raise RefusedError(_not_enough(left, item.cost))
    row: dict[str, Any] = {"id": f"rd-{secrets.token_hex(12)}", "org_id": org_id}
    row |= {"subject_id": subject_id, "item": item.id, "zh": item.text.zh, "en": item.text.en}
    row |= {"cost": item.cost, "policy_version": policy.version}
    row |= {"by": desk.person.login, "at": desk.now}
    await store.insert(desk.connection, row)
    return await _noted(desk, row["id"], "asked", {"item": item.id})


async def decide(
    desk: Desk, redemption_id: str, body: RedemptionDecision, *, if_match: str | None
) -> dict[str, Any]:
    """Grant a redemption or refuse it, as another person than who asked.

    Raises:
        NotFoundError: No such redemption in the scope.
        StaleVersionError: Somebody was faster.
        ConflictError: It was decided.
        RefusedError: The power is missing, who asked decides, or the points are not there.
    """
    row = await _checked(desk, redemption_id, if_match, "asked")
    require_another(desk.person, row["asked_by"], article=None)
    if body.outcome == "granted":
        await _append(desk, row, Line("redeemed", None, -row["cost_milli"]))
    values = {"id": redemption_id, "state": body.outcome, "note": body.note}
    await store.decide(desk.connection, values | {"by": desk.person.login, "at": desk.now})
    return await _noted(desk, redemption_id, body.outcome, {"note": body.note})


async def reverse(
    desk: Desk, redemption_id: str, body: RedemptionReversal, *, if_match: str | None
) -> dict[str, Any]:
    """Take a granted redemption back, as another person than who granted it.

    Raises:
        NotFoundError: No such redemption in the scope.
        StaleVersionError: Somebody was faster.
        ConflictError: It is not granted.
        RefusedError: The power is missing, or who granted it takes it back.
    """
    row = await _checked(desk, redemption_id, if_match, "granted")
    require_another(desk.person, row["decided_by"], article=None)
    await _append(desk, row, Line("returned", None, row["cost_milli"]))
    values = {"id": redemption_id, "reason": body.reason}
    await store.reverse(desk.connection, values | {"by": desk.person.login, "at": desk.now})
    return await _noted(desk, redemption_id, "reversed", {"reason": body.reason})


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """Return a redemption as the interface has it."""
    return {name: value for name, value in row.items() if name not in _MONEY} | {
        "cost": row["cost_milli"] / MILLI,
        "text": {"zh": row["zh"], "en": row["en"]},
    }


async def _append(desk: Desk, row: dict[str, Any], line: Line) -> None:
    last = await store.lock_account(desk.connection, row["subject"])
    left = last["balance_milli"] if last else 0
    if left + line.points < 0:
        raise RefusedError(_not_enough(left, row["cost_milli"]))
    of = {"org_id": row["org"], "subject_id": row["subject"], "redemption_id": row["id"]}
    of |= {"policy_version": row["policy_version"], "author": desk.person.login}
    await store.append(desk.connection, entries(of, last, [line], desk.now))


async def _checked(
    desk: Desk, redemption_id: str, if_match: str | None, state: str
) -> dict[str, Any]:
    require(desk.person, "verify", article=None)
    row = await store.redemption(desk.connection, redemption_id, lock=True)
    if row is None:
        raise NotFoundError("no such redemption in your scope")
    current = Redemption.model_validate(shown(row)).model_dump(mode="json")
    check_version(if_match, row["version"], current=current)
    if row["state"] != state:
        raise ConflictError(f"the redemption is {row['state']}, not {state}")
    return row


async def _noted(desk: Desk, redemption_id: str, what: str, said: dict[str, Any]) -> dict[str, Any]:
    row = await store.redemption(desk.connection, redemption_id)
    if row is None:
        raise NotFoundError("no such redemption in your scope")
    of = (row["org"], row["subject"], "redemption", redemption_id)
    act = Act(f"redemption.{what}", *of, desk.now, body={"cost": row["cost_milli"] / MILLI} | said)
    await record(desk.connection, act, desk.person)
    return shown(row)


async def _file(desk: Desk, subject_id: str) -> str:
    found = await store.file_of(desk.connection, subject_id)
    if found is None:
        raise NotFoundError("no such subject in your scope")
    if found["is_minor"] or found["is_sealed"]:
        raise ConflictError("a minor and a sealed file have no redemption account")
    return str(found["org_id"])


async def _policy(desk: Desk, org_id: str) -> Policy:
    return (await schedule_of(desk.connection, org_id)).at(month_number(desk.now))


def _waiting(asked: list[dict[str, Any]]) -> int:
    return sum(row["cost_milli"] for row in asked if row["state"] == "asked")


def _line(row: dict[str, Any]) -> dict[str, Any]:
    month = row["month"]
    kept = ("number", "kind", "contra", "policy_version", "author", "recorded_at")
    return {name: row[name] for name in kept} | {
        "month": None if month is None else month_text(month),
        "redemption": row["redemption_id"],
        "points": row["points_milli"] / MILLI,
        "balance": row["balance_milli"] / MILLI,
    }


def _not_enough(left: int, cost: int) -> Refusal:
    return Refusal(
        "/item",
        "not_enough_points",
        None,
        f"可兑换积分{left / MILLI:g}，不足{cost / MILLI:g}",
        f"{left / MILLI:g} points are left, {cost / MILLI:g} are wanted",
        f"不超过{left / MILLI:g}分的项目",
        f"an item of {left / MILLI:g} points at most",
    )
