"""What the rules need of a directory: compiled from the golden one, in any order, or refused."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.directory.snapshot import compile_directory, to_ms
from gateway.errors import DirectoryError
from geofence.schedule.instants import compile_schedule

VECTORS = Path(__file__).parents[2] / "vectors" / "uplink"
GOLDEN = json.loads((VECTORS / "directory-rules.json").read_text(encoding="utf-8"))
ZHANG, LI = "s-4k2m9q", "s-7h3n2c"


def compiled(**change):
    return compile_directory(json.dumps(GOLDEN | change).encode())


def copied():
    return json.loads(json.dumps(GOLDEN))


def changed(*path, to):
    body = copied()
    at = body
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = to
    return json.dumps(body).encode()


def plain(directory):
    """Everything that compiling gives, in a form that can be compared."""
    out: dict[str, object] = {"parameters": dict(directory.parameters)}
    for name in directory.__slots__:
        if name not in ("body", "terminals", "parameters"):
            value = getattr(directory, name)
            out[name] = sorted(map(repr, value.items())) if isinstance(value, dict) else repr(value)
    return out


def ms(text):
    return to_ms(datetime.fromisoformat(text))


def test_a_body_without_the_new_sections_compiles_to_empty_ones():
    body = json.loads((VECTORS / "directory.json").read_text(encoding="utf-8"))
    del body["lapses"]
    directory = compile_directory(json.dumps(body).encode())
    by_name = ("subjects", "schedules", "leaves", "checkins", "planned_silences")
    assert [getattr(directory, name) for name in by_name] == [{}] * 5
    listed = ("no_contact", "sites", "periods", "lapses")
    assert [getattr(directory, name) for name in listed] == [[]] * 4
    assert directory.devices["wb-000001"].device_class is None
    assert {fence.schedule for fence in directory.fences} == {None}
    assert directory.rule_layers.overrides(kind="kiosk", colour="red") == {}


@given(st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_any_order_of_rows_compiles_equally(random):
    shuffle = random.shuffle
    body = copied()
    for value in body.values():
        if isinstance(value, list):
            shuffle(value)
    for fence in body["fences"]:
        shuffle(fence["subjects"])
    for schedule in body["schedules"]:
        shuffle(schedule["windows"])
    assert plain(compile_directory(json.dumps(body).encode())) == plain(compiled())


def test_a_subjects_class_is_that_of_the_time():
    directory = compiled()
    turn_ms = ms("2036-12-01T00:00:00Z")
    found = [directory.subject_at(ZHANG, t) for t in (turn_ms - 1, turn_ms)]
    assert [(v.supervision_class, v.colour) for v in found] == [
        ("strict", None),
        ("general", "green"),
    ]
    assert directory.subject_at(ZHANG, 0) is None
    assert directory.subject_at("s-0", turn_ms) is None


def test_a_window_that_ends_before_its_start_runs_into_the_next_day():
    night = compiled().schedules["night"]
    begin_ms, end_ms = ms("2036-11-22T04:00:00Z"), ms("2036-11-23T04:00:00Z")
    held = compile_schedule(night, begin_ms, end_ms)
    assert held.start_ms.tolist() == [ms("2036-11-22T14:00:00Z")]
    assert held.stop_ms.tolist() == [ms("2036-11-22T22:00:00Z")]


def test_an_exception_replaces_the_windows_of_its_day():
    night = compiled().schedules["night"]
    begin_ms, end_ms = ms("2037-02-05T04:00:00Z"), ms("2037-02-07T04:00:00Z")
    assert compile_schedule(night, begin_ms, end_ms).start_ms.tolist() == [
        ms("2037-02-06T15:30:00Z")
    ]


@pytest.mark.parametrize(("start", "end"), [("00:00", "24:00"), ("00:00", "00:00")])
def test_a_whole_day_may_be_written_in_two_ways(start, end):
    body = changed("schedules", 0, "windows", to=[{"start": start, "end": end}])
    window = compile_directory(body).schedules["mornings"].windows[0]
    assert (window.start_min, window.end_min, window.days) == (0, 1440, frozenset(range(8)))


def test_half_of_a_corridors_width_is_on_either_side():
    road = next(f for f in compiled().fences if f.fence == "f-road")
    assert (road.use, road.shape.outline.radius_m) == ("route", 200.0)


def test_a_site_is_moved_to_wgs84():
    body = copied()
    body["sites"][0]["datum"] = "GCJ02"
    given, moved = compiled().sites[0], compile_directory(json.dumps(body).encode()).sites[0]
    metres_east = (given.longitude_deg - moved.longitude_deg) * 96_000
    assert 300 < metres_east < 600


def test_planned_silences_that_touch_are_one():
    body = copied()
    body["planned_silences"].append(
        {"device": "wb-000002", "valid_from": "2036-11-23T04:00:00Z"}
        | {"valid_to": "2036-11-23T06:00:00Z", "reason": "battery change"}
    )
    assert compile_directory(json.dumps(body).encode()).planned_silences["wb-000002"] == [
        (ms("2036-11-23T00:00:00Z"), ms("2036-11-23T06:00:00Z"))
    ]


def test_each_layer_lies_over_the_one_before():
    body = copied()
    for number, section in enumerate(("device_classes", "classes", "colours"), start=2):
        for layer in body["rules"][section].values():
            layer["silence_s"] = 1000 + number
    body["rules"]["kinds"] = {"kiosk": {"silence_s": 1001}}
    body["periods"][0]["parameters"] = {"silence_s": 1005}
    directory = compile_directory(json.dumps(body).encode())

    def silence_s(**whom):
        return directory.rule_layers.overrides(**whom)["silence_s"]

    whom = {}
    assert silence_s() == 1200
    for name, value, wanted in (
        ("kind", "kiosk", 1001),
        ("device_class", "loggers", 1002),
        ("supervision_class", "strict", 1003),
        ("colour", "red", 1004),
        ("periods", directory.periods, 1005),
    ):
        whom[name] = value
        assert silence_s(**whom) == wanted
    assert silence_s(**(whom | {"supervision_class": "lenient"})) == 1004


FAULTS = {
    "use without a rule": (("fences", 0, "use"), "no_contact", r"\$.fences\[0\].use"),
    "curfew without schedule": (("fences", 0, "schedule"), None, r"fences\[0\].schedule"),
    "fence of no schedule": (("fences", 0, "schedule"), "x", r"fences\[0\].schedule: 'x' is not"),
    "width of a circle": (("fences", 0, "width_m"), 9.0, r"fences\[0\].geometry \(f-curfew\)"),
    "corridor of two widths": (("fences", 3, "radius_m"), 9.0, r"fences\[3\].geometry"),
    "corridor without width": (("fences", 3, "width_m"), None, r"fences\[3\].geometry"),
    "fence twice": (("fences", 1, "fence"), "f-curfew", r"fences\[1\]: .* at fences\[0\] already"),
    "no class": (("subjects", 0, "class"), "harsh", r"\$.subjects\[0\].class"),
    "no colour": (("subjects", 0, "colour"), "blue", r"\$.subjects\[0\].colour"),
    "two classes": (("subjects", 0, "valid_to"), None, "subjects: 's-4k2m9q' has two versions"),
    "no zone": (("schedules", 1, "zone"), "Mars/Olympus", r"schedules\[1\] \(night\)"),
    "no hour": (("schedules", 0, "windows", 0, "end"), "24:30", r"\$.schedules\[0\].windows\[0\]"),
    "no days": (("schedules", 0, "windows", 0, "days"), [], r"schedules\[0\] \(mornings\)"),
    "eighth day": (("schedules", 0, "windows", 0, "days"), [8], r"\$.schedules\[0\]"),
    "days in reverse": (("schedules", 0, "last_day"), "2026-10-01", r"schedules\[0\] \(mornings\)"),
    "no date": (("schedules", 0, "day_kinds"), {"2026-02-30": 0}, r"\$.schedules\[0\].day_kinds"),
    "schedule twice": (("schedules", 1, "schedule"), "mornings", r"schedules\[1\]"),
    "leave to nowhere": (("leaves", 0, "fence"), "x", r"leaves\[0\].fence: 'x' is not in fences"),
    "leave along a route": (("leaves", 0, "fence"), "f-road", r"leaves\[0\].fence: .* use route"),
    "leave without end": (("leaves", 0, "valid_to"), None, r"\$.leaves\[0\].valid_to"),
    "two leaves at once": (("leaves", 1, "kind"), "leave", r"leaves\[1\].fence"),
    "away from oneself": (("no_contact", 0, "other"), ZHANG, r"no_contact\[0\].other"),
    "distance of 0": (("no_contact", 0, "distance_m"), 0, r"\$.no_contact\[0\].distance_m"),
    "pair twice": (("no_contact", 1, "pair"), "nc-1", r"no_contact\[1\]"),
    "site at the pole": (("sites", 0, "latitude_deg"), 90, r"\$.sites\[0\].latitude_deg"),
    "site twice": (("sites", 1, "site"), "st-office", r"sites\[1\]"),
    "no kiosk": (("checkins", 0, "kiosk"), "ki-9", r"checkins\[0\].kiosk: 'ki-9' is not"),
    "wristband as kiosk": (("checkins", 0, "kiosk"), "wb-000001", r"checkins\[0\].kiosk"),
    "no hours to check in": (("checkins", 1, "schedule"), "x", r"checkins\[1\].schedule"),
    "grace of days": (("checkins", 1, "grace_s"), 86_401, r"\$.checkins\[1\].grace_s"),
    "period of no parameter": (
        ("periods", 0, "parameters"),
        {"patience": 1},
        r"periods\[0\].parameters: `patience`",
    ),
    "period that ends first": (("periods", 0, "valid_to"), "2001-01-01T00:00:00Z", r"periods\[0\]"),
    "silence of no device": (
        ("planned_silences", 0, "device"),
        "wb-9",
        r"planned_silences\[0\].device",
    ),
    "silence without end": (("planned_silences", 0, "valid_to"), None, r"\$.planned_silences"),
    "lapse of nothing": (("lapses", 0, "kind"), "patience", r"\$.lapses\[0\].kind"),
    "lapse twice": (("lapses", 1), GOLDEN["lapses"][0], r"lapses\[1\]"),
    "layer of no kind": (("rules", "kinds"), {"toaster": {}}, r"\$.rules.kinds"),
    "layer of no parameter": (
        ("rules", "classes", "strict"),
        {"patience": 1},
        "rules.classes.strict: `patience`",
    ),
    "layer out of bounds": (
        ("rules", "colours", "red"),
        {"clear_reports": 0},
        "rules.colours.red",
    ),
    "text as a threshold": (
        ("rules", "colours", "red"),
        {"silence_s": "long"},
        r"\$.rules.colours",
    ),
    "truth as a threshold": (("rules", "colours", "red"), {"silence_s": True}, r"\$.rules.colours"),
    "a number of 400 digits": (("rules", "colours", "red"), {"silence_s": 10**400}, r"\$.rules"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused_with_its_place(fault):
    path, value, place = FAULTS[fault]
    with pytest.raises(DirectoryError, match=place):
        compile_directory(changed(*path, to=value))


def test_two_leaves_of_one_kind_do_not_overlap():
    body = copied()
    body["leaves"].append(body["leaves"][0] | {"leave": "lv-3"})
    with pytest.raises(DirectoryError, match=f"leaves: '{ZHANG}' has two of kind 'leave'"):
        compile_directory(json.dumps(body).encode())


def test_layers_that_are_wrong_only_together_are_refused():
    body = copied()
    body["rules"]["classes"]["strict"] = {"low_battery_pct": 40, "recovered_battery_pct": 50}
    body["rules"]["colours"]["red"] = {"recovered_battery_pct": 35}
    with pytest.raises(DirectoryError, match=r"rules \(strict \+ red\)"):
        compile_directory(json.dumps(body).encode())


def test_more_combinations_than_can_be_checked_are_refused():
    body = copied()
    body["rules"]["device_classes"] = {f"class-{n}": {"silence_s": 60 + n} for n in range(5_000)}
    with pytest.raises(DirectoryError, match="combinations of layers and periods, at most"):
        compile_directory(json.dumps(body).encode())


def test_nobody_is_protected_and_supervised_with_one_device():
    body = copied()
    first = {
        "device": body["devices"][0]["device"],
        "holder_kind": "protected",
        "holder": ZHANG,
        "valid_from": "2026-01-01T00:00:00Z",
        "valid_to": "2026-02-01T00:00:00Z",
    }
    second = first | {
        "holder_kind": "subject",
        "valid_from": "2026-02-01T00:00:00Z",
        "valid_to": None,
    }
    body["bindings"] = [first, second]
    with pytest.raises(DirectoryError, match="a holder of two kinds"):
        compile_directory(json.dumps(body).encode())
