"""The registry of the demonstration county."""

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import shapely
from shapely.geometry import shape

from device_sims import county, load
from device_sims.errors import ScenarioError

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ID = re.compile(r"[A-Za-z0-9_-]{1,40}\Z")


@pytest.fixture(scope="module")
def registry():
    return county.registry(7, now=NOW)


def moment(text):
    return datetime.fromisoformat(text)


def test_the_same_seed_gives_the_same_bytes_and_another_does_not():
    first, again, other = (json.dumps(county.registry(seed, now=NOW)) for seed in (7, 7, 8))
    assert first == again
    assert first != other


def test_fewer_wristbands_are_the_first_of_more(registry):
    fewer = county.registry(7, wearing=5, now=NOW)
    assert fewer["subjects"] == registry["subjects"]
    own = [fence for fence in registry["fences"] if fence["fence"] != "f-county"]
    assert fewer["fences"][1:] == own[: len(fewer["fences"]) - 1]
    assert fewer["orders"] == registry["orders"][:5]


def test_ids_are_unique_and_of_the_allowed_letters(registry):
    for part, key in (
        ("orgs", "org"),
        ("officers", "login"),
        ("subjects", "subject"),
        ("devices", "device"),
        ("orders", "order"),
        ("fences", "fence"),
    ):
        ids = [row[key] for row in registry[part]]
        assert len(set(ids)) == len(ids)
        assert all(ID.match(name) for name in ids)


def test_offices_cover_the_county_without_overlap(registry):
    polygons = [shape(org["boundary"]) for org in registry["orgs"]]
    assert all(polygon.is_valid for polygon in polygons)
    whole, *parts = polygons
    assert shapely.get_num_coordinates(whole) == 251
    assert sum(part.area for part in parts) == pytest.approx(whole.area, rel=1e-5)
    assert shapely.union_all(parts).symmetric_difference(whole).area < whole.area * 1e-5


def test_thirty_of_550_are_under_an_order_that_article_29_allows(registry):
    assert len(registry["subjects"]) == 550
    assert len(registry["orders"]) == 30
    for order in registry["orders"]:
        assert order["ground"] in {1, 2, 3, 4, 5}
        begin, end = moment(order["valid_from"]), moment(order["valid_to"])
        assert moment(order["approved_at"]) <= begin <= NOW < end
        assert end - begin <= timedelta(days=89)  # the shortest three months


def test_every_wearer_has_a_wristband_and_the_county_fence(registry):
    wearers = {order["subject"] for order in registry["orders"]}
    worn = {b["holder"] for b in registry["bindings"] if b["holder_kind"] == "subject"}
    assert wearers == worn
    (county_fence,) = (f for f in registry["fences"] if f["fence"] == "f-county")
    assert set(county_fence["subjects"]) == wearers


def test_fences_are_valid_and_lie_in_the_county(registry):
    whole = shape(registry["orgs"][0]["boundary"])
    for fence in registry["fences"]:
        geometry = shape(fence["geometry"])
        assert geometry.is_valid
        assert whole.covers(geometry)
        if fence["use"] == "exclusion":
            assert 100 <= fence["radius_m"] <= 300


def test_credit_minors_and_categories_are_as_in_a_county(registry):
    subjects = registry["subjects"]
    assert all(800 <= subject["public_credit"] <= 850 for subject in subjects)
    assert 0.02 < sum(subject["is_minor"] for subject in subjects) / len(subjects) < 0.09
    assert {s["category"] for s in subjects} == {"probation", "parole", "medical", "control"}


def test_officers_hold_phones_and_recorders(registry):
    logins = {officer["login"] for officer in registry["officers"]}
    held = [b for b in registry["bindings"] if b["holder_kind"] == "officer"]
    kinds = {row["device"]: row["kind"] for row in registry["devices"]}
    assert {b["holder"] for b in held} < logins
    assert [kinds[b["device"]] for b in held].count("phone") == 12
    assert [kinds[b["device"]] for b in held].count("recorder") == 6


def test_adults_who_wear_nothing_check_in_at_their_own_offices_kiosk(registry):
    office = {row["device"]: row["org"] for row in registry["devices"] if row["kind"] == "kiosk"}
    people = {row["subject"]: row for row in registry["subjects"]}
    wearers = {order["subject"] for order in registry["orders"]}
    assert len(set(office.values())) == len(office) == 6
    duties = registry["checkins"]
    assert Counter(row["kiosk"] for row in duties) == dict.fromkeys(office, 3)
    assert len({row["checkin"] for row in duties}) == len(duties)
    for row in duties:
        person = people[row["subject"]]
        assert person["org"] == office[row["kiosk"]]
        assert not person["is_minor"]
        assert row["subject"] not in wearers
        assert moment(row["valid_from"]) < NOW
    assert {row["schedule"] for row in duties} == {one["schedule"] for one in registry["schedules"]}


def test_a_county_whose_people_all_wear_something_has_no_check_ins():
    assert county.registry(7, subjects=30, wearing=30, now=NOW)["checkins"] == []


def test_more_wearers_than_subjects_are_refused():
    with pytest.raises(ScenarioError, match="11 of 10 wearing"):
        county.registry(7, subjects=10, wearing=11, now=NOW)


def test_the_load_profile_has_everybody_under_order_with_two_fences():
    registry = load.registry(7, devices=40, now=NOW)
    subjects = {row["subject"] for row in registry["subjects"]}
    assert len(subjects) == 40
    assert {order["subject"] for order in registry["orders"]} == subjects
    for subject in subjects:
        assert sum(subject in fence["subjects"] for fence in registry["fences"]) == 2
    whole = shape(registry["orgs"][0]["boundary"])
    assert all(whole.covers(shape(fence["geometry"])) for fence in registry["fences"])
