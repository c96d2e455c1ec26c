"""A gateway's two streams: exactly once in effect."""

import json
from itertools import permutations

import pyarrow as pa
import pytest

from tests.server.conftest import post_outcomes, vector
from tests.server.events import arrow, outcome, post_telemetry, report
from tests.vectors.uplink.make import SCHEMA, T0_MS


async def test_golden_telemetry_is_stored_as_its_rows_say(gateway, site, telemetry_vector):
    url = "/api/v1/gateway/telemetry?first=1&last=3"
    answer = await gateway.post(url, content=telemetry_vector)
    assert (answer.status_code, answer.json()) == (200, {"through": 3})
    stored = site.rows(
        "SELECT entry_seq, org_id AS org, device_id AS device, holder_kind, holder_id AS holder,"
        " (extract(epoch FROM fix_time) * 1000)::bigint AS fix_time_ms,"
        " (extract(epoch FROM received_at) * 1000000)::bigint AS received_at_us, boot, seq, lon_e7,"
        " lat_e7, source_datum, accuracy_mm, altitude_mm, speed_mmps, heading_cdeg, satellites,"
        " battery_pct, alarms, backlog, skin_contact, heart_rate_bpm, skin_temperature_cc, steps"
        " FROM position_report"
    )
    golden = vector("telemetry.json")["rows"]
    assert sorted(stored, key=json.dumps) == sorted(golden, key=json.dumps)


@pytest.mark.parametrize("stream", ["telemetry", "outcomes"])
async def test_a_repeated_batch_changes_nothing(gateway, site, telemetry_vector, stream):
    golden = vector("outcomes.json")
    for _ in range(3):
        if stream == "telemetry":
            url = "/api/v1/gateway/telemetry?first=1&last=3"
            answer = await gateway.post(url, content=telemetry_vector)
        else:
            answer = await post_outcomes(gateway, golden["events"])
        assert answer.status_code == 200, answer.text
    stored = "SELECT (SELECT count(*) FROM position_report), (SELECT count(*) FROM outcome) AS o"
    counts = list(site.rows(stored)[0].values())
    events = len(golden["events"])
    assert counts == ([6, 0] if stream == "telemetry" else [0, events])
    assert site.one("SELECT count(*) FROM alert_step") == counts[1]


async def test_overlapping_batches_store_each_row_and_outcome_once(gateway, site):
    events = vector("outcomes.json")["events"]
    rows = [report(seq=seq, entry_seq=seq) for seq in (1, 2, 3)]
    await post_outcomes(gateway, events[:4], first=1, last=4)
    await post_outcomes(gateway, events[2:], first=3)
    await gateway.post("/api/v1/gateway/telemetry?first=1&last=2", content=arrow(rows[:2]))
    await gateway.post("/api/v1/gateway/telemetry?first=2&last=3", content=arrow(rows[1:]))
    assert site.one("SELECT count(*) FROM outcome") == len(events)
    assert site.one("SELECT count(*) FROM position_report") == 3
    answer = await gateway.get("/api/v1/gateway/marks")
    assert answer.json() == {"outcomes": len(events), "telemetry": 3}


async def test_a_gap_is_refused_and_says_where_to_go_on(gateway, site):
    await post_outcomes(gateway, [outcome()], first=1, last=4)
    answer = await post_outcomes(gateway, [outcome(episode="e2")], first=6, last=6)
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("/gap")
    assert answer.json()["through"] == 4
    assert site.one("SELECT count(*) FROM outcome") == 1


HEALTH = ("skin_contact", "heart_rate_bpm", "skin_temperature_cc", "steps")


async def test_health_values_are_stored_and_a_gateway_without_them_is_still_taken(gateway, site):
    worn = dict(zip(HEALTH, (True, 72, 3340, 5210), strict=True))
    kinds = zip(HEALTH, (pa.bool_(), pa.int16(), pa.int32(), pa.int32()), strict=True)
    bare = pa.schema([field for field in SCHEMA if field.name not in HEALTH])
    full = pa.schema([*bare, *(pa.field(name, kind) for name, kind in kinds)])
    batches = (arrow([report(seq=1) | worn], full), arrow([report(seq=2)], bare))
    for number, body in enumerate(batches, start=1):
        url = f"/api/v1/gateway/telemetry?first={number}&last={number}"
        assert (await gateway.post(url, content=body)).status_code == 200
    columns = ", ".join(HEALTH)
    stored = site.rows(f"SELECT {columns} FROM position_report ORDER BY seq")  # noqa: S608
    assert stored == [worn, dict.fromkeys(HEALTH)]


async def test_no_health_value_is_readable_by_people(site):
    columns = site.rows(
        "SELECT p.proname, a.name FROM pg_proc p, unnest(p.proargnames) AS a (name)"
        " WHERE a.name = ANY (%s)",
        (list(HEALTH),),
    )
    assert columns == []
    assert site.one("SELECT pg_get_function_result('track'::regproc)").startswith("TABLE(device_id")


async def test_an_empty_batch_moves_the_mark(gateway):
    assert (await post_outcomes(gateway, [], first=1, last=9)).json() == {"through": 9}
    answer = await gateway.post("/api/v1/gateway/telemetry?first=1&last=5", content=arrow([]))
    assert answer.json() == {"through": 5}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not arrow",
        arrow([report()])[:-40],
        arrow([{"entry_seq": 1}], pa.schema([pa.field("entry_seq", pa.int64())])),
        arrow([report()], SCHEMA.set(1, pa.field("org", pa.large_utf8()))),
    ],
    ids=["empty", "garbage", "cut", "columns-missing", "other-type"],
)
async def test_a_body_that_is_no_telemetry_is_refused(gateway, body):
    answer = await gateway.post("/api/v1/gateway/telemetry?first=1&last=1", content=body)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b"7"])
async def test_a_body_that_is_no_array_of_events_is_refused(gateway, body):
    answer = await gateway.post("/api/v1/gateway/outcomes?first=1&last=1", content=body)
    assert answer.status_code == 422, answer.text
    assert (await gateway.get("/api/v1/gateway/marks")).json()["outcomes"] == 0


async def test_a_key_of_another_batch_is_refused(gateway):
    answer = await gateway.post(
        "/api/v1/gateway/outcomes?first=1&last=1",
        content="[]",
        headers={"Idempotency-Key": "gw-1/outcomes/1-2"},
    )
    assert answer.status_code == 422


async def test_an_unknown_token_is_refused(nobody):
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}):
        answer = await nobody.get("/api/v1/gateway/marks", headers=headers)
        assert answer.status_code == 401


async def test_a_position_without_an_order_in_force_is_stored_without_its_place(gateway, site):
    begin_ms, end_ms = T0_MS - 22 * 86_400_000, T0_MS + 71 * 86_400_000
    rows = [
        report(seq=1),
        report(seq=2, device="wb-000002", holder="s-7h3n2c", speed_mmps=1, heading_cdeg=1),
        report(seq=3, fix_time_ms=begin_ms),
        report(seq=4, fix_time_ms=end_ms),
        report(seq=5, device="ph-0001", holder_kind="officer", holder="officer-1"),
    ]
    answer = await post_telemetry(gateway, rows)
    assert answer.status_code == 200, answer.text
    places = {
        row["seq"]: row["lon_e7"] for row in site.rows("SELECT seq, lon_e7 FROM position_report")
    }
    assert [seq for seq, lon_e7 in sorted(places.items()) if lon_e7 is None] == [2, 3, 4]
    left = site.rows("SELECT * FROM position_report WHERE seq = 2")[0]
    assert {left[n] for n in ("lat_e7", "accuracy_mm", "speed_mmps", "heading_cdeg")} == {None}
    metrics = (await gateway.get("/metrics")).text
    assert "guitu_positions_stripped_total 3.0" in metrics


async def test_an_order_holds_from_its_first_to_before_its_last_moment(gateway, site):
    begin, end = site.rows(
        "SELECT (extract(epoch FROM valid_from) * 1000)::bigint AS b,"
        " (extract(epoch FROM valid_to) * 1000)::bigint AS e FROM positioning_order"
    )[0].values()
    times = [begin - 1, begin, end - 1, end]
    rows = [report(seq=seq, fix_time_ms=fix_time_ms) for seq, fix_time_ms in enumerate(times)]
    await post_telemetry(gateway, rows)
    stored = site.rows("SELECT seq, lon_e7 IS NOT NULL AS kept FROM position_report ORDER BY seq")
    assert [row["kept"] for row in stored] == [False, True, True, False]


async def test_the_newest_position_is_by_fix_time_not_by_arrival(gateway, site):
    await post_telemetry(gateway, [report(seq=2, fix_time_ms=T0_MS, lon_e7=1_202_000_000)])
    late = report(seq=1, fix_time_ms=T0_MS - 60_000, lon_e7=1_201_000_000, backlog=True)
    await post_telemetry(gateway, [late], first=2)
    status = report(seq=3, fix_time_ms=T0_MS + 1000, lon_e7=None, lat_e7=None, battery_pct=12)
    await post_telemetry(gateway, [status], first=3)
    newest = site.rows("SELECT lon_e7, battery_pct FROM latest_position")
    assert newest == [{"lon_e7": 1_202_000_000, "battery_pct": 12}]


async def test_a_device_given_to_someone_else_forgets_the_place(gateway, site):
    await post_telemetry(gateway, [report()])
    other = {"holder": "s-7h3n2c", "lon_e7": None, "lat_e7": None, "fix_time_ms": T0_MS + 1}
    await post_telemetry(gateway, [report(seq=2, **other)], first=2)
    newest = site.rows("SELECT holder_id, lon_e7 FROM latest_position")
    assert newest == [{"holder_id": "s-7h3n2c", "lon_e7": None}]


async def test_more_rows_than_allowed_are_refused(gateway, app):
    rows = [report(seq=seq) for seq in range(1001)]
    settings = app.state.parts.settings
    small = settings.model_copy(update={"max_telemetry_rows": 1000})
    object.__setattr__(app.state.parts, "settings", small)
    assert (await post_telemetry(gateway, rows)).status_code == 413


async def test_an_alert_exists_whatever_change_comes_first(gateway, site):
    golden = vector("outcomes.json")["events"]
    cleared = next(event for event in golden if event["data"]["change"] == "cleared")
    await post_outcomes(gateway, [cleared])
    row = site.rows("SELECT id, state, condition FROM alert")[0]
    assert row == {"id": cleared["data"]["episode"], "state": "open", "condition": "cleared"}


async def test_conditions_change_and_only_what_is_withdrawn_moves(gateway, site):
    await post_outcomes(gateway, vector("outcomes.json")["events"])
    rows = site.rows("SELECT rule, state, condition, end_time IS NULL AS open_end FROM alert")
    assert sorted((row["rule"], row["state"], row["condition"]) for row in rows) == [
        ("exclusion", "open", "cleared"),
        ("inclusion", "superseded", "superseded"),
        ("low_battery", "open", "active"),
        ("removed", "open", "active"),
        ("sos", "open", "active"),
    ]


@pytest.mark.parametrize("rule", ["sos", "strap", "case", "removed"])
async def test_clearing_never_closes_what_must_not_close_itself(gateway, site, rule):
    raised = outcome(rule=rule, fence=None, fence_version=None)
    ended = {"end_time": "2026-11-22T02:00:00Z"}
    over = outcome("cleared", rule=rule, fence=None, fence_version=None, **ended)
    await post_outcomes(gateway, [raised, over])
    assert site.rows("SELECT state, verdict FROM alert") == [{"state": "open", "verdict": None}]


async def test_what_the_ingest_role_may_read_holds_no_name(site):
    granted = site.rows(
        "SELECT table_name, column_name FROM information_schema.column_privileges"
        " WHERE grantee = 'guitu_ingest' AND privilege_type = 'SELECT'"
        " AND column_name IN ('name', 'name_zh', 'password_hash', 'token_hash', 'approved_by')"
        # A command has a name of its own, and names the accounts that approved it; so has a site.
        " AND table_name NOT IN ('command', 'site')"
    )
    assert granted == []


async def test_a_protected_persons_place_is_dropped(gateway, site):
    site.rows("INSERT INTO protected_person VALUES ('p-1', 'office-1', '赵六')")
    row = report(holder_kind="protected", holder="p-1", lon_e7=1_202_000_000, lat_e7=302_000_000)
    assert (await post_telemetry(gateway, [row])).status_code == 200
    kept = site.rows("SELECT holder_kind, holder_id, lon_e7, lat_e7 FROM position_report")
    assert [tuple(found.values()) for found in kept] == [("protected", "p-1", None, None)]
    unknown = report(holder_kind="protected", holder="p-2", seq=2)
    answer = await post_telemetry(gateway, [unknown], first=2)
    assert answer.json() == {"through": 2, "quarantined": 1}


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
async def test_the_map_is_the_same_in_any_order_of_arrival(gateway, site, order):
    place = {"lon_e7": 1_202_000_000, "lat_e7": 302_000_000}
    rows = [
        report(seq=1, fix_time_ms=T0_MS, battery_pct=80),
        report(seq=2, fix_time_ms=T0_MS + 1000, battery_pct=70, **place),
        report(seq=3, fix_time_ms=T0_MS + 2000, battery_pct=60, lon_e7=None, lat_e7=None),
        report(seq=4, fix_time_ms=T0_MS - 1000, battery_pct=90, alarms=1),
    ]
    for number, index in enumerate(order):
        await post_telemetry(gateway, [rows[index]], first=number + 1)
    newest = site.rows("SELECT lon_e7, battery_pct, alarms FROM latest_position")
    assert newest == [{"lon_e7": 1_202_000_000, "battery_pct": 60, "alarms": 0}]
