"""Every record that can be written is read as it was; the others are refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocols.alarm import alarms_to_mask, mask_to_alarms
from firmware_protocols.errors import FieldError
from firmware_protocols.gt06 import alarms as tables
from firmware_protocols.gt06.encode import encode
from firmware_protocols.gt06.profiles import STANDARD
from firmware_protocols.message import Heartbeat, Login, Media, Reply, Report, Request, Unknown
from tests.unit.firmware_protocols.gt06.gt06_vectors import (
    FIX_TIME_MS,
    decode,
    frame_of,
)

SECONDS = st.integers(946_771_200, 4_102_358_399).map(lambda seconds: seconds * 1_000)
ALARMS = st.sampled_from(sorted({*tables.ALARM_CODES.values()}))


def grid(limit):
    top = limit * 1_800_000
    return st.integers(-top, top).map(lambda raw: round(raw / 1_800_000, 7) + 0.0)


@st.composite
def fixes(draw):
    return Report(
        device="",
        kind="fix",
        fix_time_ms=draw(SECONDS),
        boot=0,
        seq=0,
        valid=draw(st.booleans()),
        longitude_deg=draw(grid(180)),
        latitude_deg=draw(grid(90)),
        datum="WGS84",
        speed_mps=draw(st.integers(0, 255)) / 3.6,
        heading_deg=float(draw(st.integers(0, 359))),
        satellites=draw(st.integers(0, 15)),
    )


def said(report):
    """Return the fields that the record had before it was written."""
    names = ("kind", "fix_time_ms", "valid", "longitude_deg", "latitude_deg", "datum", "speed_mps")
    return [getattr(report, name) for name in (*names, "heading_deg", "satellites", "alarms")]


@given(
    fixes(),
    st.sampled_from([-720, -210, 0, 345, 480, 840]),
    st.lists(ALARMS, max_size=1).map(tuple),
    st.sampled_from([("SOS-less", ""), ("removed", "removed"), ("fence", "fence")]),
)
@settings(max_examples=300, deadline=None)
def test_a_fix_with_alarms_is_read_as_it_was_written(fix, utc_offset_min, first, second):
    alarms = mask_to_alarms(alarms_to_mask({*first, second[1]} - {""}))
    fix = Report(
        **{name: getattr(fix, name) for name in fix.__struct_fields__} | {"alarms": alarms}
    )
    frame = encode(fix, serial=9, utc_offset_min=utc_offset_min)
    (again,) = decode(frame, utc_offset_min=utc_offset_min)
    assert said(again) == said(fix)
    assert again.extra["message"] == ("0x26" if alarms else "0x22")


def test_an_alarm_that_only_the_number_can_say_takes_it():
    beat = Heartbeat(device="", alarms=("low_battery", "door"))
    (again,) = decode(encode(beat))
    assert again.alarms == ("low_battery", "door")


def test_more_alarms_than_a_frame_has_places_for_are_refused():
    (fix,) = decode(frame_of("gps-lbs-12"))
    report = Report(
        device="",
        kind="fix",
        fix_time_ms=FIX_TIME_MS,
        boot=0,
        seq=0,
        longitude_deg=fix.longitude_deg,
        latitude_deg=fix.latitude_deg,
        datum="WGS84",
        alarms=("sos", "case", "door"),
    )
    with pytest.raises(FieldError, match="door"):
        encode(report)
    with pytest.raises(FieldError, match="0x12"):
        encode(Heartbeat(device="", alarms=("sos",), extra={"message": "0x12"}))


@given(
    st.integers(7, 100),
    st.sampled_from([(), ("removed",), ("sos",), ("low_battery", "vibration")]),
    st.integers(0, 255),
)
@settings(max_examples=100, deadline=None)
def test_a_heartbeat_is_read_as_it_was_written(battery_pct, alarms, signal):
    names = mask_to_alarms(alarms_to_mask(alarms))
    beat = Heartbeat(device="", battery_pct=battery_pct, alarms=names, extra={"signal": signal})
    (again,) = decode(encode(beat))
    assert (again.battery_pct, again.alarms) == (battery_pct, names)
    assert again.extra["signal"] == signal


@pytest.mark.parametrize("percent", [1, 6])
def test_a_charge_that_would_be_read_as_a_level_is_written_as_the_lowest(percent):
    (again,) = decode(encode(Heartbeat(device="", battery_pct=percent)))
    assert again.battery_pct == 0


@given(
    st.from_regex(r"[0-9]{14}[1-9]", fullmatch=True),
    st.none() | st.integers(-14 * 60, 14 * 60),
)
@settings(max_examples=200, deadline=None)
def test_a_login_is_read_as_it_was_written(imei, utc_offset_min):
    login = Login(
        device=imei, step="login", terminal=imei, imei=imei, utc_offset_min=utc_offset_min
    )
    (again,) = decode(encode(login))
    assert (again.terminal, again.imei, again.device) == (imei, imei, imei)
    assert again.utc_offset_min == utc_offset_min


@given(
    st.integers(0, 2**32 - 1).map(lambda flag: f"{flag:08x}"),
    st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=200).filter(
        lambda text: not text.endswith("\0") and "Current" not in text
    ),
)
@settings(max_examples=200, deadline=None)
def test_an_answer_is_read_as_it_was_written(to, text):
    (again,) = decode(encode(Reply(device="", to=to, text=text)))
    assert (again.to, again.text) == (to, text)


@given(st.text(max_size=100), st.integers(0, 2**32 - 1))
@settings(max_examples=200, deadline=None)
def test_a_long_answer_takes_any_character(text, flag):
    extra = {"message": "0x21", "long_form": True, "encoding": 2}
    (again,) = decode(encode(Reply(device="", to=f"{flag:08x}", text=text, extra=extra)))
    assert again.text == text


@given(st.binary(max_size=200), st.booleans())
@settings(max_examples=100, deadline=None)
def test_an_unknown_message_keeps_every_byte(payload, is_long):
    unknown = Unknown(
        device="",
        message="0xfd",
        payload=payload,
        extra={"long_form": True} if is_long else {},
    )
    assert decode(encode(unknown)) == [unknown]


def test_a_request_and_a_picture_are_read_as_they_were_written():
    assert decode(encode(Request(device="", request="time"))) == [
        Request(device="", request="time")
    ]
    part = Media(
        device="",
        media="77",
        media_type="image",
        payload=b"\xff\xd8",
        extra={"offset_bytes": 0, "part_bytes": 2, "message": "0x36", "long_form": True},
    )
    assert decode(encode(part)) == [part]


@pytest.mark.parametrize(
    "message",
    [
        Login(device="", step="login", terminal="12"),
        Login(device="", step="login", terminal="866000012345678", utc_offset_min=900),
        Heartbeat(device="", extra={"message": "0xee"}),
        Heartbeat(device="", extra={"message": "no-number"}),
        Heartbeat(device="", extra={"signal": 256}),
        Heartbeat(device="", battery_pct=101),
        Heartbeat(device="", extra={"unknown": {"tail": "zz"}}),
        Reply(device="", to="c-1", text=""),
        Reply(device="", to="1", text="\u4e2d"),
        Request(device="", request="address"),
        Unknown(device="", message="0x100", payload=b""),
        Media(device="", media="a", media_type="image", extra={"message": "0x35"}),
        Report(device="", kind="status", fix_time_ms=0, boot=0, seq=0),
    ],
    ids=lambda message: type(message).__name__,
)
def test_a_record_that_does_not_fit_is_refused(message):
    with pytest.raises(FieldError):
        encode(message, profile=STANDARD)
