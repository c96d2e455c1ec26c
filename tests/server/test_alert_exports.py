"""Alerts that leave: three forms, one window, one note; no closed file, no place unasked."""

import csv
import io
import json
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest

from tests.server.alert_world import raise_alerts
from tests.server.case_work import announce
from tests.server.events import outcome
from tests.server.travelling import travel_of

PATH = "/api/v1/exports/alerts"
PURPOSE = {"purpose": "向公安机关通报"}
ATOM, CAP = "{http://www.w3.org/2005/Atom}", "{urn:oasis:names:tc:emergency:cap:1.2}"
PLACE = {"fix_time": "2026-11-22T01:02:03.000Z", "boot": 1, "seq": 1}
PLACE |= {"longitude_deg": 120.1, "latitude_deg": 30.2, "accuracy_m": 8.0}
PLACE |= {"distance_m": -41.2, "violation_ppm": 999_999}
SEEN = {"reports": [PLACE], "parameters": {}}
MINOR = {
    "identity_number": "330101201005010019",
    "birth_date": "2010-05-01",
    "offence_date": "2026-02-01",
}


@pytest.fixture
async def travel(site):
    async with travel_of(site) as one:
        yield one


async def exported(travel, form, login="officer", **query):
    client = travel.sign_in(login)
    answer = await client.get(PATH, params=PURPOSE | {"format": form} | query)
    assert answer.status_code == 200, answer.text
    return answer


async def messages(travel, **query):
    feed = ET.fromstring((await exported(travel, "cap", **query)).content)  # noqa: S314 - our own
    return [entry.find(f"{ATOM}content/{CAP}alert") for entry in feed.findall(f"{ATOM}entry")]


async def events(travel, **query):
    return (await exported(travel, "cloudevents", **query)).json()


async def table(travel, **query):
    content = (await exported(travel, "csv", **query)).content
    assert content.startswith(b"\xef\xbb\xbf")
    lines = [one for one in csv.reader(io.StringIO(content.decode("utf-8-sig"))) if one]
    rows = [one for one in lines if not one[0].startswith("#")]
    heads = [head.split()[-1] for head in rows[0]]
    return [dict(zip(heads, row, strict=True)) for row in rows[1:]]


async def resolve(travel, verdict):
    version = travel.site.one("SELECT version FROM alert")
    client = travel.sign_in("officer")
    answer = await client.post(
        "/api/v1/alerts/episode-1/resolve",
        json={"verdict": verdict, "note": "现场核实"},
        headers={"If-Match": f'"{version}"'},
    )
    assert answer.status_code == 200, answer.text


async def test_a_withdrawn_alert_cancels_the_messages_that_were_sent_of_it(travel):
    await raise_alerts(travel, outcome(evidence=SEEN))
    (first,) = await messages(travel)
    assert first.findtext(f"{CAP}msgType") == "Alert"
    assert first.find(f"{CAP}references") is None
    await travel.sign_in("officer").post("/api/v1/alerts/episode-1/notes", json={"note": "已电话"})
    (second,) = await messages(travel)
    await resolve(travel, "false")
    (third,) = await messages(travel)
    sent = [
        ",".join(one.findtext(CAP + name) for name in ("sender", "identifier", "sent"))
        for one in (first, second)
    ]
    assert [one.findtext(f"{CAP}msgType") for one in (second, third)] == ["Update", "Cancel"]
    assert second.findtext(f"{CAP}references") == sent[0]
    assert third.findtext(f"{CAP}references").split() == sent
    assert third.findtext(f"{CAP}info/{CAP}certainty") == "Unlikely"


async def test_the_same_version_is_the_same_event_and_another_version_another(travel):
    await raise_alerts(travel, outcome(evidence=SEEN))
    (first,), (again,) = await events(travel), await events(travel, login="auditor")
    # Who took it is the export's mark, not the event's.
    marks = {"exportnumber", "exportedby", "exportedat"}
    assert {name for name in first if first[name] != again[name]} <= marks
    assert (first["type"], first["id"]) == ("guitu.alert.v1.raised", "episode-1.1")
    await resolve(travel, "confirmed")
    (then,) = await events(travel)
    assert then["type"] == "guitu.alert.v1.updated"
    assert then["source"] == first["source"]
    assert then["data"]["replaces"] == [first["id"]]
    assert then["data"]["certainty"] == "Observed"


async def test_no_place_leaves_unasked_and_none_of_a_file_in_other_hands(travel):
    await raise_alerts(travel, outcome(evidence=SEEN))
    (plain,) = await messages(travel)
    assert not plain.findall(f".//{CAP}circle") + plain.findall(f".//{CAP}polygon")
    (with_place,) = await messages(travel, places="true")
    circles = {one.text for one in with_place.findall(f".//{CAP}circle")}
    assert "30.2000000,120.1000000 0.008" in circles
    (row,) = await table(travel, places="true")
    assert (row["longitude_deg"], row["accuracy_m"]) == ("120.1", "8.0")
    travel.site.add_org("county-z", "/", "county")
    travel.site.rows("ALTER TABLE subject DISABLE TRIGGER USER")
    travel.site.rows("UPDATE subject SET org_id = 'county-z' WHERE id = 's-4k2m9q'")
    (moved,) = await messages(travel, places="true")
    assert not moved.findall(f".//{CAP}circle")
    assert (await events(travel, places="true"))[0]["data"]["place"] is None


@pytest.mark.article("law-54", "cpl-286")
@pytest.mark.parametrize("login", ["officer-1", "supervisor"])
async def test_alerts_about_closed_files_are_in_no_form_not_even_for_their_officer(travel, login):
    minor = await announce(travel, name="周小满", **MINOR)
    await raise_alerts(travel, outcome(), outcome(episode="e-m", subject=minor))
    listed = (await travel.sign_in(login).get("/api/v1/alerts")).json()["items"]
    assert {one["id"] for one in listed} == {"episode-1", "e-m"}
    for form in ("cap", "cloudevents", "csv"):
        for query in ({}, {"subject": minor}):
            text = (await exported(travel, form, login, **query)).text
            assert "e-m" not in text
            assert "周小满" not in text
            assert ("episode-1" in text) is not bool(query)


async def test_a_file_that_was_closed_after_the_choice_is_left_out_of_the_stream(travel):
    subject = await announce(travel)
    await raise_alerts(travel, outcome(episode="e-1", subject=subject))
    travel.site.rows("UPDATE subject SET is_sealed = true WHERE id = %s", (subject,))
    assert await events(travel) == []


async def test_an_export_goes_on_where_its_link_says_and_repeats_nothing(travel):
    await raise_alerts(travel, *[outcome(episode=f"e-{n}", begin_time=_at(n)) for n in range(5)])
    seen, path = (
        [],
        f"{PATH}?format=cloudevents&purpose=%E9%80%9A%E6%8A%A5%E5%85%AC%E5%AE%89&limit=2",
    )
    path += "&rule=exclusion&state=open"
    while path:
        answer = await travel.sign_in("officer").get(path)
        seen += [one["subject"] for one in answer.json()]
        path = answer.links.get("next", {}).get("url")
        if path:
            assert parse_qs(urlsplit(path).query)["state"] == ["open"]
    assert sorted(seen) == [f"e-{n}" for n in range(5)]
    assert len(seen) == len(set(seen))


def _at(number):
    return f"2026-11-22T01:02:0{number}.000Z"


async def test_more_alerts_than_are_read_at_once_all_leave_in_every_form(travel):
    await raise_alerts(travel, outcome())
    travel.site.rows(
        "INSERT INTO alert (id, org_id, rule, severity, category, begin_time, late, evidence)"
        " SELECT 'x-' || n, 'office-1', 'outage', 'minor', 'device', now(), false, '{}'"
        " FROM generate_series(1, 450) n"
    )
    assert len(await events(travel)) == 451
    assert len(await messages(travel)) == 451
    assert len(await table(travel)) == 451


async def test_who_took_alerts_when_and_why_is_noted_and_stands_in_the_file(travel):
    await raise_alerts(travel, outcome())
    answer = await exported(travel, "csv", "auditor", state="open", subject="s-4k2m9q")
    head = answer.content.decode("utf-8-sig").splitlines()[0]
    assert all(word in head for word in ("auditor", "向公安机关通报", "不得外传"))
    (log,) = travel.site.rows("SELECT * FROM access_log WHERE act = 'export alerts'")
    assert (log["by_login"], log["subject_id"]) == ("auditor", "s-4k2m9q")
    assert log["purpose"] == "向公安机关通报"
    (act,) = travel.site.rows("SELECT * FROM act WHERE kind = 'export.taken'")
    assert act["ref_id"] in head
    assert act["body"] == {
        "kind": "alerts",
        "format": "csv",
        "rows": 1,
        "places": False,
        "filters": {"states": ["open"], "subject": "s-4k2m9q"},
        "purpose": "向公安机关通报",
    }


async def test_what_a_spreadsheet_would_compute_is_made_harmless(travel):
    title = {"zh": '=HYPERLINK("http://x","y")', "en": "x"}
    explanation = {"zh": "@SUM(1)\n+1,2", "en": "x"}
    await raise_alerts(travel, outcome(title=title, explanation=explanation))
    (row,) = await table(travel)
    assert row["title"] == f"'{title['zh']}"
    assert row["explanation"] == f"'{explanation['zh']}"


async def test_names_leave_in_the_table_for_officers_only(travel):
    await raise_alerts(travel, outcome())
    (row,) = await table(travel)
    name = row["subject_name"]
    assert name
    for form in ("cap", "cloudevents"):
        assert name not in (await exported(travel, form)).text


async def test_an_export_of_alerts_wants_a_purpose_and_a_known_form(travel):
    client = travel.sign_in("officer")
    assert (await client.get(PATH, params={"format": "csv"})).status_code == 422
    assert (await client.get(PATH, params=PURPOSE | {"format": "pdf"})).status_code == 422
    assert (await client.get(PATH, params=PURPOSE | {"format": "csv", "cursor": "x"})).is_error
    assert json.loads(travel.site.one("SELECT count(*)::text FROM access_log")) == 0
