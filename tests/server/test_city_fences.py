"""The districts of a city as a home fence: who moves between them has not left it."""

import pytest
from psycopg.types.json import Jsonb

pytestmark = pytest.mark.article("measures-26")
URL = "/api/v1/registry"


def box(west, east):
    ring = [[west, 30.0], [east, 30.0], [east, 30.1], [west, 30.1], [west, 30.0]]
    return {"type": "Polygon", "coordinates": [ring]}


def org(name, parent, level="county", boundary=None):
    names = {"name_zh": name, "name_en": name}
    return {"org": name, "parent": parent, "level": level, "boundary": boundary} | names


def home(*orgs, **given):
    entry = {"fence": "f-city", "org": "east", "name": "市辖区", "use": "inclusion"}
    entry |= {"datum": "WGS84", "geometry": {"type": "Districts", "orgs": list(orgs)}}
    entry |= {"subjects": [], "valid_from": "2026-11-01T00:00:00Z"} | given
    return {"format": "guitu-registry/1", "fences": [entry]}


CITY = [
    org("city-1", "prov", "city"),
    org("east", "city-1", boundary=box(120.1002, 120.2)),
    org("west", "city-1", boundary=box(120.0, 120.1)),
    org("bare", "city-1"),
    org("city-2", "prov", "city"),
    org("away", "city-2", boundary=box(121.0, 121.1)),
]


@pytest.fixture
def east(site, people):
    """A supervisor of one district, whose scope has none of the others."""
    site.add_org("prov", "/", "province")
    for entry in CITY:
        path = "/prov/" if entry["parent"] == "prov" else f"/prov/{entry['parent']}/"
        site.add_org(entry["org"], path, entry["level"])
        site.rows(
            "UPDATE org SET boundary = %s::jsonb WHERE id = %s",
            (None if entry["boundary"] is None else Jsonb(entry["boundary"]), entry["org"]),
        )
    site.add_account("east-lead", "east", "supervisor")
    return people("east-lead")


async def test_the_districts_of_the_city_are_one_fence_and_repeated_they_change_nothing(east, site):
    for changed in (1, 0):
        answer = await east.post(URL, json=home("west", "east"))
        assert answer.status_code == 200, answer.text
        assert answer.json()["changed"]["fences"] == changed
    geometry = site.one("SELECT geometry FROM fence WHERE id = 'f-city'")
    # 19 m lie between the two: one ring.
    assert (geometry["type"], len(geometry["coordinates"])) == ("Polygon", 1)
    lons = [lon for lon, _ in geometry["coordinates"][0]]
    assert (min(lons), max(lons)) == pytest.approx((120.0, 120.2))


async def test_a_city_may_be_entered_with_its_home_fence_in_one_file(people):
    file = home("north", "south", org="county-a")
    file["orgs"] = [
        org("city-3", "county-a", "city"),
        org("north", "city-3", boundary=box(120.0, 120.1)),
        org("south", "city-3", boundary=box(120.1, 120.2)),
    ]
    answer = await people("supervisor").post(URL, json=file)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("file", "pointer", "text"),
    [
        (home("east", "away"), "/fences/0/geometry/orgs", "away: no county-level organisation"),
        (home("east", "bare"), "/fences/0/geometry/orgs", "bare: no boundary"),
        (home("east", "city-1"), "/fences/0/geometry/orgs", "city-1: no county-level"),
        (home(), "/fences/0/geometry", "1 to 100 ids"),
        (home("east", use="exclusion"), "/fences/0/geometry", "a home fence (measures-26)"),
        (home("east", datum="GCJ02"), "/fences/0/geometry", "datum WGS84"),
    ],
)
async def test_what_are_not_districts_of_one_city_is_refused_by_name(east, file, pointer, text):
    answer = await east.post(URL, json=file)
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert error["pointer"] == pointer
    assert text in error["detail"]
