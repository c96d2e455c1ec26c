"""A registry file is taken whole or refused whole, with the place of each fault."""

import copy
from datetime import UTC, datetime, timedelta

import numpy as np
import psycopg
import pytest

from geofence.datum import from_wgs84
from server.registry.checks import months_after
from tests.server.conftest import vector

URL = "/api/v1/registry"
SWAPPED = {"type": "Point", "coordinates": [30.0, 120.0]}
BOW = [[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]


@pytest.fixture
def file():
    return vector("registry.json")


@pytest.fixture
def supervisor(people):
    return people("supervisor")


TERMINAL = {
    "protocol": "jt808",
    "number": "013800138000",
    "model": "",
    "serial": None,
    "utc_offset_min": None,
}


async def test_a_repeated_file_changes_nothing(supervisor, file, site):
    before = site.one("SELECT max(version) FROM directory_version")
    answer = await supervisor.post(URL, json=file)
    assert answer.status_code == 200, answer.text
    assert set(answer.json()["changed"].values()) == {0}
    assert answer.json()["directory_version"] == before


async def test_a_changed_fence_is_a_new_version_from_now(supervisor, gateway, file, site):
    start = site.one("SELECT now()")
    file["fences"][0]["radius_m"] = 500.0
    answer = await supervisor.post(URL, json=file)
    assert answer.json()["changed"]["fences"] == 1
    directory = (await gateway.get("/api/v1/gateway/directory")).json()
    old, new = [fence for fence in directory["fences"] if fence["fence"] == "f-home-1"]
    assert (old["version"], old["radius_m"]) == (1, 300.0)
    assert (new["version"], new["radius_m"], new["valid_to"]) == (2, 500.0, None)
    assert old["valid_to"] == new["valid_from"]
    assert datetime.fromisoformat(new["valid_from"]) >= start


async def test_other_people_in_a_fence_are_a_new_version_too(supervisor, file, site):
    file["fences"][0]["subjects"] = ["s-7h3n2c"]
    await supervisor.post(URL, json=file)
    rows = site.rows(
        "SELECT version, subject_id FROM fence_assignment WHERE fence_id = 'f-home-1' ORDER BY 1"
    )
    assert [tuple(row.values()) for row in rows] == [(1, "s-4k2m9q"), (2, "s-7h3n2c")]


async def test_a_fence_that_is_not_in_force_yet_changes_without_a_gap(supervisor, file, site):
    later = datetime.now(UTC) + timedelta(days=3)
    fence = copy.deepcopy(file["fences"][0]) | {"fence": "f-later", "valid_from": later.isoformat()}
    for radius_m in (100.0, 200.0):
        body = {"format": file["format"], "fences": [fence | {"radius_m": radius_m}]}
        assert (await supervisor.post(URL, json=body)).status_code == 200
    first, second = site.rows("SELECT * FROM fence WHERE id = 'f-later' ORDER BY version")
    assert first["valid_to"] == second["valid_from"] > later


@pytest.mark.parametrize("datum", ["GCJ02", "BD09"])
async def test_a_fence_drawn_in_another_datum_is_kept_in_wgs84(supervisor, file, site, datum):
    lon, lat = np.array([119.90, 119.91, 119.91]), np.array([28.40, 28.40, 28.41])
    ring = np.column_stack(from_wgs84(lon, lat, datum)).tolist()
    drawn = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    fence = file["fences"][0] | {"fence": "f-drawn", "geometry": drawn, "radius_m": None}
    body = {"format": file["format"], "fences": [fence | {"datum": datum}]}
    first = await supervisor.post(URL, json=body)
    assert first.status_code == 200, first.text
    (kept,) = site.rows("SELECT * FROM fence WHERE id = 'f-drawn'")
    assert (kept["datum"], kept["source_datum"]) == ("WGS84", datum)
    # Edges are divided before they are converted, so the corners are among more vertices.
    vertices = np.array(kept["geometry"]["coordinates"][0])
    for corner in zip(lon, lat, strict=True):
        assert np.abs(vertices - corner).max(axis=1).min() < 1e-8
    again = await supervisor.post(URL, json=body)
    assert again.json()["changed"]["fences"] == 0


@pytest.mark.parametrize(
    ("section", "change", "fault"),
    [
        ("fences", {"datum": "CGCS2000"}, ("/fences/0/datum", "WGS84")),
        ("fences", {"radius_m": None}, ("/fences/0/geometry", "radius_m")),
        ("fences", {"radius_m": -1}, ("/fences/0/radius_m", "greater than 0")),
        ("fences", {"org": "elsewhere"}, ("/fences/0/org", "scope")),
        ("fences", {"subjects": ["s-none"]}, ("/fences/0/subjects/0", "scope")),
        ("fences", {"geometry": SWAPPED}, ("/fences/0/geometry", "longitude comes first")),
        ("orders", {"ground": 6}, ("/orders/0/ground", "less than or equal to 5")),
        ("orders", {"approved_at": "2026-11-01T00:00:01Z"}, ("/orders/0", "before its approval")),
        ("orders", {"valid_to": "2027-02-01T00:00:01Z"}, ("/orders/0", "at most three months")),
        ("orders", {"valid_to": "2026-10-01T00:00:00Z"}, ("/orders/0", "not after its start")),
        ("orders", {"ground": 3}, ("/orders/0", "a change is a new order")),
        ("orders", {"subject": "s-none"}, ("/orders/0/subject", "scope")),
        ("bindings", {"device": "wb-none"}, ("/bindings/0/device", "scope")),
        ("bindings", {"holder": "s-7h3n2c"}, ("/bindings/0/holder", "end that binding")),
        ("bindings", {"valid_from": "2026-11-05T00:00:00Z"}, ("/bindings/0", "two holders")),
        ("bindings", {"valid_to": "2026-10-05T00:00:00Z"}, ("/bindings/0", "not after")),
        ("subjects", {"term_to": "2025-01-01"}, ("/subjects/0", "before term_from")),
        ("subjects", {"public_credit": 1001}, ("/subjects/0/public_credit", "1000")),
        ("subjects", {"category": "other"}, ("/subjects/0/category", "control")),
        ("subjects", {"shoe_size": 43}, ("/subjects/0/shoe_size", "not permitted")),
        ("subjects", {"subject": "s 1"}, ("/subjects/0/subject", "match")),
        ("devices", {"kind": "drone"}, ("/devices/0/kind", "wristband")),
        (
            "devices",
            {"terminal": TERMINAL | {"protocol": "mqtt"}},
            ("/devices/0/terminal/protocol", "jt808"),
        ),
        (
            "devices",
            {"terminal": TERMINAL | {"number": "1" * 21}},
            ("/devices/0/terminal/number", "match"),
        ),
        (
            "devices",
            {"terminal": TERMINAL | {"utc_offset_min": 900}},
            ("/devices/0/terminal/utc_offset_min", "840"),
        ),
        ("officers", {"role": "admin"}, ("/officers/0/role", "officers only")),
        ("orgs", {"parent": "office-1"}, ("/orgs/0/parent", "cannot move")),
        ("orgs", {"org": "county-z"}, ("/orgs/0/parent", "first start only")),
        ("orgs", {"boundary": {}}, ("/orgs/0/boundary", "type is None")),
    ],
)
async def test_a_fault_refuses_the_file_and_is_named(people, site, section, change, fault):
    file = vector("registry.json")
    file["subjects"].append(file["subjects"][0] | {"subject": "s-new"})
    file[section][0] |= change
    answer = await people("supervisor").post(URL, json=file)
    assert answer.status_code == 422, answer.text
    pointer, text = fault
    found = answer.json()["errors"][0]
    assert found["pointer"] == pointer
    assert text in found["detail"]
    assert site.one("SELECT count(*) FROM subject") == 2


@pytest.mark.parametrize(
    ("geometry", "text"),
    [
        (
            {"type": "Polygon", "coordinates": [BOW]},
            "Self-intersection",
        ),
        ({"type": "Polygon", "coordinates": [[[0, 0], [2, 2], [2, 0]]]}, "ring 0: 3 positions"),
        ({"type": "Polygon", "coordinates": []}, "is empty"),
        ({"type": "Polygon", "coordinates": "x"}, "not an array of rings"),
        ({"type": "MultiLineString", "coordinates": [[0, 0], [1, 1]]}, "allowed are"),
        ({"coordinates": [[0, 0]]}, "allowed are"),
    ],
)
async def test_a_geometry_that_is_no_fence_says_why(supervisor, file, geometry, text):
    file["fences"][1]["geometry"] = geometry
    answer = await supervisor.post(URL, json=file)
    assert answer.status_code == 422
    fault = answer.json()["errors"][0]
    assert fault["pointer"] == "/fences/1/geometry"
    assert text in fault["detail"]


async def test_the_same_id_twice_is_refused(supervisor, file):
    file["devices"].append(file["devices"][0])
    answer = await supervisor.post(URL, json=file)
    assert answer.json()["errors"] == [
        {"pointer": "/devices/3", "detail": "wb-000001 is already at /devices/0: each one once"}
    ]


async def test_a_foreign_id_is_refused_without_telling_whose(people, site, file):
    site.add_org("county-b", "/")
    site.add_account("boss-b", "county-b", "admin")
    device = file["devices"][0] | {"org": "county-b"}
    answer = await people("boss-b").post(URL, json={"format": file["format"], "devices": [device]})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/devices"
    assert "county-a" not in answer.text


@pytest.mark.parametrize("section", ["officers", "subjects", "devices"])
async def test_nothing_is_moved_to_another_organisation(supervisor, site, file, section):
    site.add_org("office-2", "/county-a/", "office")
    before = site.rows("SELECT id, org_id FROM subject UNION ALL SELECT id, org_id FROM device")
    file[section][0]["org"] = "office-2"
    answer = await supervisor.post(URL, json=file)
    assert answer.status_code == 422, answer.text
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == f"/{section}/0/org"
    assert "a transfer between organisations is not built yet" in fault["detail"]
    after = site.rows("SELECT id, org_id FROM subject UNION ALL SELECT id, org_id FROM device")
    assert after == before


async def test_another_role_is_out_until_it_is_granted(people, nobody, file):
    officer = file["officers"][0] | {"password": "long enough password"}
    admin = people("admin")
    for password in ("long enough password", "another long password"):
        body = {"format": file["format"], "officers": [officer | {"password": password}]}
        assert (await admin.post(URL, json=body)).status_code == 200
    credentials = {"login": "officer-1", "password": "long enough password"}
    # The first start entered it, without a password; its first one stays.
    assert (await nobody.post("/api/v1/session", json=credentials)).status_code == 200
    body = {"format": file["format"], "officers": [officer | {"role": "head"}]}
    assert (await admin.post(URL, json=body)).status_code == 200
    assert (await nobody.post("/api/v1/session", json=credentials)).status_code == 401


async def test_a_new_subject_opens_a_ledger_once(supervisor, file, site):
    file["subjects"].append(file["subjects"][0] | {"subject": "s-new", "public_credit": 800})
    for _ in range(2):
        assert (await supervisor.post(URL, json=file)).status_code == 200
    rows = site.rows("SELECT part, points FROM score_entry WHERE subject_id = 's-new' ORDER BY 1")
    assert [(row["part"], float(row["points"])) for row in rows] == [
        ("management", 450.0),
        ("public", 320.0),
    ]


async def test_an_end_of_a_binding_is_taken(supervisor, file, site):
    file["bindings"][0]["valid_to"] = "2027-01-01T00:00:00Z"
    answer = await supervisor.post(URL, json=file)
    assert answer.json()["changed"]["bindings"] == 1
    assert site.one("SELECT count(*) FROM binding WHERE valid_to IS NOT NULL") == 1


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("2026-11-01T00:00:00+08:00", "2027-02-01T00:00:00+08:00"),
        ("2026-11-30T12:00:00+08:00", "2027-02-28T12:00:00+08:00"),
        ("2026-10-31T18:00:00+00:00", "2027-02-01T02:00:00+08:00"),
        ("2027-11-29T00:00:00+08:00", "2028-02-29T00:00:00+08:00"),
    ],
)
def test_three_months_are_counted_as_the_database_counts(database_server, begin, end):
    moment = datetime.fromisoformat(begin)
    assert months_after(moment, 3) == datetime.fromisoformat(end)
    with psycopg.connect(database_server.owner_dsn) as connection:
        row = connection.execute(
            "SELECT ((%s::timestamptz AT TIME ZONE 'Asia/Shanghai') + interval '3 months')"
            " AT TIME ZONE 'Asia/Shanghai'",
            (moment,),
        ).fetchone()
    assert row == (months_after(moment, 3),)


async def test_the_body_of_a_file_is_bounded(app, supervisor):
    small = app.state.parts.settings.max_body_bytes
    answer = await supervisor.post(
        URL, content=b" " * (small + 1), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 413
