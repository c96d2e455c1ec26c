"""What an organisation sets of what the law leaves open."""

from datetime import timedelta

import pytest

from server.law.policy import national
from tests.server.travelling import travel_of

OPEN = next(one for one in national().parameters.values() if one.low < one.value < one.high)
FIXED = next(one for one in national().parameters.values() if one.low == one.high)
SOURCE = "浙司〔2026〕12号"


@pytest.fixture
async def travel(site):
    async with travel_of(site) as one:
        yield one


async def figures(travel, login="officer"):
    body = (await travel.sign_in(login).get("/api/v1/policy")).json()
    return {one["name"]: one for one in body["parameters"]}


async def enter(travel, name, value, login="admin", **more):
    body = {"overrides": {name: value}, "source": SOURCE} | more
    return await travel.sign_in(login).post("/api/v1/policy", json=body)


async def test_a_county_sets_a_figure_for_itself_and_its_offices(travel, site):
    site.add_account("of-office", "office-1", "officer")
    site.add_org("county-b", "/")
    site.add_account("stranger", "county-b", "officer")
    answer = await enter(travel, OPEN.name, OPEN.high)
    assert answer.status_code == 201, answer.text
    for login in ("officer", "of-office"):
        found = (await figures(travel, login))[OPEN.name]
        assert (found["value"], found["source"]) == (OPEN.high, SOURCE)
    assert (await figures(travel, "stranger"))[OPEN.name]["value"] == OPEN.value
    (act,) = travel.acts(kind="policy.entered")
    assert act["by_login"] == "admin"


async def test_what_the_law_fixes_cannot_be_set(travel):
    answer = await enter(travel, FIXED.name, FIXED.value + 1)
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == f"/overrides/{FIXED.name}"
    assert FIXED.article in fault["detail"]


async def test_a_figure_holds_from_its_instant_on_and_never_from_before(travel):
    past = (travel.clock.now - timedelta(minutes=1)).isoformat()
    assert (await enter(travel, OPEN.name, OPEN.high, valid_from=past)).status_code == 422
    later = (travel.clock.now + timedelta(days=2)).isoformat()
    assert (await enter(travel, OPEN.name, OPEN.high, valid_from=later)).status_code == 201
    assert (await figures(travel))[OPEN.name]["value"] == OPEN.value
    travel.clock.move(days=2)
    assert (await figures(travel))[OPEN.name]["value"] == OPEN.high


async def test_days_off_must_be_of_their_year_and_not_worked_too(travel):
    body = {"year": 2031, "off": ["2030-12-31"], "worked": [], "source": SOURCE}
    client = travel.sign_in("admin")
    assert (await client.post("/api/v1/holidays", json=body)).status_code == 422
    both = body | {"off": ["2031-01-04"], "worked": ["2031-01-04"]}
    assert (await client.post("/api/v1/holidays", json=both)).status_code == 422
    good = body | {"off": ["2031-01-01"], "worked": ["2031-01-04"]}
    assert (await client.post("/api/v1/holidays", json=good)).status_code == 204
