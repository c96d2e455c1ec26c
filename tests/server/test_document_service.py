"""Service and copies of documents: noted once, at a time that can be; clocks are met by them."""

from datetime import timedelta

import pytest

from server.deadlines import running
from tests.server.paperwork import (
    DOCUMENTS,
    REF,
    SUBJECT,
    desk_of,
    fill_file,
    issued,
    post,
    service,
)
from tests.server.travelling import travel_of


@pytest.fixture
async def travel(site):
    fill_file(site)
    async with travel_of(site) as one:
        yield one


async def test_a_document_is_served_once_and_meets_its_clock(travel):
    made = await issued(travel)
    async with desk_of(travel) as desk:
        of = {"org_id": "office-1", "subject_id": SUBJECT, "ref_kind": REF[0], "ref_id": REF[1]}
        await running.start(desk, "measure_service", **of)
    travel.clock.move(hours=2)
    path = f"{DOCUMENTS}/{made.id}/service"
    body = service(travel, note="本人签收")
    first = await post(travel, path, body)
    assert first.status_code == 201, first.text
    assert (first.json()["service"]["by_login"], first.json()["service"]["method"]) == (
        "officer",
        "direct",
    )
    assert (await post(travel, path, body)).json() == first.json()
    again = await post(travel, path, body, key="key-0002")
    assert (again.status_code, again.json()["errors"][0]["rule"]) == (409, "served_once")
    assert len(travel.acts(kind="document.served")) == 1
    assert travel.site.one("SELECT state FROM deadline") == "met"


@pytest.mark.parametrize("moved", [{"hours": -1}, {"hours": 3}], ids=["before issue", "future"])
async def test_service_is_claimed_neither_before_the_document_nor_in_the_future(travel, moved):
    made = await issued(travel)
    travel.clock.move(hours=1)
    claimed = made.issued_at + timedelta(**moved)
    body = service(travel, served_time=claimed.isoformat())
    answer = await post(travel, f"{DOCUMENTS}/{made.id}/service", body)
    (told,) = answer.json()["errors"]
    assert (told["rule"], told["pointer"]) == ("document_time", "/served_time")
    assert travel.site.rows("SELECT FROM document_service") == []


async def test_an_unknown_way_of_service_is_told_the_known_ones(travel):
    made = await issued(travel)
    answer = await post(travel, f"{DOCUMENTS}/{made.id}/service", service(travel, method="pigeon"))
    assert answer.status_code == 422
    assert "direct, received_for, left, mail, electronic" in answer.text


async def test_a_copy_is_sent_once_to_each_body_and_its_receipt_noted(travel):
    values = {
        "objected_number": "（2026）青溪矫训字第1号",
        "objected_on": "2026-11-20",
        "objection": "当日住院",
        "reasons": "属实",
        "decision": "annulled",
    }
    made = await issued(travel, "objection_answer", values)
    async with desk_of(travel) as desk:
        of = {"org_id": "county-a", "subject_id": SUBJECT, "ref_kind": REF[0], "ref_id": REF[1]}
        await running.start(desk, "copies_sent", **of)
    now = travel.clock.move(hours=1).isoformat()
    path = f"{DOCUMENTS}/{made.id}/copies"
    body = {"recipient": "procuratorate", "name": "青溪县人民检察院", "sent_time": now}
    early = {"receipt": "青检收字第1号", "received_time": now}
    assert (await post(travel, f"{path}/procuratorate/receipt", early)).status_code == 404
    sent = await post(travel, path, body, key="key-0002")
    assert [copy["receipt"] for copy in sent.json()["copies"]] == [None]
    assert sent.json()["copies_to"] == ["procuratorate"]
    assert travel.site.one("SELECT state FROM deadline") == "met"
    again = await post(travel, path, body, key="key-0003")
    assert again.json()["errors"][0]["rule"] == "copied_once"
    received = await post(travel, f"{path}/procuratorate/receipt", early, key="key-0004")
    assert received.json()["copies"][0]["receipt"] == "青检收字第1号"
    twice = await post(travel, f"{path}/procuratorate/receipt", early, key="key-0005")
    assert twice.json()["errors"][0]["rule"] == "received_once"
    assert [act["kind"] for act in travel.acts(ref_kind="document")] == [
        "document.issued",
        "document.copied",
        "document.copy_received",
    ]
