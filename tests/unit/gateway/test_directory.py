"""A directory is taken whole or refused whole, with the place of the fault."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.directory.snapshot import compile_directory
from gateway.errors import DirectoryError
from tests.unit.gateway.engine_world import directory_json

GOOD = json.loads(directory_json(subjects=2))
SQUARE = [[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]]]
BOW_TIE = [[[0.0, 0.0], [1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]]


def changed(path, value):
    """The good directory with one value replaced; `...` removes it."""
    body = json.loads(json.dumps(GOOD))
    *parents, last = path
    at = body
    for key in parents:
        at = at[key]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return json.dumps(body).encode()


FAULTS = {
    "no format": (("format",), ..., "body"),
    "newer format": (("format",), "guitu-directory/2", "body"),
    "version is text": (("version",), "17", "body"),
    "device without kind": (("devices", 1, "kind"), ..., r"\$.devices\[1\]"),
    "device of no kind": (("devices", 1, "kind"), "toaster", r"\$.devices\[1\].kind"),
    "interval of 0": (("devices", 1, "expected_interval_s"), 0, "expected_interval_s"),
    "id with a slash": (("devices", 1, "device"), "a/b", r"\$.devices\[1\].device"),
    "binding of no device": (("bindings", 1, "device"), "wb-9", r"bindings\[1\].device"),
    "binding that ends first": (
        ("bindings", 1, "valid_to"),
        "2001-01-01T00:00:00Z",
        r"bindings\[1\]",
    ),
    "two holders": (("bindings", 1, "device"), "wb-0", "two holders"),
    "time without zone": (("orders", 0, "valid_from"), "2026-11-01T00:00:00", r"\$.orders"),
    "order without end": (("orders", 0, "valid_to"), None, r"\$.orders"),
    "order that ends first": (("orders", 0, "valid_to"), "2001-01-01T00:00:00Z", r"orders\[0\]"),
    "terminal of no protocol": (
        ("devices", 1, "terminal"),
        {"protocol": "morse", "number": "1"},
        r"\$.devices\[1\].terminal.protocol",
    ),
    "terminal without number": (
        ("devices", 1, "terminal"),
        {"protocol": "watch", "number": ""},
        r"\$.devices\[1\].terminal.number",
    ),
    "clock beyond the date line": (
        ("devices", 1, "terminal"),
        {"protocol": "gt06", "number": "1", "utc_offset_min": 900},
        "utc_offset_min",
    ),
    "fence of no use": (("fences", 0, "use"), "both", r"\$.fences\[0\].use"),
    "fence of no datum": (("fences", 0, "datum"), ..., r"\$.fences"),
    "radius of 0": (("fences", 1, "radius_m"), 0, r"fences\[1\].geometry \(f-school\)"),
    "no radius": (("fences", 1, "radius_m"), None, r"fences\[1\].geometry \(f-school\)"),
    "line": (("fences", 0, "geometry", "type"), "LineString", r"fences\[0\].geometry \(f-home\)"),
    "polar bear": (("fences", 0, "geometry", "coordinates"), [0, 91], r"fences\[0\].geometry"),
    "endless digits": (("fences", 0, "geometry", "coordinates"), [10**400, 0], r"fences\[0\]"),
    "unknown parameter": (("rules", "parameters"), {"patience": 1}, "rules"),
    "parameter out of bounds": (("rules", "parameters"), {"clear_reports": 0}, "rules"),
    "no hysteresis": (("rules", "parameters"), {"low_battery_pct": 50}, "rules"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused_with_its_place(fault):
    path, value, place = FAULTS[fault]
    with pytest.raises(DirectoryError, match=place):
        compile_directory(changed(path, value))


@pytest.mark.parametrize(
    ("coordinates", "reason"),
    [
        (BOW_TIE, "Self-intersection"),
        ([], "empty"),
        ([[[0.0, 0.0], [1.0, 1.0]]], "fences"),
        ([[[0.0, 0.0], [181.0, 0.0], [1.0, 1.0], [0.0, 0.0]]], "181"),
        ([[[10**400, 0.0], [1.0, 0.0], [1.0, 1.0], [10**400, 0.0]]], "fences"),
        ("nowhere", "fences"),
    ],
    ids=["bow tie", "empty", "two points", "off the globe", "endless digits", "text"],
)
def test_a_broken_polygon_is_refused_with_its_reason(coordinates, reason):
    fence = GOOD["fences"][0] | {
        "radius_m": None,
        "geometry": {"type": "Polygon", "coordinates": coordinates},
    }
    with pytest.raises(DirectoryError, match=reason) as refused:
        compile_directory(changed(("fences", 0), fence))
    assert refused.value.place == "fences[0].geometry (f-home)"


def test_a_good_polygon_is_taken():
    fence = GOOD["fences"][0] | {
        "radius_m": None,
        "geometry": {"type": "Polygon", "coordinates": SQUARE},
    }
    assert len(compile_directory(changed(("fences", 0), fence)).fences) == 2


def test_an_interval_is_half_open():
    directory = compile_directory(json.dumps(GOOD).encode())
    start_ms, end_ms = directory.orders["s-0"][0]
    asked = (start_ms - 1, start_ms, end_ms - 1, end_ms)
    assert [directory.is_ordered("s-0", t) for t in asked] == [False, True, True, False]


def with_terminals(*numbers, protocol="jt808"):
    body = json.loads(json.dumps(GOOD))
    for row, number in zip(body["devices"], numbers, strict=True):
        row["terminal"] = number and {"protocol": protocol, "number": number}
    return json.dumps(body).encode()


def test_a_terminal_is_found_by_protocol_and_number():
    terminals = compile_directory(with_terminals("013800138000", None)).terminals
    assert terminals.find("jt808", "013800138000") == "wb-0"
    assert terminals.find("gt06", "013800138000") is None
    assert terminals.find("jt808", "013800138001") is None


@pytest.mark.parametrize("said", ["13800138000", "013800138000", "00000000013800138000"])
def test_zeros_that_fill_a_number_up_do_not_count(said):
    assert compile_directory(with_terminals("013800138000", None)).terminals.find("jt808", said)


def test_numbers_that_differ_in_zeros_alone_are_told_apart():
    terminals = compile_directory(with_terminals("0100", "100")).terminals
    found = [terminals.find("jt808", said) for said in ("0100", "100", "00100")]
    assert found == ["wb-0", "wb-1", None]


def test_two_devices_cannot_be_one_terminal():
    with pytest.raises(DirectoryError, match=r"devices\[1\].terminal: jt808 '7' is 'wb-0' already"):
        compile_directory(with_terminals("7", "7"))


def paths(value, path=()):
    yield path
    if isinstance(value, dict | list):
        keys = value if isinstance(value, dict) else range(len(value))
        for key in keys:
            yield from paths(value[key], (*path, key))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.sampled_from([p for p in paths(GOOD) if p]), json_values)
def test_any_value_anywhere_is_taken_or_refused(path, value):
    with suppress(DirectoryError):  # nothing else may come out
        compile_directory(changed(path, value))


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(body):
    with pytest.raises(DirectoryError):
        compile_directory(body)
