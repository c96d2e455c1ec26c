"""One person's file, the track with its purpose, the map."""

from datetime import UTC, datetime, timedelta

import pytest

from server.cursor import encode_cursor
from tests.server.events import post_telemetry, report
from tests.vectors.uplink.make import T0_MS

SUBJECT = "/api/v1/subjects/s-4k2m9q"
BEGIN = datetime.fromtimestamp(T0_MS / 1000, UTC)


WHY = {"purpose": "supervision", "ref": "s-4k2m9q"}


def span(hours=1, **given):
    end = BEGIN + timedelta(hours=hours)
    return {"from": BEGIN.isoformat(), "to": end.isoformat(), **WHY} | given


@pytest.fixture
def in_force(site):
    """The golden order ends in January 2027; the tests must pass after that too."""
    site.rows(
        "UPDATE positioning_order SET approved_at = now() - interval '2 days',"
        " valid_from = now() - interval '1 day', valid_to = now() + interval '1 day'"
    )


@pytest.mark.usefixtures("in_force")
async def test_a_file_says_order_devices_fences_and_score(officer):
    found = (await officer.get(SUBJECT)).json()
    order = found.pop("order")
    assert (order["id"], order["ground"]) == ("eo-1", 2)
    assert found == {
        "id": "s-4k2m9q",
        "name": "张三",
        "category": "probation",
        "is_minor": False,
        "stage": "in_correction",
        "supervision_class": None,
        "is_wearing": True,
        "org": "office-1",
        "term_from": "2026-01-01",
        "term_to": "2027-06-01",
        "devices": [{"device": "wb-000001", "kind": "wristband"}],
        "fences": [
            {"fence": "f-home-1", "version": 1, "name": "居住地", "use": "inclusion"},
            {"fence": "f-school", "version": 1, "name": "城关小学", "use": "exclusion"},
        ],
        "score": {
            "total": 774.8,
            "public": 324.8,
            "management": 450.0,
            "out_of": 1000.0,
            "grade": "blue",
            "dimensions": {
                "risk_assessment": 60.0,
                "employment": 75.0,
                "daily_conduct": 75.0,
                "supervision": 105.0,
                "public_service": 60.0,
                "education": 75.0,
            },
        },
    }


@pytest.mark.usefixtures("in_force")
async def test_a_list_has_wearers_first_and_pages_through_all(officer, site):
    site.rows(
        "INSERT INTO subject SELECT 's-' || n, 'office-1', '王' || n, 'parole', false,"
        " '2026-01-01', '2027-01-01' FROM generate_series(1, 9) n"
    )
    found, cursor = [], None
    while True:
        query = {"limit": 4} | ({"cursor": cursor} if cursor else {})
        page = (await officer.get("/api/v1/subjects", params=query)).json()
        found += [subject["id"] for subject in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found[0] == "s-4k2m9q"
    # 李 stands before 王, as in pinyin; by code point it would stand behind.
    assert found[1:] == ["s-7h3n2c", *(f"s-{number}" for number in range(1, 10))]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"stage": "released"}, ["李四"]),
        ({"stage": ["released", "in_correction"]}, ["张三", "李四"]),
        ({"category": "probation"}, ["张三"]),
        ({"class": "strict"}, ["张三"]),
        ({"org": "county-a"}, []),
        ({"org": "office-1", "q": "四"}, ["李四"]),
    ],
)
async def test_a_list_is_narrowed_by_stage_class_office_and_category(officer, site, query, names):
    site.rows(
        "UPDATE case_file SET stage = 'released', ended_at = now(), end_reason = 'expired'"
        " WHERE subject_id = 's-7h3n2c'"
    )
    site.rows(
        "INSERT INTO subject_version (org_id, subject_id, supervision_class, valid_from)"
        " VALUES ('office-1', 's-4k2m9q', 'strict', now())"
    )
    page = (await officer.get("/api/v1/subjects", params=query)).json()
    assert sorted(item["name"] for item in page["items"]) == sorted(names)


async def test_a_cursor_of_another_list_is_refused(officer):
    for cursor in ("x", encode_cursor(1), encode_cursor(*(True, "zz", "s-1"))):
        answer = await officer.get("/api/v1/subjects", params={"cursor": cursor})
        assert answer.status_code == 422


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("张", ["张三"]),
        ("7h3n", ["李四"]),
        ("%", []),
        ("_", []),
        ("\\", []),
        ("", ["张三", "李四"]),
    ],
)
async def test_a_search_finds_by_name_or_id_and_knows_no_wildcards(officer, text, names):
    page = (await officer.get("/api/v1/subjects", params={"q": text})).json()
    assert sorted(subject["name"] for subject in page["items"]) == sorted(names)


async def test_a_nul_in_a_search_is_refused(officer):
    assert (await officer.get("/api/v1/subjects", params={"q": "\0"})).status_code == 422


async def test_a_track_is_raw_fixes_in_fix_time_order(gateway, officer):
    rows = [
        report(seq=3, fix_time_ms=T0_MS + 3000, lon_e7=1_201_000_014, speed_mmps=1500),
        report(seq=1, fix_time_ms=T0_MS + 1000, backlog=True),
        report(seq=2, fix_time_ms=T0_MS + 2000, lon_e7=None, lat_e7=None),
        report(seq=4, fix_time_ms=T0_MS + 3_600_000),
    ]
    await post_telemetry(gateway, rows)
    answer = await officer.get(SUBJECT + "/track", params=span())
    assert answer.json() == {
        "fix_time_ms": [T0_MS + 1000, T0_MS + 3000],
        "lon": [120_100_000, 120_100_001],
        "lat": [30_200_000, 30_200_000],
        "accuracy_m": [8.0, 8.0],
        "speed_mps": [None, 1.5],
        "device": ["wb-000001"] * 2,
        "backlog": [True, False],
        "truncated": False,
    }


@pytest.mark.parametrize(
    "given",
    [
        {"purpose": "abc"},
        {"purpose": None},
        {"ref": None},
        {"hours": 25},
        {"hours": 0},
        {"hours": -1},
    ],
    ids=str,
)
async def test_a_track_without_a_purpose_or_of_too_long_is_refused(officer, site, given):
    query = {name: value for name, value in span(**given).items() if value is not None}
    query.pop("hours", None)
    answer = await officer.get(SUBJECT + "/track", params=query)
    assert answer.status_code == 422
    assert site.one("SELECT count(*) FROM access_log") == 0


async def test_an_unknown_subject_is_not_found(officer):
    for path in ("", "/ledger", "/track"):
        answer = await officer.get(f"/api/v1/subjects/s-none{path}", params=span())
        assert answer.status_code == 404


@pytest.mark.usefixtures("in_force")
async def test_positions_are_columns_with_a_name_for_each(gateway, officer):
    phone = {"device": "ph-0001", "holder_kind": "officer", "holder": "officer-1"}
    now_ms = int(datetime.now(UTC).timestamp() * 1000)
    await post_telemetry(
        gateway, [report(fix_time_ms=now_ms), report(fix_time_ms=now_ms, battery_pct=None, **phone)]
    )
    found = (await officer.get("/api/v1/positions")).json()
    assert found.pop("at")
    assert found == {
        "feed_id": 1,
        "device": ["ph-0001", "wb-000001"],
        "holder_kind": ["officer", "subject"],
        "holder": ["officer-1", "s-4k2m9q"],
        "label": ["王警官", "张三"],
        "kind": ["phone", "wristband"],
        "lon": [120_100_000] * 2,
        "lat": [30_200_000] * 2,
        "fix_time_ms": [now_ms] * 2,
        "accuracy_m": [8.0] * 2,
        "battery_pct": [None, 80],
        "alarms": [0, 0],
    }


@pytest.mark.usefixtures("in_force")
async def test_a_place_is_shown_no_longer_than_the_order_lasts(gateway, officer, site):
    now_ms = int(datetime.now(UTC).timestamp() * 1000)
    await post_telemetry(gateway, [report(fix_time_ms=now_ms)])
    assert (await officer.get("/api/v1/positions")).json()["device"] == ["wb-000001"]
    site.rows("UPDATE positioning_order SET lifted_at = now()")
    assert (await officer.get("/api/v1/positions")).json()["device"] == []


async def test_the_map_has_boundaries_and_the_fences_in_force(officer, site):
    site.rows("UPDATE fence SET valid_to = now() WHERE id = 'f-school'")
    layers = (await officer.get("/api/v1/map")).json()
    assert layers["boundaries"]["datum"] == "WGS84"
    (county,) = layers["boundaries"]["features"]
    assert county["properties"] == {
        "org": "county-a",
        "parent": None,
        "name_zh": "青溪县",
        "name_en": "Qingxi County",
        "level": "county",
    }
    (home,) = layers["fences"]["features"]
    assert home["geometry"] == {"type": "Point", "coordinates": [120.1551, 30.2741]}
    assert home["properties"].pop("valid_from")
    assert home["properties"] == {
        "org": "office-1",
        "schedule": None,
        "width_m": None,
        "fence": "f-home-1",
        "version": 1,
        "name": "居住地",
        "use": "inclusion",
        "radius_m": 300.0,
        "subjects": ["s-4k2m9q"],
    }


async def test_status_shows_marks_and_a_silent_gateway(gateway, officer, site):
    await gateway.get("/api/v1/gateway/directory")
    await post_telemetry(gateway, [report()])
    (state,) = (await officer.get("/api/v1/status")).json()["gateways"]
    assert (state["gateway"], state["silent"], state["marks"]["telemetry"]) == ("gw-1", False, 1)
    site.rows("UPDATE gateway SET last_seen_at = now() - interval '61 s'")
    (state,) = (await officer.get("/api/v1/status")).json()["gateways"]
    assert state["silent"] is True


@pytest.mark.parametrize("path", [SUBJECT, "/api/v1/session", "/api/v1/nothing"])
async def test_no_answer_about_a_person_may_be_cached(officer, path):
    answer = await officer.get(path)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
