"""The law's clocks: started, warned of, met, lapsed; none passes silently."""

from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest

from server.deadlines import running
from server.rounds import Round
from tests.server.travelling import travel_of

OF = {"ref_kind": "case", "ref_id": "s-4k2m9q"}
PERSON = {"org_id": "office-1", "subject_id": "s-4k2m9q", **OF}
CLOCK = "exit_ban_filing"


@pytest.fixture
async def travel(site):
    async with travel_of(site) as one:
        yield one


@asynccontextmanager
async def at_work(travel):
    database = travel.app.state.parts.database
    async with database.work() as connection:
        yield Round(connection, travel.clock.now)


async def begin(travel, **changed):
    async with at_work(travel) as work:
        return await running.start(work, CLOCK, **(PERSON | changed))


async def listed(travel, path="/api/v1/deadlines", **query):
    answer = await travel.sign_in("officer").get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_a_clock_that_is_met_in_time_gives_no_lapse(travel):
    times = await begin(travel)
    travel.clock.now = times.due_at - timedelta(seconds=1)
    async with at_work(travel) as work:
        await running.meet(work, CLOCK, **OF)
    await travel.move(days=2)
    (row,) = await listed(travel, subject="s-4k2m9q")
    assert (row["state"], row["met_late"]) == ("met", False)
    assert travel.acts(kind="deadline.lapsed") == []


async def test_a_clock_warns_once_and_then_lapses_at_its_own_instant(travel):
    times = await begin(travel)
    travel.clock.now = times.warn_at
    await travel.sweep()
    await travel.sweep()
    (warned,) = travel.acts(kind="deadline.warned")
    assert (warned["authority"], warned["by_login"]) == ("system", None)
    travel.clock.now = times.due_at + timedelta(hours=3)
    await travel.sweep()
    await travel.sweep()
    (lapsed,) = travel.acts(kind="deadline.lapsed")
    assert lapsed["happened_time"] == times.due_at
    assert lapsed["body"]["clock"] == CLOCK
    (row,) = await listed(travel, subject="s-4k2m9q", state="lapsed")
    assert row["title"]["zh"]


async def test_a_clock_met_after_its_end_has_lapsed_even_before_the_sweep_saw_it(travel):
    times = await begin(travel)
    travel.clock.now = times.due_at
    async with at_work(travel) as work:
        await running.meet(work, CLOCK, **OF)
    assert len(travel.acts(kind="deadline.lapsed")) == 1
    (row,) = await listed(travel)
    assert (row["state"], row["met_late"]) == ("lapsed", True)


async def test_a_clock_that_cannot_be_noted_holds_up_no_other_and_is_tried_again(travel):
    async def fail(work, row):
        if row["ref_id"] == "bad":
            await work.connection.execute("SELECT 1 / 0")

    travel.on_lapse = {CLOCK: fail}
    for ref_id in ("bad", "good"):
        await begin(travel, ref_id=ref_id)
    await travel.move(days=400)
    assert [act["ref_id"] for act in travel.acts(kind="deadline.lapsed")] == ["good"]
    (left,) = await listed(travel, subject="s-4k2m9q", state="open")
    assert left["ref_id"] == "bad"
    travel.on_lapse = {}
    await travel.move(minutes=9)
    assert len(travel.acts(kind="deadline.lapsed")) == 1
    await travel.move(minutes=2)
    assert [act["ref_id"] for act in travel.acts(kind="deadline.lapsed")] == ["good", "bad"]


async def test_cancelling_does_not_hide_what_was_over(travel):
    over = await begin(travel)
    travel.clock.now = over.due_at + timedelta(days=1)
    await begin(travel, begins_at=travel.clock.now)
    async with at_work(travel) as work:
        await running.cancel(work, **OF)
    assert [row["state"] for row in await listed(travel)] == ["lapsed", "cancelled"]
    assert len(travel.acts(kind="deadline.lapsed")) == 1


@pytest.mark.parametrize("is_all_of_the_person", [False, True])
async def test_nobody_owes_what_lapsed_of_a_thing_that_has_ended(travel, is_all_of_the_person):
    times = await begin(travel)
    await begin(travel, ref_id="another", subject_id="s-7h3n2c")
    travel.clock.now = times.due_at + timedelta(days=1)
    await travel.sweep()
    assert len(await listed(travel, "/api/v1/duties")) == 2
    async with at_work(travel) as work:
        if is_all_of_the_person:
            await running.cancel_all(work, PERSON["subject_id"])
        else:
            await running.cancel(work, **OF)
    assert [row["ref_id"] for row in await listed(travel, "/api/v1/duties")] == ["another"]
    counts = (await travel.sign_in("officer").get("/api/v1/duties/counts")).json()["counts"]
    assert [count["overdue"] for count in counts] == [1]
    (row,) = await listed(travel, subject=PERSON["subject_id"])
    assert (row["state"], row["met_late"]) == ("lapsed", False)
    assert datetime.fromisoformat(row["moot_at"]) == travel.clock.now
    async with at_work(travel) as work:
        await running.meet(work, CLOCK, **OF)
    (row,) = await listed(travel, subject=PERSON["subject_id"])
    assert not row["met_late"]


async def test_cancelling_one_kind_leaves_the_others_of_the_thing(travel):
    await begin(travel)
    async with at_work(travel) as work:
        await running.start(work, "group", **PERSON)
        await running.cancel(work, **OF, kind=CLOCK)
    states = {row["kind"]: row["state"] for row in await listed(travel)}
    assert states == {CLOCK: "cancelled", "group": "open"}


async def test_the_same_clock_started_twice_runs_once(travel):
    times = await begin(travel)
    assert await begin(travel, begins_at=times.begins_at) == times
    assert len(await listed(travel)) == 1


async def test_duties_are_what_ends_by_the_day_and_what_is_overdue(travel):
    times = await begin(travel)
    duties = "/api/v1/duties"
    assert await listed(travel, duties) == []
    last_day = (times.due_at - timedelta(seconds=1)).date().isoformat()
    assert [row["kind"] for row in await listed(travel, duties, by=last_day)] == [CLOCK]
    travel.clock.now = times.due_at + timedelta(days=3)
    await travel.sweep()
    assert [row["state"] for row in await listed(travel, duties)] == ["lapsed"]
    counts = (await travel.sign_in("officer").get("/api/v1/duties/counts")).json()["counts"]
    assert [(c["kind"], c["due"], c["overdue"]) for c in counts] == [(CLOCK, 0, 1)]
    async with at_work(travel) as work:
        await running.meet(work, CLOCK, **OF)
    assert await listed(travel, duties) == []


async def test_pages_of_deadlines_hold_each_once(travel):
    for day in range(5):
        await begin(travel, ref_id=f"case-{day}", begins_at=travel.clock.now - timedelta(days=day))
    client, seen, cursor = travel.sign_in("officer"), [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/api/v1/deadlines", params=query)).json()
        seen += [row["ref_id"] for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == [f"case-{day}" for day in range(5)]


async def test_a_sister_office_sees_no_clock_of_this_one(travel, site):
    site.add_org("office-2", "/county-a/", "office")
    site.add_account("sister", "office-2", "officer")
    await begin(travel)
    answer = await travel.sign_in("sister").get("/api/v1/deadlines")
    assert answer.json()["items"] == []


async def test_an_act_cannot_be_noted_at_another_moment(travel):
    await begin(travel)
    before = datetime.now().astimezone()
    travel.clock.move(days=400)
    await travel.sweep()
    (lapsed,) = travel.acts(kind="deadline.lapsed")
    # The clock of the cases went on for a year; the database notes when it really was.
    assert abs(lapsed["recorded_at"] - before) < timedelta(minutes=5)
