"""The rota through the interface: shifts, absences, hand-over notes."""

import asyncio

import pytest

from tests.server.alert_world import ask, instant, raise_alerts, turn
from tests.server.alert_world import enter_shifts as enter
from tests.server.events import outcome
from tests.server.travelling import travel_of

ROTA = "/api/v1/rota"


@pytest.fixture
async def travel(site):
    site.add_account("zhou", "office-1", "officer")
    site.add_account("wu", "office-1", "officer")
    async with travel_of(site) as one:
        yield one


async def on_duty(travel, **asked):
    answer = await travel.sign_in("officer").get(ROTA + "/on-duty", params=asked)
    return [(one["login"], one["stands_in_for"]) for one in answer.json()["items"]]


async def test_a_shift_stands_in_the_rota_and_its_person_on_duty(travel):
    answer = await enter(travel, turn(travel, "zhou", None, 8), turn(travel, "wu", 8, 16))
    assert answer.status_code == 201, answer.text
    read = await travel.sign_in("officer").get(ROTA, params={"org": "office-1"})
    assert [one["login"] for one in read.json()["shifts"]] == ["zhou", "wu"]
    assert await on_duty(travel, org="office-1") == [("zhou", None)]
    assert await on_duty(travel, org="office-1", at=instant(travel, 9)) == [("wu", None)]
    assert await on_duty(travel) == []
    (act,) = travel.acts(kind="rota.entered")
    assert act["by_login"] == "supervisor"


async def test_nobody_stands_in_two_places_at_once(travel):
    assert (await enter(travel, turn(travel, "officer", 0, 8))).status_code == 201
    elsewhere = await enter(travel, turn(travel, "officer", 4, 12), org="county-a")
    assert elsewhere.status_code == 409
    assert elsewhere.json()["errors"][0]["rule"] == "one_place"
    assert (await enter(travel, turn(travel, "officer", 8, 12), org="county-a")).status_code == 201


async def test_of_two_lists_at_once_with_one_person_one_is_entered(travel):
    answers = await asyncio.gather(
        enter(travel, turn(travel, "officer", 1, 8)),
        enter(travel, turn(travel, "officer", 2, 9), org="county-a"),
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409]


@pytest.mark.parametrize(
    ("login", "begin", "end", "pointer"),
    [
        ("zhou", -1, 8, "/shifts/0/begins_at"),
        ("zhou", 5, 4, "/shifts/0/ends_at"),
        ("zhou", 0, 24 * 8, "/shifts/0/ends_at"),
        ("auditor", 0, 8, "/shifts/0/login"),
        ("nobody", 0, 8, "/shifts/0/login"),
    ],
)
async def test_a_shift_that_cannot_be_is_refused_where_it_is_wrong(
    travel, login, begin, end, pointer
):
    answer = await enter(travel, turn(travel, login, begin, end))
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


async def test_nobody_is_on_duty_where_the_alerts_are_out_of_sight(travel):
    answer = await enter(travel, turn(travel, "zhou", 0, 8), org="county-a")
    assert answer.json()["errors"][0]["detail"] == "zhou sees nothing of this organisation"


async def test_an_absence_puts_the_substitute_on_duty_until_it_ends(travel):
    await enter(travel, turn(travel, "zhou", None, 8))
    body = {"kind": "sick", "ends_at": instant(travel, 6), "substitute": "wu"}
    answer = await ask(travel, "zhou", "/rota/absences", body)
    assert answer.status_code == 201, answer.text
    assert await on_duty(travel, org="office-1") == [("wu", "zhou")]
    ended = await ask(travel, "zhou", f"/rota/absences/{answer.json()['id']}/end", version=1)
    assert ended.json()["version"] == 2
    assert await on_duty(travel, org="office-1") == [("zhou", None)]


async def test_an_officer_enters_the_own_absence_only(travel):
    body = {"login": "wu", "kind": "leave", "ends_at": instant(travel, 6)}
    answer = await ask(travel, "zhou", "/rota/absences", body)
    assert answer.json()["errors"][0]["rule"] == "own_absence"
    assert (await ask(travel, "supervisor", "/rota/absences", body)).status_code == 201


async def test_a_shift_that_is_cut_short_is_over_and_not_cut_again(travel):
    (one,) = (await enter(travel, turn(travel, "zhou", None, 8))).json()["items"]
    cut = await ask(travel, "supervisor", f"/rota/shifts/{one['id']}/cancellation", version=1)
    assert cut.json()["cancelled_by"] == "supervisor"
    assert await on_duty(travel, org="office-1") == []
    again = await ask(travel, "supervisor", f"/rota/shifts/{one['id']}/cancellation", version=2)
    assert again.json()["errors"][0]["rule"] == "shift_over"
    stale = await ask(travel, "supervisor", f"/rota/shifts/{one['id']}/cancellation", version=1)
    assert stale.status_code == 412


async def test_the_next_shift_signs_what_the_last_one_wrote(travel):
    await raise_alerts(travel, outcome())
    shifts = (await enter(travel, turn(travel, "zhou", None, 8), turn(travel, "wu", 8, 16))).json()
    first = shifts["items"][0]["id"]
    note = {"note": "城关小学周边报警一件，请跟进"}
    assert (await ask(travel, "wu", f"/rota/shifts/{first}/handover", note)).status_code == 409
    written = (await ask(travel, "zhou", f"/rota/shifts/{first}/handover", note)).json()
    assert [alert["id"] for alert in written["open_alerts"]] == ["episode-1"]
    sign = f"/rota/handovers/{written['id']}/signature"
    early = await ask(travel, "wu", sign, {}, version=1)
    assert early.json()["errors"][0]["rule"] == "next_shift"
    own = await ask(travel, "zhou", sign, {}, version=1)
    assert own.json()["errors"][0]["rule"] == "next_shift"
    travel.clock.move(hours=9)
    signed = await ask(travel, "wu", sign, {"remark": "已接班"}, version=1)
    assert (signed.json()["signed_by"], signed.json()["remark"]) == ("wu", "已接班")
    listed = await travel.sign_in("officer").get(ROTA + "/handovers", params={"org": "office-1"})
    assert [one["id"] for one in listed.json()["items"]] == [written["id"]]
    twice = await ask(travel, "wu", sign, {}, version=2)
    assert twice.json()["errors"][0]["rule"] == "signed_once"
    assert len(travel.acts(ref_kind="handover")) == 2
