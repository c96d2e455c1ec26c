"""Whose terminals are told: on duty, else what officers carry there, else the level above."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from gateway.directory.snapshot import compile_directory, to_ms
from gateway.errors import DirectoryError
from gateway.local_alerts.on_duty import recipients, stations

GOLDEN = Path(__file__).parents[3] / "vectors" / "uplink" / "directory-duty.json"


def directory(**change):
    return compile_directory(json.dumps(json.loads(GOLDEN.read_text()) | change).encode())


def at(clock):
    return to_ms(datetime.fromisoformat(f"2026-11-{clock}:00Z"))


@pytest.mark.parametrize(
    ("clock", "told"),
    [("22T00:00", "ot-0001"), ("22T07:59", "ot-0001"), ("22T08:00", "ot-0002")],
)
def test_a_shift_holds_from_its_begin_to_before_its_end(clock, told):
    assert stations(directory(), "office-1", at(clock)) == [[told], ["ot-0009"]]


def test_where_the_rota_has_nobody_all_terminals_of_the_place_are_told():
    carried = [["ot-0001", "ot-0002"], ["ot-0009"]]
    assert stations(directory(), "office-1", at("22T16:00")) == carried


def test_a_place_without_terminals_is_passed_over():
    assert stations(directory(bindings=[]), "office-1", at("22T16:00")) == []
    only_above = directory(on_duty=[], bindings=json.loads(GOLDEN.read_text())["bindings"][2:])
    assert stations(only_above, "office-1", at("22T16:00")) == [["ot-0009"]]


def test_a_circle_of_organisations_ends():
    circle = [{"org": "office-1", "above": "county-a"}, {"org": "county-a", "above": "office-1"}]
    assert len(stations(directory(above=circle), "office-1", at("22T00:00"))) == 2


def test_what_nobody_has_seen_climbs_after_every_fourth_try():
    levels = [["a"], ["b", "a"], ["c"]]
    told = [recipients(levels, tries) for tries in (0, 3, 4, 7, 8, 99)]
    assert told == [["a"], ["a"], ["a", "b"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c"]]


@pytest.mark.parametrize("device", ["ot-9999", "wb-000001"])
def test_who_is_on_duty_needs_a_terminal_of_the_directory(device):
    body = json.loads(GOLDEN.read_text())
    body["devices"].append(body["devices"][0] | {"device": "wb-000001", "kind": "wristband"})
    body["on_duty"][1]["device"] = device
    with pytest.raises(DirectoryError, match=r"on_duty\[1\]\.device"):
        compile_directory(json.dumps(body).encode())
