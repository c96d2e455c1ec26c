"""Bad input to the case files: each refusal names field, rule, article and what is allowed."""

from datetime import timedelta
from itertools import count

import pytest

from tests.server.case_work import new_subject, send, today
from tests.server.measure_work import PERSON, Work
from tests.server.orders_world import Bureau, key
from tests.server.sheets import PERSON as ROW
from tests.server.sheets import csv_of
from tests.server.travelling import travel_of

ROWS, FAULTS = 50_000, 300
_KEYS = count(1)


@pytest.fixture
async def travel(site):
    async with travel_of(site) as one:
        yield one


@pytest.fixture
async def bureau(site):
    site.rows("DELETE FROM binding")
    site.rows("DELETE FROM positioning_order")
    async with travel_of(site) as one:
        yield Bureau(one)


def told(answer, place="pointer"):
    """Field, rule and article of each fault, once it says what is allowed in both languages."""
    assert answer.status_code == 409, answer.text
    faults = answer.json()["errors"]
    for fault in faults:
        for said in (fault["detail"], fault["allowed"]):
            assert said["zh"]
            assert said["en"]
    return [(fault[place], fault["rule"], fault["article"]) for fault in faults]


@pytest.mark.article("law-21", "law-22", "law-44")
@pytest.mark.parametrize(
    ("name", "days", "faults"),
    [
        ("offence_date", -20_000, [("/offence_date", "order_of_dates", "law-22")]),
        ("judged_on", -2_000, [("/judged_on", "order_of_dates", "law-22")]),
        ("effective_on", -30, [("/effective_on", "order_of_dates", "law-22")]),
        ("effective_on", 1, [("/effective_on", "in_effect", "law-21")]),
        ("term_from", -30, [("/term_from", "order_of_dates", "law-22")]),
        (
            "term_to",
            -30,
            [("/term_to", "order_of_dates", "law-22"), ("/term_to", "term_runs", "law-44")],
        ),
    ],
)
async def test_dates_that_contradict_each_other_receive_nobody(travel, name, days, faults):
    people = "SELECT count(*) FROM subject"
    before = travel.site.one(people)
    changed = {name: (today(travel) + timedelta(days=days)).isoformat()}
    body = new_subject(travel, **changed)
    assert told(await send(travel, "officer-1", "POST", "/subjects", body)) == faults
    assert travel.site.one(people) == before


def span(travel, hours):
    begin = travel.clock.now + timedelta(days=9)
    return {
        "from_time": begin.isoformat(),
        "to_time": (begin + timedelta(hours=hours)).isoformat(),
        "proof": [{"title": "学校通知"}],
    }


@pytest.mark.article("measures-27")
@pytest.mark.parametrize("hours", [0, -3])
async def test_a_leave_that_ends_before_it_begins_is_not_applied_for(travel, hours):
    asked = {"subject": PERSON, "ground": "medical", "reason": "到省人民医院复查"}
    asked |= {"destination": "杭州市上城区"} | span(travel, hours)
    answer = await travel.sign_in("officer").post("/api/v1/leaves", json=asked, headers=key())
    assert told(answer) == [("/to_time", "order_of_dates", "measures-27")]
    assert travel.site.rows("SELECT id FROM leave_application") == []


@pytest.mark.article("measures-39")
@pytest.mark.parametrize("hours", [0, -3])
async def test_a_permission_that_ends_before_it_begins_is_not_applied_for(travel, hours):
    asked = {"subject": PERSON, "kind": "place", "reason": "参加子女家长会，须进入学校"}
    asked |= {"fence": "f-school"} | span(travel, hours)
    answer = await travel.sign_in("officer").post("/api/v1/permissions", json=asked, headers=key())
    assert told(answer) == [("/to_time", "order_of_dates", "measures-39")]
    assert travel.site.rows("SELECT id FROM permission_application") == []


@pytest.mark.article("law-29")
async def test_an_approval_by_the_wrong_level_and_orders_that_overlap(bureau):
    application = (await bureau.apply()).json()
    level = await bureau.decide(application, login="supervisor")
    assert told(level) == [("", "power_approve", "law-29")]
    assert bureau.site.rows("SELECT id FROM positioning_order") == []
    assert (await bureau.decide(application)).status_code == 200
    assert told(await bureau.apply()) == [("/subject", "one_order_at_a_time", "law-29")]


@pytest.mark.article("law-29")
async def test_an_approval_by_oneself(bureau):
    own = (await bureau.apply(login="supervisor")).json()
    bureau.site.rows("UPDATE app_user SET role = 'head' WHERE login = 'supervisor'")
    refused = await bureau.decide(own, login="supervisor")
    assert told(refused) == [("", "second_person", "law-29")]
    assert bureau.site.rows("SELECT id FROM positioning_order") == []


@pytest.mark.article("law-28", "measures-34")
async def test_a_decided_act_is_not_edited(travel):
    work = Work(travel)
    measure = await work.decided("admonition", "measures-34.2", await work.find())
    path = f"/measures/{measure['id']}"
    version = (await work.get(f"/api/v1{path}"))["version"]
    other = {"reasons": "另有理由，予以更正"}
    refused = await send(travel, "of-1", "PATCH", path, other, version=version)
    assert told(refused) == [("", "decided_is_final", "measures-34")]
    again = await work.step(
        "su-2", measure, "decision", {"outcome": "decided", "reasons": "事实清楚"}
    )
    assert told(again) == [("", "decided_is_final", "measures-34")]
    kept = await work.get(f"/api/v1{path}")
    assert (kept["reasons"], kept["version"]) == ("违反规定，经核实无误", version)


@pytest.mark.article("law-27", "measures-30")
async def test_a_transfer_to_nowhere_or_too_late(travel):
    asked = {"reason": "随配偶迁居，已购房", "address": "安平县中山路2号"}
    asked |= {"to_county": "nowhere", "move_on": (today(travel) + timedelta(days=9)).isoformat()}
    answer = await send(travel, "officer-1", "POST", f"/subjects/{PERSON}/transfers", asked)
    assert told(answer) == [
        ("/to_county", "transfer_to_nowhere", "law-27"),
        ("/move_on", "apply_ahead", "measures-30"),
    ]
    assert travel.site.rows("SELECT id FROM transfer") == []


@pytest.mark.slow
@pytest.mark.article("law-17", "law-22", "law-44")
async def test_an_import_of_50_000_rows_with_300_faults_takes_nothing_and_names_each(travel):
    people = [ROW | {"subject": f"s-{number}"} for number in range(ROWS)]
    wrong = [
        ("term_to", "2020-01-01", "order_of_dates", "law-22"),
        ("judged_on", "1990-01-01", "order_of_dates", "law-22"),
        ("org", "office-9", "place_of_execution", "law-17"),
    ]
    expected = {}
    for at, (column, value, rule, article) in zip(
        range(7, ROWS, ROWS // FAULTS), wrong * (FAULTS // 3 + 1), strict=False
    ):
        people[at][column] = value
        expected[at + 2] = (column, rule, article)
    tables = "SELECT count(*) FROM subject"
    before = travel.site.one(tables)
    headers = {"Idempotency-Key": f"import-{next(_KEYS):06}", "Content-Type": "text/csv"}
    answer = await travel.sign_in("supervisor").post(
        "/api/v1/imports?kind=subjects", content=csv_of("subjects", people), headers=headers
    )
    told(answer, "column")
    found = {}
    for fault in answer.json()["errors"]:
        found.setdefault(fault["row"], (fault["column"], fault["rule"], fault["article"]))
    assert found == expected
    assert (answer.json()["rows"], travel.site.one(tables)) == (ROWS, before)
