"""CAP 1.2 by the standard's own clauses, whatever the alert."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.alert_exports.cap import CAP, cap_alert

NS = f"{{{CAP}}}"
ALERT = (
    *("identifier", "sender", "sent", "status", "msgType", "source", "scope", "restriction"),
    *("addresses", "code", "note", "references", "incidents", "info"),
)
INFO = (
    *("language", "category", "event", "responseType", "urgency", "severity", "certainty"),
    *("audience", "eventCode", "effective", "onset", "expires", "senderName", "headline"),
    *("description", "instruction", "web", "contact", "parameter", "resource", "area"),
)
AREA = ("areaDesc", "polygon", "circle", "geocode", "altitude", "ceiling")
ALLOWED = {
    "status": {"Actual", "Exercise", "System", "Test", "Draft"},
    "msgType": {"Alert", "Update", "Cancel", "Ack", "Error"},
    "scope": {"Public", "Restricted", "Private"},
    "category": {"Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env"}
    | {"Transport", "Infra", "CBRNE", "Other"},
    "urgency": {"Immediate", "Expected", "Future", "Past", "Unknown"},
    "severity": {"Extreme", "Severe", "Moderate", "Minor", "Unknown"},
    "certainty": {"Observed", "Likely", "Possible", "Unlikely", "Unknown"},
}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")
T0 = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
RING = [[120.1, 30.2], [120.2, 30.2], [120.2, 30.3]]


def an_alert(**changed):
    reports = [{"longitude_deg": 120.1, "latitude_deg": 30.2, "violation_ppm": 990_000}]
    row = dict.fromkeys(("verdict", "explanation", "subject", "device", "end_time"))
    row |= {"id": "ep-1", "version": 1, "rule": "exclusion", "severity": "critical"}
    row |= {"category": "violation", "title": {"zh": "进入禁止区域", "en": "Entered"}}
    row |= {"state": "open", "condition": "active", "fence": "f-1", "late": False}
    row |= {"begin_time": T0, "raised_at": T0, "changed_at": [T0], "org": "office-1"}
    row |= {"org_name_zh": "城关司法所", "org_name_en": "Office", "place": True}
    row |= {"evidence": {"reports": reports}, "fence_name": "学校", "fence_use": "exclusion"}
    row |= {"fence_radius_m": None, "fence_geometry": {"type": "Polygon", "coordinates": [RING]}}
    return row | changed


def parsed(alert):
    return ET.fromstring(cap_alert(alert))  # noqa: S314 - our own


def names(element):
    return [child.tag.removeprefix(NS) for child in element]


def in_order(element, order):
    found = names(element)
    assert set(found) <= set(order)
    assert found == sorted(found, key=order.index)


def held_to_the_standard(message):
    """Fail with the first clause that a message breaks."""
    assert message.tag == f"{NS}alert", "3.2.1: the namespace"
    in_order(message, ALERT)
    for name in ("identifier", "sender", "sent", "status", "msgType", "scope"):
        assert len(message.findall(NS + name)) == 1, f"3.2.1: {name} is required, once"
    for name in ("identifier", "sender"):
        assert re.fullmatch(r"[^\s,<&]+", message.findtext(NS + name)), f"3.2.1: {name}"
    scope = message.findtext(f"{NS}scope")
    assert (message.find(f"{NS}restriction") is not None) is (scope == "Restricted"), "3.2.1"
    for one in (message.findtext(f"{NS}references") or "").split():
        sender, identifier, sent = one.split(",")
        assert sender, "3.2.1: references are sender,identifier,sent"
        assert identifier != message.findtext(f"{NS}identifier")
        assert INSTANT.fullmatch(sent), "3.2.1: as the message itself said it"
    for name in ("sent", "onset"):
        for one in message.iter(NS + name):
            assert INSTANT.fullmatch(one.text), "3.3.2: an offset in figures, never Z"
    for name, allowed in ALLOWED.items():
        assert {one.text for one in message.iter(NS + name)} <= allowed, f"3.2: {name}"
    infos = message.findall(f"{NS}info")
    assert len({info.findtext(f"{NS}event") is None for info in infos}) == 1
    for info in infos:
        in_order(info, INFO)
        for name in ("category", "event", "urgency", "severity", "certainty"):
            assert info.find(NS + name) is not None, f"3.2.2: {name} is required"
        for area in info.findall(f"{NS}area"):
            held_area(area)


def held_area(area):
    in_order(area, AREA)
    assert len(area.findall(f"{NS}areaDesc")) == 1, "3.2.4: areaDesc is required"
    for polygon in area.findall(f"{NS}polygon"):
        pairs = polygon.text.split()
        assert len(pairs) >= 4, "3.2.4: four pairs at least"
        assert pairs[0] == pairs[-1], "3.2.4: the first and the last are the same"
        for pair in pairs:
            held_pair(pair)
    for circle in area.findall(f"{NS}circle"):
        centre, radius_km = circle.text.split(" ")
        held_pair(centre)
        assert 0 < float(radius_km) < 20_000, "3.2.4: a radius in kilometres"


def held_pair(pair):
    latitude, longitude = map(float, pair.split(","))
    assert -90 <= latitude <= 90, "3.3.1: latitude first"
    assert -180 <= longitude <= 180, "3.3.1: then longitude"


TEXTS = st.text(max_size=300)
SAID = st.none() | st.fixed_dictionaries({"zh": TEXTS, "en": TEXTS})
DEGREES = st.floats(-89, 89)
REPORTS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "longitude_deg": DEGREES,
            "latitude_deg": DEGREES,
            "accuracy_m": st.floats(0, 5_000),
            "violation_ppm": st.integers(0, 1_000_000),
        },
    ),
    max_size=4,
)
RINGS = st.lists(st.lists(DEGREES, min_size=2, max_size=2), min_size=3, max_size=8)
SHAPES = st.one_of(
    st.none(),
    st.builds(lambda ring: {"type": "Polygon", "coordinates": [ring]}, RINGS),
    st.builds(
        lambda many: {"type": "MultiPolygon", "coordinates": [[ring] for ring in many]},
        st.lists(RINGS, min_size=1, max_size=3),
    ),
    st.builds(lambda at: {"type": "Point", "coordinates": at}, RINGS.map(lambda ring: ring[0])),
)
STANDINGS = st.sampled_from(
    [
        *((state, None) for state in ("open", "acknowledged", "dispatched", "shelved")),
        ("superseded", None),
        *(("resolved", verdict) for verdict in ("confirmed", "false", "technical", "excused")),
    ]
)


@st.composite
def alerts(draw):
    state, verdict = draw(STANDINGS)
    version = draw(st.integers(1, 80))
    known = min(version, draw(st.integers(1, 32)))
    changed_at = [T0 + timedelta(seconds=number * 7) for number in range(known)]
    return an_alert(
        id=draw(st.text(min_size=1, max_size=40)),
        state=state,
        verdict=verdict,
        version=version,
        changed_at=changed_at,
        condition=draw(st.sampled_from(["active", "cleared", "superseded"])),
        rule=draw(st.sampled_from(["sos", "strap", "exclusion", "x_y"])),
        severity=draw(st.sampled_from(["critical", "major", "minor"])),
        category=draw(st.sampled_from(["violation", "device", "integrity", "care", "notice"])),
        title=draw(SAID),
        explanation=draw(SAID),
        place=draw(st.booleans()),
        fence_name=draw(TEXTS),
        fence_geometry=draw(SHAPES),
        fence_radius_m=draw(st.floats(0.1, 10_000)),
        evidence={"reports": draw(REPORTS)},
    )


@given(alerts())
def test_any_alert_in_any_state_is_a_message_by_the_standard(alert):
    held_to_the_standard(parsed(alert))


@given(alerts())
def test_a_message_refers_to_those_before_it_and_no_message_before_it_knows_it(alert):
    references = (parsed(alert).findtext(f"{NS}references") or "").split()
    numbers = [int(unquote(one.split(",")[1]).rpartition(".")[2]) for one in references]
    assert numbers == sorted(set(numbers))
    assert all(1 <= number < alert["version"] for number in numbers)
    assert (1 in numbers) is (alert["version"] > 1)


def certainty(**changed):
    return parsed(an_alert(**changed)).findtext(f"{NS}info/{NS}certainty")


@pytest.mark.parametrize(
    ("ppm", "said"),
    [(999_999, "Likely"), (500_001, "Likely"), (500_000, "Possible"), (9_999, "Unlikely")],
)
def test_certainty_follows_from_the_probability_of_violation(ppm, said):
    assert certainty(evidence={"reports": [{"violation_ppm": ppm}]}) == said


def test_a_probability_that_nobody_computed_is_unknown_and_a_persons_word_outweighs_it():
    low = {"reports": [{"violation_ppm": 20_000}]}
    assert certainty(evidence={"reports": []}) == "Unknown"
    assert certainty(evidence=low, state="resolved", verdict="confirmed") == "Observed"
    assert certainty(evidence=low, state="resolved", verdict="technical") == "Unlikely"


def test_a_place_is_told_only_where_it_may_be():
    told = [names(area) for area in parsed(an_alert()).iter(f"{NS}area")]
    assert told == [["areaDesc", "circle"], ["areaDesc", "polygon"]] * 2
    hidden = parsed(an_alert(place=False))
    assert [names(area) for area in hidden.iter(f"{NS}area")] == [["areaDesc"]] * 2
    assert "30.2" not in cap_alert(an_alert(place=False))
    assert "学校" not in cap_alert(an_alert(place=False))


def test_a_fence_that_binds_to_stay_in_is_not_where_the_person_is():
    areas = list(parsed(an_alert(fence_use="inclusion")).iter(f"{NS}area"))
    assert [names(area) for area in areas] == [["areaDesc", "circle"]] * 2
