"""What cannot be taken is refused alone, kept with its reason, and the batch goes on."""

import json

import psycopg
import pyarrow as pa
import pytest

from tests.server.conftest import post_outcomes
from tests.server.events import arrow, outcome, post_telemetry, report
from tests.vectors.uplink.make import SCHEMA


async def refused(officer, **asked):
    answer = await officer.get("/api/v1/quarantine", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def marks(gateway):
    return (await gateway.get("/api/v1/gateway/marks")).json()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"org": "elsewhere"}, ("unknown_org", "org is not in")),
        ({"device": "wb-unknown"}, ("unknown_device", "device is not in")),
        ({"holder": "s-unknown"}, ("unknown_subject", "holder is not in")),
        ({"holder_kind": "officer", "holder": "s-4k2m9q"}, ("unknown_officer", "holder is not in")),
        ({"holder_kind": "ghost"}, ("unknown_choice", "holder_kind is not one of")),
        ({"fix_time_ms": 0}, ("out_of_range", "fix_time_ms is outside")),
        ({"lat_e7": 900_000_001}, ("out_of_range", "lat_e7 is outside")),
        ({"lon_e7": None}, ("half_a_place", "lat_e7 and lon_e7")),
        ({"source_datum": "CGCS"}, ("unknown_choice", "source_datum is not one of")),
        ({"device": "wb-\0"}, ("unknown_device", "device is not in")),
    ],
)
async def test_a_wrong_row_is_refused_alone(gateway, officer, site, wrong, why):
    reason, detail = why
    answer = await post_telemetry(gateway, [report(), report(seq=2, **wrong), report(seq=3)])
    assert (answer.status_code, answer.json()) == (200, {"through": 1, "quarantined": 1})
    stored = site.rows("SELECT seq FROM position_report ORDER BY seq")
    assert [row["seq"] for row in stored] == [1, 3]
    (item,) = (await refused(officer))["items"]
    assert (item["gateway"], item["stream"], item["entry_seq"]) == ("gw-1", "telemetry", 1)
    assert item["reason"] == reason
    assert item["detail"].startswith(detail)
    assert item["content"]["seq"] == 2
    metrics = (await gateway.get("/metrics")).text
    assert f'guitu_ingest_quarantined_total{{reason="{reason}",stream="telemetry"}} 1.0' in metrics


async def test_a_null_in_a_required_column_is_refused_alone(gateway, site):
    nullable = SCHEMA.set(8, pa.field("seq", pa.int64()))
    body = arrow([report() | {"seq": None}, report(seq=7)], nullable)
    answer = await gateway.post("/api/v1/gateway/telemetry?first=1&last=1", content=body)
    assert answer.json() == {"through": 1, "quarantined": 1}
    assert site.one("SELECT seq FROM position_report") == 7


async def test_rows_that_only_the_database_refuses_are_found_by_halves(gateway, officer, site):
    site.rows("ALTER TABLE position_report ADD CONSTRAINT full_charge CHECK (battery_pct < 99)")
    bad = {3, 400, 401, 999}
    rows = [report(seq=n, battery_pct=99 if n in bad else 50) for n in range(1000)]
    answer = await post_telemetry(gateway, rows)
    assert answer.json() == {"through": 1, "quarantined": len(bad)}
    stored = {row["seq"] for row in site.rows("SELECT seq FROM position_report")}
    assert stored == set(range(1000)) - bad
    items = (await refused(officer))["items"]
    assert {item["content"]["seq"] for item in items} == bad
    assert {item["reason"] for item in items} == {"sqlstate_23514"}
    assert "full_charge" in items[0]["detail"]
    assert (await marks(gateway))["telemetry"] == 1


async def test_a_refused_row_keeps_neither_place_nor_health(gateway, officer):
    row = report(device="wb-unknown", heart_rate_bpm=72, skin_contact=True, steps=9)
    await post_telemetry(gateway, [row])
    (item,) = (await refused(officer))["items"]
    kept = set(item["content"])
    assert kept == {
        *("entry_seq", "org", "device", "holder_kind", "holder", "fix_time_ms", "received_at_us"),
        *("boot", "seq", "battery_pct", "alarms", "backlog"),
    }


async def test_a_batch_that_is_wrong_in_every_row_moves_the_mark_and_is_counted(gateway, site):
    rows = [report(seq=n, device="wb-unknown") for n in range(1500)]
    answer = await post_telemetry(gateway, rows)
    assert answer.json() == {"through": 1, "quarantined": 1500}
    assert site.one("SELECT count(*) FROM ingest_quarantine") == 1000
    assert site.one("SELECT count(*) FROM latest_position") == 0
    assert (await marks(gateway))["telemetry"] == 1


async def test_a_repeated_refusal_is_kept_once(gateway, site):
    rows = [report(entry_seq=1, device="wb-unknown"), report(entry_seq=2, seq=2, org="elsewhere")]
    await gateway.post("/api/v1/gateway/telemetry?first=1&last=1", content=arrow(rows[:1]))
    answer = await gateway.post("/api/v1/gateway/telemetry?first=1&last=2", content=arrow(rows))
    assert answer.json() == {"through": 2, "quarantined": 1}
    assert site.one("SELECT count(*) FROM ingest_quarantine") == 2


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (outcome(rule="Exclusion!"), ("malformed", "/data/rule: ")),
        (outcome(severity="dire"), ("malformed", "/data/severity: ")),
        (outcome(end_time="2026-11-22T01:02:03"), ("malformed", "/data/end_time: ")),
        (outcome() | {"type": "guitu.outcome.v1.cleared"}, ("malformed", ": ")),
        ({"id": "x"}, ("malformed", "/specversion: ")),
        (7, ("malformed", ": ")),
        (outcome(subject="s-unknown"), ("unknown_subject", "subject is not in")),
        (outcome(org="elsewhere"), ("unknown_org", "org is not in")),
        (outcome(evidence={"note": "a\0b"}), ("sqlstate_22p05", "")),
        (outcome() | {"id": "a\0b"}, ("unstorable", "")),
    ],
)
async def test_a_wrong_event_is_refused_alone(gateway, officer, site, event, why):
    reason, detail = why
    events = [outcome(episode="before"), event, outcome(episode="after")]
    answer = await post_outcomes(gateway, events)
    assert answer.json() == {"through": 3, "quarantined": 1}, answer.text
    assert {row["id"] for row in site.rows("SELECT id FROM alert")} == {"before", "after"}
    (item,) = (await refused(officer))["items"]
    assert (item["stream"], item["reason"]) == ("outcomes", reason)
    assert item["detail"].startswith(detail)
    assert "evidence" not in json.dumps(item["content"])


async def test_the_list_is_newest_first_in_pages_and_by_gateway(gateway, officer):
    for number in range(1, 6):
        await post_telemetry(gateway, [report(seq=number, org="elsewhere")], first=number)
    page = await refused(officer, limit=2)
    assert [item["content"]["seq"] for item in page["items"]] == [5, 4]
    page = await refused(officer, limit=3, cursor=page["next_cursor"])
    assert [item["content"]["seq"] for item in page["items"]] == [3, 2, 1]
    assert page["next_cursor"] is None
    assert (await refused(officer, gateway="gw-2"))["items"] == []


async def test_people_of_another_organisation_see_none_of_it(gateway, people, site):
    await post_telemetry(gateway, [report(org="elsewhere")])
    site.add_org("county-b", "/")
    site.add_account("stranger", "county-b", "supervisor")
    assert (await refused(people("stranger")))["items"] == []


async def test_parts_of_a_large_entry_leave_the_mark_until_the_last(gateway, site):
    events = [outcome(episode=f"e-{n}", entry_seq=2) for n in range(5)]
    await post_outcomes(gateway, [], first=1, last=1)
    for part in (events[:2], events[:2], events[2:4]):
        answer = await gateway.post("/api/v1/gateway/outcomes/part?entry=2", json=part)
        assert (answer.status_code, answer.json()) == (200, {"through": 1})
    assert (await marks(gateway))["outcomes"] == 1
    await post_outcomes(gateway, events[4:], first=2, last=2)
    assert (await marks(gateway))["outcomes"] == 2
    assert site.one("SELECT count(*) FROM alert") == 5
    assert site.one("SELECT count(*) FROM alert_step") == 5


async def test_a_part_before_its_turn_is_a_gap_and_after_it_changes_nothing(gateway, site):
    url = "/api/v1/gateway/outcomes/part?entry="
    answer = await gateway.post(url + "2", json=[outcome()])
    assert (answer.status_code, answer.json()["through"]) == (409, 0)
    await post_outcomes(gateway, [], first=1, last=3)
    answer = await gateway.post(url + "2", json=[outcome()])
    assert answer.status_code == 200
    assert site.one("SELECT count(*) FROM alert") == 0


async def test_what_a_gateway_says_of_its_backlog_is_shown(gateway):
    said = {"Guitu-Behind-Entries": "70", "Guitu-Oldest-S": "12.5"}
    url = "/api/v1/gateway/telemetry?first=1&last=1"
    await gateway.post(url, content=arrow([report()]), headers=said)
    metrics = (await gateway.get("/metrics")).text
    labels = '{gateway="gw-1",stream="telemetry"}'
    assert f"guitu_ingest_behind_entries{labels} 70.0" in metrics
    assert f"guitu_ingest_oldest_seconds{labels} 12.5" in metrics


async def test_ingest_cannot_rewrite_what_it_refused(gateway, site):
    await post_telemetry(gateway, [report(org="elsewhere")])
    with (
        psycopg.connect(site.database.ingest_dsn) as ingest,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        ingest.execute("DELETE FROM ingest_quarantine")
