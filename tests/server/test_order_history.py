"""Histories through the interface: the directory covers exactly what the orders cover."""

import random
from datetime import timedelta

import pytest

from gateway.directory.snapshot import compile_directory
from tests.server.clock_faults import clock_faults
from tests.server.conftest import TOKEN, http
from tests.server.orders_world import SUBJECT, Bureau
from tests.server.travelling import travel_of

STEPS = ("apply", "approve", "refuse", "extend", "assess", "tell", "bind", "lift", "wait")


@pytest.fixture
async def bureau(site):
    site.rows("DELETE FROM binding")
    site.rows("DELETE FROM positioning_order")
    async with travel_of(site) as travel:
        yield Bureau(travel)


async def waiting(bureau):
    path = f"/api/v1/order-applications?subject={SUBJECT}&state=applied"
    found = (await bureau.travel.sign_in("officer").get(path)).json()["items"]
    return found[0] if found else None


async def newest(bureau):
    path = f"/api/v1/orders?subject={SUBJECT}"
    found = (await bureau.travel.sign_in("officer").get(path)).json()["items"]
    return found[-1] if found else None


async def take(bureau, step, dice):
    """Try a step, whether it is allowed now or not; only refusals by rule may come of it."""
    application, order = await waiting(bureau), await newest(bureau)
    if step == "wait":
        await bureau.travel.move(days=dice.choice([1, 7, 30, 60]), seconds=dice.randrange(86_400))
        return
    if step == "apply":
        answer = await bureau.apply(months=dice.choice([1, 2, 3]))
    elif step in ("approve", "refuse"):
        if application is None:
            return
        what = {"approve": ("approval", {}), "refuse": ("refusal", {"reason": "依据不足"})}[step]
        answer = await bureau.decide(application, what[0], **what[1])
    elif step == "bind":
        answer = await bureau.bind()
    elif order is None:
        return
    elif step == "extend":
        answer = await bureau.apply(extends=order["id"], months=1)
    elif step == "assess":
        answer = await bureau.assess(order)
    else:
        answer = await (bureau.tell(order) if step == "tell" else bureau.lift(order))
    assert answer.status_code in (200, 201, 409, 412), answer.text


async def directory(bureau):
    async with http(bureau.travel.app) as client:
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        return compile_directory((await client.get("/api/v1/gateway/directory")).content)


@pytest.mark.article("law-29")
@pytest.mark.parametrize("seed", [1, 2])
async def test_nothing_is_tracked_without_an_order(bureau, seed):
    dice = random.Random(seed)  # noqa: S311 - a test's own dice
    for _ in range(40):
        await take(bureau, dice.choice(STEPS), dice)
    known = await directory(bureau)
    rows = bureau.site.rows(
        "SELECT valid_from, least(valid_to, lifted_at) AS ends_at, approved_by, approved_at"
        " FROM positioning_order"
    )
    assert rows
    assert all(row["approved_by"] == "head" for row in rows)
    assert all(row["valid_from"] >= row["approved_at"] for row in rows)
    now = bureau.travel.clock.now
    for _ in range(300):
        instant = now + timedelta(seconds=dice.randrange(-29 * 86_400, 120 * 86_400))
        is_covered = any(row["valid_from"] <= instant < row["ends_at"] for row in rows)
        time_ms = int(instant.timestamp() * 1000)
        assert known.is_ordered(SUBJECT, time_ms) == is_covered
        if known.watched_since(SUBJECT, "wb-000002", time_ms) is not None:
            assert is_covered
    uncovered = bureau.site.rows(
        "SELECT * FROM binding WHERE valid_from < coalesce(valid_to, 'infinity') - interval '1 ms'"
        " AND covered_until(holder_id, valid_from) IS NULL"
    )
    assert uncovered == []
    await bureau.travel.move(seconds=1)
    clocks = bureau.site.rows("SELECT * FROM deadline")
    assert {row["ref_kind"] for row in clocks} >= {"order"}
    assert clock_faults(clocks, bureau.travel.acts(), bureau.travel.clock.now) == []
