"""An order while it runs, and its end: notice, assessment, lifting, expiry."""

import secrets
from collections.abc import Mapping
from typing import Any

from server.acts.act import Act
from server.acts.store import record
from server.auth.person import Desk
from server.auth.powers import require
from server.cases import noting
from server.cases.standing import Standing, standing
from server.deadlines.running import AtWork, cancel, meet, start
from server.errors import InvalidError, NotFoundError
from server.orders import store
from server.orders.applying import as_order, note
from server.orders.grounds import LAW
from server.orders.lifecycle import check_running
from server.orders.papers import issue_lifting
from server.orders.schemas import NewAssessment, Notice, OrderFile
from server.orders.wearing_rules import TOLD
from server.registry.store import lock, next_directory_version
from server.versions import check_version


async def notify(desk: Desk, order_id: str, body: Notice, if_match: str | None) -> OrderFile:
    """Note that the person was told of the order.

    Raises:
        NotFoundError: No such order in the scope.
        InvalidError: It happened in the future, or before the order was approved.
        RefusedError: By the wrong person, or the order is over.
    """
    require(desk.person, "verify", article=TOLD)
    row, found = await _held(desk, order_id)
    await _check_seen(desk, row, if_match)
    check_running(as_order(row), desk.now)
    told = body.happened_time or desk.now
    if not row["approved_at"] <= told <= desk.now:
        text = "must lie between the approval of the order and now"
        raise InvalidError([("/happened_time", text)])
    await store.mark_notified(desk.connection, order_id, told)
    said = {"method": body.method, "note": body.note}
    about = ("order", order_id)
    await noting.note(
        desk, found, "order.notified", LAW, TOLD, ref=about, happened_time=told, body=said
    )
    return await read(desk, order_id)


async def assess(desk: Desk, order_id: str, body: NewAssessment) -> OrderFile:
    """Record whether an order is still needed; the next review is due from here.

    Raises:
        NotFoundError: No such order in the scope.
        RefusedError: By the wrong person, or the order is over.
    """
    require(desk.person, "verify", article=LAW)
    row, found = await _held(desk, order_id)
    check_running(as_order(row), desk.now)
    values = body.model_dump() | {"id": f"as-{secrets.token_hex(12)}", "order": order_id}
    values |= {"org": found.org_id, "subject": found.subject_id}
    await store.insert_assessment(
        desk.connection, values | {"by": desk.person.login, "now": desk.now}
    )
    noted = {"conclusion": body.conclusion, "assessment": values["id"]}
    await note(desk, "order.assessed", found, ("order", order_id), noted)
    await meet(desk, "order_review", ref_kind="order", ref_id=order_id)
    await start(
        desk,
        "order_review",
        org_id=found.org_id,
        subject_id=found.subject_id,
        ref_kind="order",
        ref_id=order_id,
    )
    return await read(desk, order_id)


async def lift(desk: Desk, order_id: str, reason: str, if_match: str | None) -> OrderFile:
    """Lift an order that is no longer needed, and what was to continue it: from this instant.

    Raises:
        NotFoundError: No such order in the scope.
        RefusedError: By the wrong person, or the order is over.
    """
    require(desk.person, "decide", article=LAW)
    await lock(desk.connection)
    row, found = await _held(desk, order_id)
    await _check_seen(desk, row, if_match)
    check_running(as_order(row), desk.now)
    await _lift_from(desk, found, reason)
    return await read(desk, order_id)


async def expire(work: AtWork, row: Mapping[str, Any]) -> None:
    """End what a person wears when an order has run out: the act of clock `order_end`."""
    ended = await store.end_wristbands(work.connection, row["subject_id"], work.now)
    await meet(work, "order_end", ref_kind="order", ref_id=row["ref_id"])
    await cancel(work, ref_kind="order", ref_id=row["ref_id"], kind="order_review")
    act = Act(
        kind="order.expired",
        org_id=row["org_id"],
        subject_id=row["subject_id"],
        ref_kind="order",
        ref_id=row["ref_id"],
        happened_time=row["due_at"],
        articles=(LAW,),
        body={"devices": ended},
    )
    await record(work.connection, act, None)
    if ended:
        await next_directory_version(work.connection, [row["org_id"]], "guitu")


async def read(desk: Desk, order_id: str) -> OrderFile:
    """Return an order with its assessments.

    Raises:
        NotFoundError: No such order in the scope.
    """
    row = await store.order(desk.connection, order_id)
    if row is None:
        raise NotFoundError("no such order in your scope")
    told = await store.assessments(desk.connection, order_id)
    return OrderFile.model_validate(row | {"assessments": told})


async def _lift_from(desk: Desk, found: Standing, reason: str) -> None:
    rows = await store.orders(desk.connection, subject=found.subject_id, limit=200)
    running = [row for row in rows if row["ends_at"] > desk.now]
    for row in running:
        await store.lift(
            desk.connection, row["id"], by=desk.person.login, reason=reason, at=desk.now
        )
        await cancel(desk, ref_kind="order", ref_id=row["id"])
    ended = await store.taken_off(desk.connection, found.subject_id, desk.now)
    version = await next_directory_version(desk.connection, [found.org_id], desk.person.login)
    for row in running:
        noted = {"reason": reason, "directory_version": version, "devices": ended}
        noted |= {"lifted_at": desk.now.isoformat()}
        noted |= await issue_lifting(desk, found, row["id"], reason)
        await note(desk, "order.lifted", found, ("order", row["id"]), noted)


async def _held(desk: Desk, order_id: str) -> tuple[dict[str, Any], Standing]:
    row = await store.order(desk.connection, order_id)
    if row is None:
        raise NotFoundError("no such order in your scope")
    found = await standing(desk.connection, row["subject"], lock=True)
    return await store.order(desk.connection, order_id, lock=True) or row, found


async def _check_seen(desk: Desk, row: Mapping[str, Any], if_match: str | None) -> None:
    current = (await read(desk, row["id"])).model_dump(mode="json")
    check_version(if_match, row["version"], current=current)
