"""Volunteers and organisations have points for what they did, by a policy that was signed."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from server.participants.counting import MILLI, shares, star_of, total_milli
from server.participants.policy import (
    DEFAULT_ID,
    ParticipantPolicyContent,
    Schedule,
    default,
)
from server.scoring.score import BEIJING
from tests.server.measure_work import Work
from tests.server.travelling import travel_of

PARTICIPANTS, POLICIES = "/api/v1/participants", "/api/v1/participant-policies"
VOLUNTEER = {"kind": "volunteer", "registration": "33010020260001"}
COMPANY = {"kind": "organisation", "registration": "91330100MA0000000X", "name": "青溪食品公司"}


@pytest.fixture
async def work(site):
    async with travel_of(site) as travel:
        work = Work(travel)
        # In the middle of a month: what was done yesterday was done in this one.
        local = travel.clock.now.astimezone(BEIJING)
        travel.clock.now = (local.replace(day=15) + timedelta(days=31)).astimezone(UTC)
        yield work


def deed(number, quantity, day, name="talk"):
    at = datetime(2026, 11, day, 9, tzinfo=BEIJING)
    return {
        "id": f"vd-{number}",
        "deed": name,
        "quantity": Decimal(quantity),
        "occurred_at": at,
        "recorded_by": "of-1",
    }


def points_of(deeds, schedule=None):
    return total_milli(shares("volunteer", deeds, schedule or Schedule([]))) / MILLI


def changed(points):
    content = default().model_dump(mode="json")
    content["groups"]["volunteer"]["deeds"]["talk"]["points"] = points
    return content


def test_a_month_has_its_most_and_the_next_one_has_it_again():
    assert points_of([deed(1, 3, 2)]) == 6
    assert points_of([deed(1, 10, 2), deed(2, 10, 3)]) == 24
    later = deed(3, 1, 1) | {"occurred_at": datetime(2026, 12, 1, tzinfo=BEIJING)}
    assert points_of([deed(1, 10, 2), deed(2, 10, 3), later]) == 26
    assert points_of([deed(1, "0.25", 2)]) == 0.5


def test_the_order_of_recording_changes_nothing():
    deeds = [deed(1, 8, 4), deed(2, 8, 2), deed(3, 1, 3, "family_visit")]
    told = {tuple((one.deed["id"], one.milli) for one in shares("volunteer", found, Schedule([])))
            for found in permutations(deeds)}  # fmt: skip
    assert told == {(("vd-2", 16_000), ("vd-3", 3_000), ("vd-1", 8_000))}


@given(st.lists(st.tuples(st.integers(1, 20), st.integers(1, 28)), max_size=12))
def test_taking_back_is_as_if_it_had_never_been(drawn):
    deeds = [deed(number, hours, day) for number, (hours, day) in enumerate(drawn)]
    assert points_of(deeds) == min(24, 2 * sum(hours for hours, _ in drawn))
    for left_out in deeds:
        rest = [one for one in deeds if one is not left_out]
        assert points_of(rest) == min(24, 2 * sum(int(one["quantity"]) for one in rest))


def test_each_month_counts_by_the_policy_that_was_in_force_in_it():
    december = 2026 * 12 + 11
    far = {"id": "province", "month": december, "depth": 3, "content": changed(5)}
    near = {"id": "county", "month": december + 1, "depth": 9, "content": changed(7)}
    schedule = Schedule([far, near])
    assert schedule.at(december - 1)[0] == DEFAULT_ID
    assert schedule.at(december)[0] == "province"
    assert schedule.at(december + 1)[0] == schedule.at(december + 9)[0] == "county"
    assert points_of([deed(1, 1, 2)], schedule) == 2
    late = deed(1, 1, 2) | {"occurred_at": datetime(2026, 12, 31, 20, tzinfo=UTC)}
    assert points_of([late], schedule) == 7  # the first of January in China


def test_a_star_is_the_highest_that_is_reached():
    stars = default().groups["volunteer"].stars
    assert star_of(stars, 49_999) is None
    assert star_of(stars, 50_000) == stars[0]
    assert star_of(stars, 10**9) == stars[-1]


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (lambda group: group["deeds"]["talk"].update(points=-2), "greater than or equal to 1"),
        (lambda group: group["deeds"]["talk"].update(month_most=1), "not even one would count"),
        (lambda group: group["stars"].reverse(), "more points than the one before"),
        (lambda group: group["deeds"].update({"Talk!": group["deeds"]["talk"]}), "match pattern"),
    ],
)
def test_a_policy_that_takes_or_contradicts_is_refused(break_it, said):
    content = default().model_dump(mode="json")
    break_it(content["groups"]["volunteer"])
    with pytest.raises(ValidationError, match=said):
        ParticipantPolicyContent.model_validate(content)


async def test_what_a_volunteer_did_is_counted_told_and_taken_back_by_another(work):
    made = await work.done("of-1", PARTICIPANTS, VOLUNTEER)
    assert (made["points"], made["star"], made["name"]) == (0, None, None)
    deeds = f"{PARTICIPANTS}/{made['id']}/deeds"
    body = {"deed": "talk", "quantity": 10, "occurred_at": work.ago(days=2), "note": "结对"}
    await work.done("of-1", deeds, body)
    second = body | {"occurred_at": work.ago(days=1)}
    told = await work.done("co-1", deeds, second)
    assert told["points"] == 24
    first, other = told["deeds"]
    assert (first["points"], other["points"], other["without_most"]) == (20, 4, 20)
    assert "当月此项至多24分" in other["zh"]
    assert "24 at most in a month" in other["en"]
    assert f"by policy {DEFAULT_ID}" in first["en"]
    again = await work.post("of-1", deeds, second)
    assert again.status_code == 409
    void = f"/api/v1/participant-deeds/{first['id']}/voiding"
    own = await work.post("of-1", void, {"reason": "日期登记有误"})
    assert own.json()["errors"][0]["rule"] == "second_person"
    left = await work.done("su-1", void, {"reason": "日期登记有误"})
    assert left["points"] == 20  # what the month's most had kept out counts now
    assert left["deeds"][0]["voided_by"] == "su-1"
    assert (await work.post("su-2", void, {"reason": "日期登记有误"})).status_code == 409
    kinds = [act["kind"] for act in work.travel.acts() if act["kind"].startswith("participant")]
    assert kinds == ["participant.entered", *["participant.deed_recorded"] * 2,
                     "participant.deed_voided"]  # fmt: skip


async def test_an_organisation_has_a_name_and_a_volunteer_has_none(work):
    for wrong in (VOLUNTEER | {"name": "赵六"}, {**COMPANY, "name": None}):
        refused = await work.post("of-1", PARTICIPANTS, wrong)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/name"
    company = await work.done("of-1", PARTICIPANTS, COMPANY)
    assert (await work.post("of-1", PARTICIPANTS, COMPANY)).status_code == 409
    deeds = f"{PARTICIPANTS}/{company['id']}/deeds"
    body = {"deed": "talk", "quantity": 1, "occurred_at": work.ago(hours=1)}
    refused = await work.post("of-1", deeds, body)
    assert "is not one of counselling, job_offered" in refused.text
    future = body | {"deed": "job_offered", "occurred_at": work.ago(hours=-1)}
    assert (await work.post("of-1", deeds, future)).status_code == 422
    told = await work.done("of-1", deeds, body | {"deed": "job_offered", "quantity": 4})
    assert told["star"] == {"zh": "爱心单位", "en": "Friend of corrections"}
    await work.done("of-1", PARTICIPANTS, VOLUNTEER)
    listed = (await work.get(f"{PARTICIPANTS}?kind=organisation"))["items"]
    assert [(one["id"], one["points"]) for one in listed] == [(company["id"], 120)]


async def test_a_policy_counts_from_the_month_after_another_person_signed_it(work):
    made = await work.done("of-1", PARTICIPANTS, VOLUNTEER)
    proposed = await work.done("su-1", POLICIES, {"id": "qingxi-1", "content": changed(5)})
    sign = f"{POLICIES}/qingxi-1/decision"
    own = await work.post("su-1", sign, {"outcome": "signed"}, version=proposed["version"])
    assert own.json()["errors"][0]["rule"] == "second_person"
    signed = await work.done("su-2", sign, {"outcome": "signed"}, version=proposed["version"])
    local = work.travel.clock.now.astimezone(BEIJING)
    ahead = (local.replace(day=1) + timedelta(days=32)).replace(day=1)
    assert signed["month"] == f"{ahead:%Y-%m}"
    again = await work.post("su-2", sign, {"outcome": "refused"}, version=signed["version"])
    assert again.status_code == 409
    deeds = f"{PARTICIPANTS}/{made['id']}/deeds"
    body = {"deed": "talk", "quantity": 1, "occurred_at": work.ago(hours=1)}
    assert (await work.done("of-1", deeds, body))["points"] == 2
    work.travel.clock.now = (ahead + timedelta(days=3)).astimezone(UTC)
    told = await work.done("of-1", deeds, body | {"occurred_at": work.ago(hours=1)})
    assert [one["policy"] for one in told["deeds"]] == [DEFAULT_ID, "qingxi-1"]
    assert told["points"] == 7
    listed = await work.get(POLICIES)
    assert [one["id"] for one in listed["items"]] == ["qingxi-1"]
    assert listed["default"]["format"] == "guitu-participant-policy/1"


async def test_what_was_recorded_cannot_be_rewritten(work):
    made = await work.done("of-1", PARTICIPANTS, VOLUNTEER)
    body = {"deed": "talk", "quantity": 1, "occurred_at": work.ago(hours=1)}
    await work.done("of-1", f"{PARTICIPANTS}/{made['id']}/deeds", body)
    with pytest.raises(Exception, match="append-only"):
        work.travel.site.rows("UPDATE participant_deed SET quantity = 100")
