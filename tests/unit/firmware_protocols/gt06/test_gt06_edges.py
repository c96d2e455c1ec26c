"""The last value on either side of each bound of a GT06 body."""

import pytest

from firmware_protocols.command import Command
from firmware_protocols.dialogue import Admission
from firmware_protocols.gt06.codec import GT06
from firmware_protocols.gt06.decode import StreamDecoder
from firmware_protocols.gt06.encode import encode
from firmware_protocols.gt06.profiles import STANDARD
from firmware_protocols.message import Login, Reply
from tests.oracles.gt06_frame import long_frame, short_frame
from tests.unit.firmware_protocols.gt06.gt06_vectors import (
    FIX_BLOCK,
    FIX_TIME_MS,
    decode,
    frame_of,
)

CLOCK = FIX_BLOCK[:6]
SOS = Command(id="c-1", name="locate")


def placed(latitude_raw, longitude_raw, flags):
    block = CLOCK + b"\xc9" + latitude_raw.to_bytes(4, "big") + longitude_raw.to_bytes(4, "big")
    return decode(short_frame(0x10, block + b"\x24" + flags.to_bytes(2, "big"), 1))[0]


def test_the_pole_and_the_date_line_are_on_the_globe():
    fix = placed(90 * 1_800_000, 180 * 1_800_000, 0x1400)
    assert (fix.latitude_deg, fix.longitude_deg) == (90.0, 180.0)


@pytest.mark.parametrize(
    ("latitude_raw", "longitude_raw"),
    [(90 * 1_800_000 + 1, 0), (0, 180 * 1_800_000 + 1)],
)
def test_one_step_beyond_is_off_the_globe(latitude_raw, longitude_raw):
    status = placed(latitude_raw, longitude_raw, 0x1400)
    assert status.kind == "status"
    assert status.longitude_deg is None
    assert "position" in status.extra["unknown"]


@pytest.mark.parametrize(("course", "heading_deg"), [(359, 359.0), (360, 0.0), (361, None)])
def test_a_course_of_360_is_north_and_beyond_it_none(course, heading_deg):
    assert placed(0, 0, 0x1400 | course).heading_deg == heading_deg


@pytest.mark.parametrize("bit", range(16))
def test_each_flag_of_the_course_says_one_thing(bit):
    fix = placed(1_800_000, 1_800_000, 1 << bit)
    assert fix.heading_deg == {9: None}.get(bit, float(1 << bit) if bit < 9 else 0.0)  # 512 is none
    assert (fix.latitude_deg > 0) == (bit == 10)
    assert (fix.longitude_deg < 0) == (bit == 11)
    assert fix.valid == (bit == 12)
    assert ("differential" in fix.extra) == (bit == 13)
    assert ("ignition" in fix.extra) == (bit == 14)


def test_a_module_fix_without_a_time_takes_that_of_the_sending():
    body = bytes.fromhex("00330012" + "00" * 18 + "002c0004") + (FIX_TIME_MS // 1_000).to_bytes(4)
    (fix,) = decode(long_frame(0x70, body, 1))
    assert (fix.kind, fix.valid, fix.fix_time_ms) == ("fix", False, FIX_TIME_MS)


def test_a_charge_above_100_percent_is_kept_raw():
    body = bytes.fromhex("4605040002" + "006a01" + "65")
    (beat,) = decode(short_frame(0x36, body, 1))
    assert (beat.battery_pct, beat.extra["battery_raw"]) == (None, 101)


@pytest.mark.parametrize(
    ("message", "before", "after"),
    [
        (0x13, "30802b0000", "42014f0008720000802b"),
        (0x13, "40b2fa0002", "040000000000011c"),
        (0xA3, "00000005321e02000100000258", "0001000600"),
    ],
    ids=["obd6_long", "obd6_temperature", "seeworld_steps"],
)
def test_six_percent_of_a_form_without_levels_is_no_full_battery(message, before, after):
    body = bytes.fromhex(before) + b"\x06" + bytes.fromhex(after)
    (beat,) = decode(short_frame(message, body, 1))
    assert beat.battery_pct == 6
    assert encode(beat, serial=1) == short_frame(message, body, 1)


def test_camera_numbers_are_not_those_of_the_model():
    body = CLOCK + bytes.fromhex("90")
    (status,) = decode(short_frame(0x95, body, 1), profile="SEEWORLD")
    assert status.alarms == ("acceleration",)
    # 0x28 is a number of SeeWorld's alarm byte, not of cameras.
    assert decode(short_frame(0x95, CLOCK + b"\x28", 1), profile="SEEWORLD")[0].alarms == ()


@pytest.mark.parametrize(
    ("zone", "utc_offset_min"),
    [("5780", 840), ("5788", -840), ("5dc0", None), ("03b0", 59), ("03c0", None)],
)
def test_a_zone_beyond_14_hours_or_59_minutes_is_not_believed(zone, utc_offset_min):
    body = bytes.fromhex("0866000012345678" + "3604" + zone)
    (login,) = decode(short_frame(0x01, body, 1))
    assert login.utc_offset_min == utc_offset_min
    assert ("utc_offset_hhmm" in login.extra) == (utc_offset_min is None)


def test_among_the_logins_of_two_terminals_nobody_knows_whose_a_frame_is():
    decoder = StreamDecoder(STANDARD)
    first, zoned = frame_of("login"), frame_of("login-type-and-zone-east-8")
    other = short_frame(0x01, bytes.fromhex("0866000087654321"), 5)
    fix = frame_of("gps-lbs-12")
    decoder.decode(first + zoned)
    (known,) = decoder.decode(fix)
    assert (known.device, known.fix_time_ms) == ("866000012345678", FIX_TIME_MS - 8 * 3_600_000)
    for login in (other, zoned):
        decoder.decode(login)
        (unknown,) = decoder.decode(fix)
        assert (unknown.device, unknown.fix_time_ms) == ("", FIX_TIME_MS)


def test_a_login_names_the_frames_behind_it_when_nobody_else_does():
    messages = decode(frame_of("login") + frame_of("gps-lbs-12"))
    assert [message.device for message in messages] == ["866000012345678"] * 2
    messages = decode(frame_of("login") + frame_of("gps-lbs-12"), device="wb-1")
    assert [message.device for message in messages] == ["wb-1"] * 2
    assert isinstance(messages[0], Login)


def test_the_time_in_the_words_of_an_answer_is_of_the_devices_zone():
    (_, fix) = decode(frame_of("answer-21-place"), utc_offset_min=480)
    assert fix.fix_time_ms == FIX_TIME_MS - 8 * 3_600_000


def test_a_module_that_comes_twice_is_kept_twice():
    body = bytes.fromhex("77770001aa" + "77770001bb" + "002c0004") + (1).to_bytes(4)
    (status,) = decode(long_frame(0x70, body, 1))
    assert status.extra["unknown"] == {"module_7777": "aa", "module_7777_2": "bb"}
    assert decode(encode(status))[0].extra == status.extra


def test_a_cell_of_zeros_is_no_cell():
    assert "cells" not in decode(short_frame(0x12, FIX_BLOCK + bytes(8), 1))[0].extra


def test_a_cell_length_that_lies_does_not_eat_the_alarms():
    # 12 would be three bytes more than a narrow cell; the state behind it has only five.
    body = FIX_BLOCK + bytes.fromhex("0c" + "01cc005a0100c3f2" + "4006040102")
    (report,) = decode(short_frame(0x26, body, 1))
    assert report.alarms == ("sos",)


def test_a_language_of_ff_is_none_and_no_part_of_the_number():
    body = FIX_BLOCK + bytes.fromhex("09" + "01cc005a0100c3f2" + "40060401ff" + "03")
    (report,) = decode(short_frame(0x27, body, 1))
    assert (report.alarms, report.extra["alarm_code"]) == (("sos",), 1)


@pytest.mark.parametrize("interval_s", [5, 18_000])
def test_the_shortest_and_the_longest_interval_are_taken(interval_s):
    dialogue = GT06.dialogue()
    sent = dialogue.command(Command(id="c-1", name="set_interval", interval_s=interval_s))
    assert f"TIMER,{interval_s},{interval_s}#".encode() in sent.data


def test_of_many_open_commands_the_oldest_are_forgotten():
    dialogue = GT06.dialogue()
    dialogue.take(frame_of("login"), 0, lambda _login: Admission(device="wb-1"))
    keys = [dialogue.command(SOS).key for _ in range(20)]
    answer = encode(Reply(device="", to="00000000", text="OK"))
    heard = [dialogue.take(answer, 0, lambda _login: None).messages[0].to for _ in range(17)]
    assert heard == [*keys[4:], "00000000"]


@pytest.mark.parametrize("is_long", [False, True])
@pytest.mark.parametrize("message", [0x80, 0x81, 0x82, 0x84])
def test_a_command_type_that_comes_up_is_not_answered(message, is_long):
    dialogue = GT06.dialogue()
    dialogue.take(frame_of("login"), 0, lambda _login: Admission(device="wb-1"))
    frame = (long_frame if is_long else short_frame)(message, b"\x00", 7)
    turn = dialogue.take(frame, 0, lambda _login: None)
    is_answered = message == 0x84 and not is_long
    assert turn.after_commit == (short_frame(0x84, b"", 7) if is_answered else b"")
    assert turn.payload == frame
    assert StreamDecoder(STANDARD, device="wb-1").decode(frame) == list(turn.messages)
