"""Alarms by number and model, answers, and what tells a variant."""

import pytest

from firmware_protocols.alarm import ALARM_BITS
from firmware_protocols.gt06 import alarms as tables
from firmware_protocols.gt06.profiles import PROFILES
from firmware_protocols.identity import content_seq
from tests.oracles.gt06_frame import long_frame, short_frame
from tests.unit.firmware_protocols.gt06.gt06_vectors import (
    FIX_BLOCK,
    decode,
    frame_of,
)

CELL = bytes.fromhex("09" + "01cc005a0100c3f2")


def alarm_frame(status, code):
    return short_frame(0x26, FIX_BLOCK + CELL + bytes((status, 6, 4, code, 2)), 1)


@pytest.mark.parametrize(
    ("code", "profile", "alarm"),
    [
        (0x01, "", "sos"),
        (0x02, "", "power_cut"),
        (0x03, "", "vibration"),
        (0x04, "", "fence_enter"),
        (0x05, "", "fence_exit"),
        (0x06, "", "overspeed"),
        (0x09, "", "vibration"),
        (0x09, "VL103", "stolen"),
        (0x0C, "", "case"),
        (0x0E, "", "low_battery"),
        (0x0F, "", "low_battery"),
        (0x11, "", "power_off"),
        (0x13, "", "case"),
        (0x14, "", "door"),
        (0x18, "", "removed"),
        (0x18, "LW4G", "collision"),
        (0x19, "", "low_battery"),
        (0x19, "LW4G-4B", "acceleration"),
        (0x23, "", "fall"),
        (0x25, "", "case"),
        (0x26, "", "acceleration"),
        (0x27, "", "braking"),
        (0x28, "", "braking"),
        (0x28, "SEEWORLD", "cornering"),
        (0x28, "G18", "power_off"),
        (0x29, "", "acceleration"),
        (0x29, "SEEWORLD", "collision"),
        (0x2A, "", "cornering"),
        (0x2C, "", "collision"),
        (0x30, "", "jamming"),
        (0x30, "LL303", "braking"),
        (0x32, "", "case"),
        (0x33, "", "general"),
        (0xF0, "", "acceleration"),
    ],
)
def test_an_alarm_number_means_what_the_model_means_by_it(code, profile, alarm):
    (report,) = decode(alarm_frame(0x40, code), profile=profile)
    assert report.alarms == (alarm,)
    assert report.extra["alarm_code"] == code


@pytest.mark.parametrize(
    ("bits", "alarms"),
    [
        (0, ()),
        (1, ("vibration",)),
        (2, ("power_cut",)),
        (3, ("low_battery",)),
        (4, ("sos",)),
        (5, ()),
        (6, ("fence",)),
        (7, ("removed",)),
    ],
)
def test_the_alarm_bits_of_the_terminal_information_are_heard_in_every_message(bits, alarms):
    status = 0x41 | bits << 3
    (report,) = decode(alarm_frame(status, 0))
    (beat,) = decode(short_frame(0x13, bytes((status, 6, 4, 0, 2)), 1))
    assert report.alarms == beat.alarms == alarms


def test_all_alarms_of_a_frame_are_kept_each_once():
    (report,) = decode(alarm_frame(0x40 | 7 << 3, 0x01))
    assert report.alarms == ("sos", "removed")
    (report,) = decode(alarm_frame(0x40 | 4 << 3, 0x01))
    assert report.alarms == ("sos",)


def test_a_number_that_nobody_knows_is_no_alarm_but_kept():
    (report,) = decode(alarm_frame(0x40, 0xFE))
    assert report.alarms == ()
    assert report.extra["alarm_code"] == 0xFE


def test_every_name_in_the_tables_is_in_the_vocabulary():
    names = set()
    for table in vars(tables).values():
        if isinstance(table, dict) and all(isinstance(key, int) for key in table):
            names |= set(table.values())
    for profile in PROFILES.values():
        names |= set(profile.alarm_codes.values())
        assert profile.source
    assert names
    assert names <= set(ALARM_BITS)


def test_the_sequence_number_is_that_of_type_and_body_not_of_the_serial():
    body = FIX_BLOCK + CELL[1:]
    (first,) = decode(short_frame(0x12, body, 1))
    (again,) = decode(short_frame(0x12, body, 2))
    (other,) = decode(short_frame(0x22, body, 1))
    assert (first.boot, first.seq) == (0, content_seq(b"\x12" + body))
    assert again.seq == first.seq
    assert other.seq != first.seq


@pytest.mark.parametrize(
    ("text", "ok"),
    [("Success!", True), ("OK", True), ("RESET FAIL", False), ("not running", False), ("x", None)],
)
def test_an_answer_says_yes_or_no_or_neither(text, ok):
    frame = long_frame(0x21, bytes(4) + b"\x01" + text.encode(), 1)
    assert decode(frame)[0].ok is ok


def test_a_place_off_the_globe_in_an_answer_is_no_fix():
    text = (
        b"Current position!Lat:N91.0,Lon:E120.1,Course:0.0,Speed:0.0,DateTime:2026-11-22 01:02:03"
    )
    assert len(decode(long_frame(0x21, bytes(4) + b"\x01" + text, 1))) == 1


@pytest.mark.parametrize(
    ("name", "profile"),
    [("22-nt", "NT20"), ("25-nt-driver", "XT40"), ("12-qh302r", "QH302R")],
)
def test_a_variant_is_the_same_by_its_shape_and_by_its_model(name, profile):
    assert decode(frame_of(name), profile=profile) == decode(frame_of(name))


@pytest.mark.parametrize(
    ("name", "profile", "volts"),
    [("status-13-seeworld", "SEEWORLD", 11), ("status-13-r11", "R11", 28.34)],
)
def test_a_variant_without_a_shape_of_its_own_needs_its_model(name, profile, volts):
    (beat,) = decode(frame_of(name), profile=profile)
    assert beat.extra["supply_v"] == volts
    (other,) = decode(frame_of(name))
    assert "supply_v" not in other.extra
