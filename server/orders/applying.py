"""From application to decision: the office proposes, the head of the county bureau approves."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from server.auth.person import Desk
from server.auth.powers import require, require_another
from server.cases import noting
from server.cases.standing import Standing, require_stage, standing
from server.deadlines.running import start
from server.errors import InvalidError, NotFoundError, Refusal, RefusedError
from server.law.days import LegalCalendar
from server.orders import store
from server.orders.grounds import LAW
from server.orders.lifecycle import (
    Asked,
    Order,
    check_application,
    check_decidable,
    granted_term,
)
from server.orders.papers import issue_decision
from server.orders.schemas import ApplicationInfo, Approval, NewApplication
from server.policies.store import policy_of
from server.registry.store import lock, next_directory_version
from server.versions import check_version

_MOST_ORDERS = 200
"""Of one person; a term of years has some dozens."""


async def apply(desk: Desk, body: NewApplication) -> ApplicationInfo:
    """Take an application.

    Raises:
        NotFoundError: No such person in the scope.
        InvalidError: A reference of the evidence is not there.
        RefusedError: The law does not allow it.
    """
    require(desk.person, "verify", article=LAW)
    found = await standing(desk.connection, body.subject, lock=True)
    require_stage(found, "in_correction", article=LAW)
    await _check_evidence(desk, body)
    policy = await policy_of(desk.connection, found.org_id, desk.now)
    check_application(
        _asked(body), await orders_of(desk, found.subject_id), now=desk.now, policy=policy
    )
    waiting = await store.open_application(desk.connection, found.subject_id)
    if waiting is not None:
        raise RefusedError(_another_waits(waiting))
    application_id = f"oa-{secrets.token_hex(12)}"
    row = body.model_dump() | {"id": application_id, "org": found.org_id, "now": desk.now}
    person = desk.person
    await store.insert_application(
        desk.connection, row | {"by": person.login, "by_org": person.org_id}
    )
    noted = {"ground": body.ground, "months": body.months, "extends": body.extends}
    await note(desk, "order.applied", found, ("order_application", application_id), noted)
    return await read(desk, application_id)


async def approve(
    desk: Desk, application_id: str, body: Approval, if_match: str | None
) -> ApplicationInfo:
    """Approve: the order holds from now on, or from the end of the one that it extends.

    Raises:
        NotFoundError: No such application in the scope.
        RefusedError: By the wrong person, or the law does not allow it.
    """
    await lock(desk.connection)
    row, found = await _to_decide(desk, application_id, if_match)
    policy = await policy_of(desk.connection, found.org_id, desk.now)
    asked = Asked(row["ground"], row["months"], _kinds(row["evidence"]), row["extends"])
    begin, end = granted_term(
        asked,
        body.months or row["months"],
        await orders_of(desk, found.subject_id),
        now=desk.now,
        last=LegalCalendar().due_at(found.term_to),
        is_assessed=await _is_assessed(desk, row["extends"]),
        policy=policy,
    )
    order_id = f"eo-{secrets.token_hex(12)}"
    await store.insert_order(
        desk.connection,
        {
            "id": order_id,
            "org": found.org_id,
            "subject": found.subject_id,
            "ground": row["ground"],
            "by": desk.person.login,
            "now": desk.now,
            "from": begin,
            "to": end,
            "application": application_id,
            "extends": row["extends"],
        },
    )
    await _decided(desk, application_id, "approved", body.reason, order_id)
    term = {"valid_from": begin, "valid_to": end}
    await issue_decision(desk, found, order_id, row, term)
    await _start_clocks(desk, found, order_id, begin, end)
    version = await next_directory_version(desk.connection, [found.org_id], desk.person.login)
    noted = {"application": application_id, "ground": row["ground"], "directory_version": version}
    noted |= {"valid_from": begin.isoformat(), "valid_to": end.isoformat()}
    await note(desk, "order.approved", found, ("order", order_id), noted)
    return await read(desk, application_id)


async def refuse(
    desk: Desk, application_id: str, reason: str, if_match: str | None
) -> ApplicationInfo:
    """Refuse an application.

    Raises:
        NotFoundError: No such application in the scope.
        RefusedError: By the wrong person, or it was decided.
    """
    _, found = await _to_decide(desk, application_id, if_match)
    await _decided(desk, application_id, "refused", reason, None)
    about = ("order_application", application_id)
    await note(desk, "order.refused", found, about, {"reason": reason})
    return await read(desk, application_id)


async def withdraw(desk: Desk, application_id: str, if_match: str | None) -> ApplicationInfo:
    """Take back an application that waits.

    Raises:
        NotFoundError: No such application in the scope.
        RefusedError: It was decided.
    """
    require(desk.person, "verify", article=LAW)
    row, found = await _open(desk, application_id, if_match)
    check_decidable(row["state"])
    await _decided(desk, application_id, "withdrawn", None, None)
    await note(desk, "order.withdrawn", found, ("order_application", application_id), {})
    return await read(desk, application_id)


async def read(desk: Desk, application_id: str) -> ApplicationInfo:
    """Return an application.

    Raises:
        NotFoundError: No such application in the scope.
    """
    row = await store.application(desk.connection, application_id)
    if row is None:
        raise NotFoundError("no such application in your scope")
    return ApplicationInfo.model_validate(row)


async def orders_of(desk: Desk, subject_id: str) -> list[Order]:
    """Return every order of a person."""
    rows = await store.orders(desk.connection, subject=subject_id, limit=_MOST_ORDERS)
    return [as_order(row) for row in rows]


def as_order(row: Mapping[str, Any]) -> Order:
    """Return a row as the rules see it."""
    names = ("valid_from", "valid_to", "lifted_at", "notified_at")
    return Order(row["id"], *(row[name] for name in names))


async def note(
    desk: Desk, kind: str, found: Standing, about: tuple[str, str], body: Mapping[str, Any]
) -> None:
    """Write an act of a person's orders."""
    await noting.note(desk, found, kind, LAW, ref=about, body=body)


async def _start_clocks(
    desk: Desk, found: Standing, order_id: str, begin: datetime, end: datetime
) -> None:
    about: dict[str, Any] = {"org_id": found.org_id, "subject_id": found.subject_id}
    about |= {"ref_kind": "order", "ref_id": order_id}
    await start(desk, "order_end", begins_at=begin, ends_at=end, **about)
    # An order that ends before its first review is due is assessed at its end or not at all.
    policy = await policy_of(desk.connection, found.org_id, desk.now)
    if begin + timedelta(days=policy.number("order_review_days") + 1) < end:
        await start(desk, "order_review", begins_at=begin, **about)


async def _to_decide(
    desk: Desk, application_id: str, if_match: str | None
) -> tuple[dict[str, Any], Standing]:
    require(desk.person, "approve", article=LAW)
    row, found = await _open(desk, application_id, if_match)
    check_decidable(row["state"])
    require_another(desk.person, row["applied_by"], article=LAW)
    require_stage(found, "in_correction", article=LAW)
    return row, found


async def _open(
    desk: Desk, application_id: str, if_match: str | None
) -> tuple[dict[str, Any], Standing]:
    row = await store.application(desk.connection, application_id)
    if row is None:
        raise NotFoundError("no such application in your scope")
    # The file's lock comes first, as when it is applied for.
    found = await standing(desk.connection, row["subject"], lock=True)
    row = await store.application(desk.connection, application_id, lock=True) or row
    current = ApplicationInfo.model_validate(row).model_dump(mode="json")
    check_version(if_match, row["version"], current=current)
    return row, found


async def _decided(
    desk: Desk, application_id: str, state: str, reason: str | None, order_id: str | None
) -> None:
    values = {"id": application_id, "state": state, "by": desk.person.login, "now": desk.now}
    await store.decide(desk.connection, values | {"reason": reason, "order": order_id})


async def _is_assessed(desk: Desk, order_id: str | None) -> bool:
    if order_id is None:
        return False
    newest = (await store.assessments(desk.connection, order_id))[:1]
    return bool(newest) and newest[0]["conclusion"] == "extend"


async def _check_evidence(desk: Desk, body: NewApplication) -> None:
    wanted = [one.model_dump() for one in body.evidence]
    known = await store.known_evidence(desk.connection, body.subject, wanted)
    faults = [
        (f"/evidence/{index}", f"{one.kind} {one.id} is not in this person's record")
        for index, one in enumerate(body.evidence)
        if (one.kind, one.id) not in known
    ]
    if faults:
        raise InvalidError(faults)


def _asked(body: NewApplication) -> Asked:
    kinds = tuple(one.kind for one in body.evidence)
    return Asked(body.ground, body.months, kinds, body.extends)


def _kinds(evidence: list[dict[str, str]]) -> tuple[str, ...]:
    return tuple(one["kind"] for one in evidence)


def _another_waits(application_id: str) -> Refusal:
    return Refusal(
        "/subject",
        "one_application_at_a_time",
        LAW,
        f"申请{application_id}尚未办结",
        f"application {application_id} waits for a decision",
        "先办结或者撤回该申请",
        "its decision or withdrawal first",
    )
