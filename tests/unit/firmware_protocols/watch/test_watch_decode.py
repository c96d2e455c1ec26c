"""What single values mean, and what is refused."""

import pytest

from firmware_protocols.catalog import CODECS
from firmware_protocols.codec import Context
from firmware_protocols.errors import (
    FieldError,
    LengthError,
    OversizedError,
    ProfileError,
    SyntaxDecodeError,
)
from firmware_protocols.message import Heartbeat, Report
from firmware_protocols.watch.frame import build_frame


def frame(content):
    return build_frame("3G", "8826264401", "", content.encode())


def body(**changed):
    fields = {
        "date": "261121", "time": "010203", "validity": "A", "lat": "30.2741", "ns": "N",
        "lon": "120.1551", "ew": "E", "speed": "36", "course": "90", "alt": "12", "sats": "9",
        "signal": "80", "battery": "60", "steps": "100", "tumbles": "0", "status": "00000000",
    }  # fmt: skip
    return ",".join((fields | changed).values())


def location(word="UD", tail=",0,0,5.5", profile="", offset=None, **changed):
    decode = CODECS["watch"].open(Context(profile=profile, utc_offset_min=offset))
    (message,) = decode(frame(f"{word},{body(**changed)}{tail}"))
    return message


def one(content, **context):
    (message,) = CODECS["watch"].open(Context(**context))(frame(content))
    return message


def test_every_alarm_bit_is_kept_not_only_the_first():
    # Bits 14 and 16 to 21; bit 0 is a low battery as a state.
    report = location("AL", status="003F4001")
    assert report.alarms == (
        *("power_cut", "sos", "low_battery", "fence_exit", "fence_enter", "removed", "fall"),
    )


def test_the_alarms_of_any_position_are_kept():
    assert location("UD", status="00110000").alarms == ("sos", "removed")


def test_an_alarm_frame_without_an_alarm_bit_is_an_alarm_all_the_same():
    assert location("AL").alarms == ("general",)
    assert location("AL", status="00000002").alarms == ("fence_exit",)
    assert location("AL", status="00000004").alarms == ("fence_enter",)


def test_a_state_of_the_fence_is_no_alarm_of_an_ordinary_position():
    report = location("UD", status="00000006")
    assert report.alarms == ()
    assert report.extra["states"] == ["outside_fence", "inside_fence"]


def test_a_profile_says_what_a_bit_means():
    assert location("AL", status="00400000").alarms == ("fall",)
    assert location("AL", status="00400000", profile="4p-touch").alarms == ("heart_rate",)
    assert location(status="10", profile="4p-touch").extra["states"] == ["still"]


def test_blind_spot_data_is_backlog_and_keeps_the_number_of_the_live_report():
    live, late = location("UD"), location("UD2")
    assert (live.backlog, late.backlog) == (False, True)
    assert live.seq == late.seq
    assert location("AL").seq != live.seq


def test_units_become_ours():
    report = location()
    assert (report.speed_mps, report.heading_deg, report.accuracy_m) == (10.0, 90.0, 5.5)
    assert (report.longitude_deg, report.latitude_deg) == (120.1551, 30.2741)
    assert report.fix_time_ms == 1_637_888_523_000


def test_the_clocks_offset_comes_from_the_profile_or_from_the_registry_that_knows_better():
    utc = location().fix_time_ms
    assert location(profile="beijing-time").fix_time_ms == utc - 8 * 3_600_000
    assert location(profile="beijing-time", offset=60).fix_time_ms == utc - 3_600_000
    assert location(profile="beijing-time", offset=0).fix_time_ms == utc


@pytest.mark.parametrize(
    ("changed", "longitude_deg", "is_flagged"),
    [
        ({"ew": "W"}, -120.1551, False),
        ({"ew": "W", "lon": "-120.1551"}, -120.1551, False),
        ({"ew": ""}, 120.1551, True),
        ({"ew": "E", "lon": "-120.1551"}, -120.1551, True),
        ({"lon": " 120.1551"}, 120.1551, False),
    ],
)
def test_the_hemisphere_is_letter_or_sign(changed, longitude_deg, is_flagged):
    report = location(**changed)
    assert report.longitude_deg == longitude_deg
    assert ("hemisphere" in report.extra.get("tolerated", [])) is is_flagged


def test_an_accuracy_of_zero_and_an_empty_value_are_not_told():
    report = location(tail=",0,0,0.0", course="", steps="")
    assert (report.accuracy_m, report.heading_deg, report.steps) == (None, None, None)


def test_a_battery_or_course_beyond_its_range_is_kept_as_it_came():
    report = location(battery="255", course="400")
    assert (report.battery_pct, report.heading_deg) == (None, None)
    assert (report.extra["battery_raw"], report.extra["course_raw"]) == ("255", "400")


@pytest.mark.parametrize(
    ("tail", "told"),
    [
        (",0,1,0,0,,10", {"unknown": b"10".hex()}),
        (",0,1,,,,00", {"unknown": b"00".hex()}),
        (",0,0", {}),
        ("", {}),
        (",0,1,net,aa:bb:cc:dd:ee:ff,-60,7",
         {"wifi": [{"ssid": "net", "mac": "aa:bb:cc:dd:ee:ff", "rssi_dbm": -60}]}),
        (",0,1,a,b,aa:bb:cc:dd:ee:ff,-60,7",
         {"wifi": [{"ssid": "a,b", "mac": "aa:bb:cc:dd:ee:ff", "rssi_dbm": -60}]}),
        (",0,255,460,0,1,net,aa:bb:cc:dd:ee:ff,-60,7",
         {"wifi": [{"ssid": "net", "mac": "aa:bb:cc:dd:ee:ff", "rssi_dbm": -60}]}),
        (",0,0,460,0,1,net,aa:bb:cc:dd:ee:ff,-60,7",
         {"wifi": [{"ssid": "net", "mac": "aa:bb:cc:dd:ee:ff", "rssi_dbm": -60}]}),
        (",1,1,FFFF,FFFF,FFFE,3B882A2,132,,00",
         {"timing_advance": 1, "cells": [{"lac": 0xFFFE, "cid": 0x3B882A2, "signal": 132}],
          "unknown": b"00".hex()}),
        (",2,0,460,1,9529,A0,15,10,20,7,0,0",
         {"timing_advance": 0, "cells": [
             {"mcc": 460, "mnc": 1, "lac": 0x9529, "cid": 0xA0, "signal": 15},
             {"mcc": 460, "mnc": 1, "lac": 0x10, "cid": 0x20, "signal": 7}]}),
        (",nonsense,1", {"unknown": b"nonsense,1".hex()}),
        (",3,0,460,1,1", {"unknown": b"3,0,460,1,1".hex()}),
    ],
)  # fmt: skip
def test_the_tail_is_read_in_all_its_forms_and_what_is_not_understood_is_kept(tail, told):
    extra = location(tail=tail).extra
    names = ("cells", "wifi", "timing_advance", "unknown")
    assert {name: extra[name] for name in names if name in extra} == told


@pytest.mark.parametrize(
    "changed",
    [
        {"date": "321121"},
        {"date": "26112"},
        {"time": "256060"},
        {"validity": "X"},
        {"lat": "90.1"},
        {"lon": "180.1"},
        {"lat": ""},
        {"ns": "E"},
        {"speed": "fast"},
        {"sats": "-1"},
        {"status": "xyz"},
    ],
)
def test_a_position_with_an_impossible_value_is_refused(changed):
    with pytest.raises(FieldError) as caught:
        location(**changed)
    assert caught.value.frame.startswith(b"[3G*")


def test_a_call_for_help_before_the_clock_is_set_is_heard():
    message = location("AL", date="000000", time="000000", status="00010000")
    assert isinstance(message, Heartbeat)
    assert (message.alarms, message.battery_pct) == (("sos",), 60)
    assert "000000" in message.extra["fault"]
    assert one("AL").alarms == ("general",)


def test_a_wrong_length_is_flagged_and_in_the_strict_profile_refused():
    wrong = b"[SG*8826264401*0009*LK,0,100]"
    (message,) = CODECS["watch"].open(Context())(wrong)
    assert message.extra["tolerated"] == ["length"]
    with pytest.raises(LengthError) as caught:
        CODECS["watch"].open(Context(profile="strict"))(wrong)
    assert (caught.value.frame, caught.value.offset) == (wrong, 15)


def test_a_length_counted_before_escaping_is_right_too():
    sound = b"#!AMR}\x01}\x05"
    for length in (b"000C", b"000A"):
        (media,) = CODECS["watch"].open(Context())(
            b"[CS*8826264401*" + length + b"*TK," + sound + b"]"
        )
        assert media.payload == b"#!AMR}*"
        assert "tolerated" not in media.extra


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        (b"", SyntaxDecodeError),
        (b"LK", SyntaxDecodeError),
        (b"[3G*8826264401*0002*LK", SyntaxDecodeError),
        (b"[LK]", SyntaxDecodeError),
        (b"[3G*8826264401*02*LK]", SyntaxDecodeError),
        (b"x" * ((1 << 20) + 1), OversizedError),
    ],
)
def test_what_is_no_frame_is_refused_by_its_kind(payload, error):
    with pytest.raises(error):
        CODECS["watch"].open(Context())(payload)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("heart,71", {"heart_rate_bpm": 71}),
        ("heart,0", {}),
        ("PULSE,72", {"heart_rate_bpm": 72}),
        ("BLOOD,109,68", {"systolic_mmhg": 109, "diastolic_mmhg": 68}),
        (
            "bphrt,120,0,73,,,,",
            {"systolic_mmhg": 120, "heart_rate_bpm": 73},
        ),
        ("oxygen,0,96", {"spo2_pct": 96}),
        ("TEMP,36.5", {"body_temperature_c": 36.5}),
        ("btemp2,1,35.29", {"body_temperature_c": 35.29}),
        ("btemp2,1,1", {}),
        ("btemp2,1,hot", {}),
    ],
)
def test_vitals_without_a_time_are_a_heartbeat(content, told):
    message = one(content)
    assert isinstance(message, Heartbeat)
    measures = {k: v for k, v in message.extra.items() if k not in ("message", "maker", "values")}
    assert measures == told
    assert message.extra["values"] == content.split(",")[1:]


def test_the_frames_number_is_the_device_unless_the_registry_names_it():
    assert one("LK").device == "8826264401"
    assert one("LK", device="wb-7").device == "wb-7"
    assert isinstance(location(), Report)


def test_a_profile_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(ProfileError, match="strict"):
        CODECS["watch"].open(Context(profile="nobody"))


def test_a_content_that_nobody_knows_is_kept_whole():
    message = one("PPX,1,[a],}b")
    assert (message.message, message.payload) == ("PPX", b"1,[a],}b")
