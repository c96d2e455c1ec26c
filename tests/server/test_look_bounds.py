"""One login looks at so many people and no more; unusual looking is told to the auditors."""

import asyncio
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pydantic
import pytest

from server.app import create_app
from server.auth.looking import night_began
from server.law.days import ZONE
from server.looks.alarms import LOOK_ALARMS
from server.rounds import Rounds
from tests.server.alert_world import told
from tests.server.conftest import running
from tests.server.travelling import Clock, Travel

NEAR, OTHER = "s-4k2m9q", "s-7h3n2c"
BOUNDS = {
    "look_hour_persons": 10,
    "look_day_persons": 12,
    "look_exports_day": 2,
    "look_alarm_persons": 8,
    "look_alarm_near_levels": 0,
    "look_alarm_far_persons": 2,
    "look_alarm_night_persons": 5,
}


@pytest.fixture
async def travel(site):
    async with travelling(site, **BOUNDS) as one:
        yield one


@asynccontextmanager
async def travelling(site, **settings):
    clock = Clock()
    # Whatever the hour of the test is, it is by day here.
    clock.now = yesterday(12)
    app = create_app(site.settings(deadline_sweep_s=3600.0, **settings), clock=clock)
    async with running(app):
        one = Travel(site, app, clock)
        yield one
        for client in one.clients.values():
            await client.aclose()


def yesterday(hour):
    day = (datetime.now(ZONE) - timedelta(days=1)).date()
    return datetime(day.year, day.month, day.day, hour, 30, tzinfo=ZONE)


def looked(travel, login, count, *, minutes_ago, code="supervision", act="track"):
    """Looks of before, at as many people who are not there any more."""
    travel.site.rows(
        "INSERT INTO access_log (org_id, by_login, act, subject_id, purpose_code, at)"
        " SELECT 'county-a', %s, %s, 's-gone-' || n, %s, %s FROM generate_series(1, %s) n",
        (login, act, code, travel.clock.now - timedelta(minutes=minutes_ago), count),
    )


async def look(travel, login, subject=NEAR, purpose="supervision"):
    until = travel.clock.now
    span = {"from": (until - timedelta(hours=1)).isoformat(), "to": until.isoformat()}
    return await travel.sign_in(login).get(
        f"/api/v1/subjects/{subject}/track", params=span | {"purpose": purpose, "ref": subject}
    )


def alarms(travel):
    rows = travel.site.rows("SELECT kind, by_login, persons, bound FROM look_alarm ORDER BY id")
    return [tuple(row.values()) for row in rows]


def noted(travel, subject):
    return travel.site.one("SELECT count(*) FROM access_log WHERE subject_id = %s", (subject,))


@pytest.mark.parametrize(
    ("count", "minutes_ago", "wait_s"), [(9, 10, 50 * 60), (11, 300, 19 * 3600)]
)
async def test_one_person_too_many_is_refused_until_the_first_is_long_ago(
    travel, count, minutes_ago, wait_s
):
    looked(travel, "supervisor", count, minutes_ago=minutes_ago)
    assert (await look(travel, "supervisor")).status_code == 200
    refused = await look(travel, "supervisor", OTHER)
    assert refused.status_code == 429, refused.text
    assert refused.json()["type"].endswith("too-many-looks")
    assert refused.headers["Retry-After"] == str(wait_s)
    assert noted(travel, OTHER) == 0
    # Whom one looks at already may be looked at again, and others may look.
    assert (await look(travel, "supervisor")).status_code == 200
    assert (await look(travel, "head", OTHER)).status_code == 200
    travel.clock.move(seconds=wait_s)
    assert (await look(travel, "supervisor", OTHER)).status_code == 200


async def test_of_looks_at_once_no_more_pass_than_the_bound_has_room_for(travel):
    looked(travel, "supervisor", 9, minutes_ago=5)
    asked = [look(travel, "supervisor", subject) for subject in (NEAR, OTHER) * 2]
    codes = [answer.status_code for answer in await asyncio.gather(*asked)]
    assert sorted(codes) == [200, 200, 429, 429]
    assert sorted(noted(travel, subject) for subject in (NEAR, OTHER)) == [0, 2]


async def test_what_is_no_look_counts_for_nothing(travel):
    looked(travel, "supervisor", 500, minutes_ago=5, act="locate_now")
    assert (await look(travel, "supervisor")).status_code == 200
    assert alarms(travel) == []


async def test_many_people_in_a_day_are_one_alarm_that_says_why(travel):
    looked(travel, "supervisor", 6, minutes_ago=120)
    assert (await look(travel, "supervisor")).status_code == 200
    assert alarms(travel) == []
    looked(travel, "officer", 7, minutes_ago=120)
    for _ in range(2):
        assert (await look(travel, "officer")).status_code == 200
    assert alarms(travel) == [("many", "officer", 8, 8)]
    listed = await travel.sign_in("auditor").get("/api/v1/look-alarms")
    (alarm,) = listed.json()["items"]
    day = travel.clock.now.date().isoformat()
    assert (alarm["by_login"], alarm["kind"], alarm["day"]) == ("officer", "many", day)
    assert alarm["reason_zh"] == "查阅的对象过多：8 人（界限 8）"
    assert alarm["reason_en"] == "looked at too many people: 8 (bound 8)"


async def test_who_reaches_the_bound_of_an_hour_is_told_of_too(site):
    async with travelling(site, **BOUNDS | {"look_alarm_persons": 12}) as travel:
        looked(travel, "officer", 9, minutes_ago=5)
        assert (await look(travel, "officer")).status_code == 200
        assert alarms(travel) == [("many", "officer", 10, 10)]


async def test_people_of_organisations_far_below_are_an_alarm(travel):
    for subject in (NEAR, OTHER):
        assert (await look(travel, "supervisor", subject)).status_code == 200
    assert alarms(travel) == [("far", "supervisor", 2, 2)]
    travel.site.add_account("near", "office-1", "officer")
    own = travel.site.rows("SELECT id FROM subject WHERE org_id = 'office-1'")
    for row in own:
        assert (await look(travel, "near", row["id"])).status_code == 200
    assert len(alarms(travel)) == 1


async def test_looks_at_night_are_an_alarm_unless_something_called_for_them(travel):
    travel.clock.now = yesterday(23)
    looked(travel, "officer", 7, minutes_ago=20, code="alert")
    looked(travel, "supervisor", 4, minutes_ago=20)
    for login in ("officer", "supervisor"):
        assert (await look(travel, login)).status_code == 200
    assert [alarm for alarm in alarms(travel) if alarm[0] == "night"] == [
        ("night", "supervisor", 5, 5)
    ]


@pytest.mark.parametrize(
    ("at", "began"),
    [
        ("2026-11-22T21:59:00+08:00", None),
        ("2026-11-22T22:00:00+08:00", "2026-11-22T22:00:00+08:00"),
        ("2026-11-23T05:59:00+08:00", "2026-11-22T22:00:00+08:00"),
        ("2026-11-23T06:00:00+08:00", None),
    ],
)
def test_a_night_is_from_ten_to_six_in_beijing(at, began):
    assert night_began(datetime.fromisoformat(at)) == (began and datetime.fromisoformat(began))


async def test_every_other_auditor_above_is_told_once(travel):
    site = travel.site
    site.add_account("auditor-2", "county-a", "auditor")
    site.add_account("of-an-office", "office-1", "auditor")
    for login in ("officer", "auditor"):
        site.rows(
            "INSERT INTO look_alarm (org_id, by_login, kind, day, persons, bound)"
            " VALUES ('county-a', %s, 'far', '2026-11-22', 21, 20)",
            (login,),
        )
    rounds = Rounds(travel.app.state.parts, LOOK_ALARMS, every_s=60.0)
    assert (await rounds.round(), await rounds.round()) == (2, 0)
    assert told(travel) == [
        ("looks_far", "auditor"),
        ("looks_far", "auditor-2"),
        ("looks_far", "auditor-2"),
    ]


async def test_where_nobody_else_audits_the_organisation_is_told(travel):
    travel.site.rows(
        "INSERT INTO look_alarm (org_id, by_login, kind, day, persons, bound)"
        " VALUES ('county-a', 'auditor', 'many', '2026-11-22', 8, 8)"
    )
    assert await Rounds(travel.app.state.parts, LOOK_ALARMS, every_s=60.0).round() == 1
    assert told(travel) == [("looks_many", None)]


async def test_exports_have_a_bound_of_a_day(travel):
    call = "/api/v1/exports/subjects?format=csv&purpose=test"
    answers = [(await travel.sign_in("officer").get(call)).status_code for _ in range(3)]
    assert answers == [200, 200, 429]
    assert (await travel.sign_in("head").get(call)).status_code == 200


def test_an_alarm_that_the_bound_comes_before_starts_no_server(site):
    with pytest.raises(pydantic.ValidationError, match="is never reached"):
        site.settings(look_alarm_persons=501)
