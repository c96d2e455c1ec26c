"""A check-in that the engine found missed: an alert, a fact once confirmed, an appeal, its end."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from gateway.uplink.encode import encode_outcomes
from tests.server.alert_work import AlertWork
from tests.server.conftest import post_outcomes
from tests.server.measure_work import OF, PERSON
from tests.server.travelling import travel_of
from tests.unit.gateway.duty_world import (
    DAY_MS,
    MIDNIGHT_MS,
    MINUTE_MS,
    at,
    directory_json,
    make_engine,
    pass_time,
)

SCORE = f"{OF}/score"
OWN = "/api/v1/me/score"
MISSED_POINTS = 5
WORDS = {"words": "当日急诊，有病历"}
EXCUSED = {"outcome": "reversed", "verdict": "excused", "reason": "经核对病历，确在急诊"}
STANDS = {"outcome": "upheld", "reason": "病历日期与核查日不符"}


def noon(now):
    """Noon of now's day in Beijing: the window and its grace are over, and the month is now's."""
    day = (round(now.timestamp() * 1_000) - MIDNIGHT_MS) // DAY_MS
    return day, datetime.fromtimestamp(at(day, 12) / 1_000, UTC)


def missed_check_in(day):
    """What the engine says of a morning without a check-in of the seed's person."""
    rows = json.loads(directory_json())
    subject = rows["subjects"][0] | {"subject": PERSON}
    duty = rows["checkins"][0] | {"subject": PERSON}
    engine = make_engine(subjects=[subject], checkins=[duty], at_ms=at(day - 1, 20))
    (found,) = pass_time(engine, at(day, 0), at(day, 12), MINUTE_MS)
    assert (found.rule, found.change, found.subject) == ("checkin_missed", "raised", PERSON)
    return found


@pytest.fixture
async def work(site):
    async with travel_of(site) as travel:
        travel.clock.now = max(travel.clock.now, noon(travel.clock.now)[1])
        desk = AlertWork(travel)
        travel.site.add_account("person", "office-1", "subject", PERSON)
        yield desk
        await desk.gateway.aclose()


async def alerted(work) -> str:
    """The engine's own finding, as the gateway encodes it, comes to the office's alerts."""
    missed = missed_check_in(noon(work.travel.clock.now)[0])
    events = json.loads(encode_outcomes([(1, missed)], "gw-1"))
    assert (await post_outcomes(work.gateway, events)).json() == {"through": 1}
    listed = await work.get("of-1", "/api/v1/alerts", rule="checkin_missed")
    (alert,) = listed.json()["items"]
    assert (alert["subject"]["id"], alert["state"]) == (PERSON, "open")
    return alert["id"]


async def confirmed(work) -> str:
    name = await alerted(work)
    answer = await work.do("of-1", "resolve", name, verdict="confirmed", note="未到签到点，未请假")
    assert answer.status_code == 200, answer.text
    (fact,) = work.travel.site.rows("SELECT id, indicator FROM fact")
    assert fact["indicator"] == "check_unanswered"
    return fact["id"]


async def total(work, reader="su-1", path=SCORE) -> float:
    score = (await work.get(reader, path)).json()["score"]
    return float(score["total"])


async def objected(work, fact) -> str:
    filed = await work.post("person", f"/me/facts/{fact}/objections", WORDS)
    assert filed.status_code == 201, filed.text
    return f"/fact-reviews/{filed.json()['id']}/decision"


async def test_a_missed_check_in_moves_no_point_before_a_person_has_confirmed_it(work):
    before = await total(work)
    name = await alerted(work)
    work.travel.clock.now += timedelta(hours=1)
    await work.travel.sweep()
    assert await total(work) == before
    excused = await work.do("of-1", "resolve", name, verdict="excused", note="已请病假")
    assert excused.status_code == 200, excused.text
    assert await total(work) == before
    assert work.travel.site.one("SELECT count(*) FROM fact") == 0


async def test_the_person_appeals_it_is_not_counted_meanwhile_and_falls_by_anothers_answer(work):
    before = await total(work)
    fact = await confirmed(work)
    own = (await work.get("person", OWN)).json()
    assert own["score"]["total"] == before - MISSED_POINTS
    assert [one["fact"] for one in own["facts"] if one["posted"] < 0] == [fact]
    decision = await objected(work, fact)
    assert await total(work) == before
    frozen = [one["is_frozen"] for one in (await work.get("person", OWN)).json()["facts"]]
    assert frozen == [True]

    itself = await work.post("of-1", decision, EXCUSED, version=1)
    assert itself.status_code == 409, itself.text
    answer = await work.post("su-2", decision, EXCUSED, version=1)
    assert answer.status_code == 200, answer.text
    assert await total(work) == before
    own = (await work.get("person", OWN)).json()
    assert (own["facts"], own["objections"][0]["state"]) == ([], "reversed")
    (alert,) = (await work.get("of-1", "/api/v1/alerts", rule="checkin_missed")).json()["items"]
    assert (alert["state"], alert["verdict"]) == ("resolved", "excused")


async def test_an_appeal_that_is_not_heeded_lets_the_fact_count_again(work):
    before = await total(work)
    decision = await objected(work, await confirmed(work))
    answer = await work.post("su-2", decision, STANDS, version=1)
    assert answer.status_code == 200, answer.text
    assert await total(work, "person", OWN) == before - MISSED_POINTS
