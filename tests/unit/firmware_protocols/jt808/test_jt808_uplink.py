"""What terminals send: written and read, in parts, in batches, and any bytes at all."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocols.catalog import CODECS
from firmware_protocols.codec import Context
from firmware_protocols.errors import DecodeError, LengthError, ProfileError
from firmware_protocols.jt808.address import address_of
from firmware_protocols.jt808.header import build_frame, build_frames, parse_frame
from firmware_protocols.jt808.profiles import PROFILES
from firmware_protocols.jt808.uplink_write import (
    encode_batch,
    encode_location_answer,
    encode_media,
    encode_message,
)
from firmware_protocols.message import Heartbeat, Login, Logout, Media, Reply, Report, Unknown
from tests.unit.firmware_protocols.jt808.uplink_messages import DEVICE, messages, reports

_OLD = address_of(DEVICE)
_NEW = address_of(DEVICE, version=1)
_ADDRESSES = st.sampled_from([_OLD, _NEW])
_IDS = st.sampled_from(
    [1, 2, 3, 4, 5, 0x100, 0x102, 0x104, 0x107, 0x109, 0x200, 0x201, 0x210, 0x704, 0x800, 0x801]
)


def decode(*frames, profile="", device="", utc_offset_min=None):
    context = Context(profile=profile, device=device, utc_offset_min=utc_offset_min)
    return CODECS["jt808"].open(context)(b"".join(frames))


def unnumbered(report):
    return msgspec.structs.replace(report, seq=0)


def a_report(**changes):
    said = {
        "device": DEVICE,
        "kind": "fix",
        "fix_time_ms": 1_767_225_600_000,
        "boot": 0,
        "seq": 0,
        "longitude_deg": 113.5,
        "latitude_deg": 22.5,
        "datum": "WGS84",
        "altitude_m": 10,
        "speed_mps": 1.0,
        "heading_deg": 90,
    }
    return Report(**{**said, **changes})


@given(reports(), _ADDRESSES, st.integers(0, 0xFFFF))
def test_a_report_comes_back_from_its_frame(report, address, serial):
    (got,) = decode(*encode_message(report, address, serial))
    assert unnumbered(got) == report


@given(st.booleans().flatmap(lambda new: st.tuples(messages(is_2019=new), st.just(new))))
def test_every_other_message_comes_back_from_its_frames(case):
    message, is_2019 = case
    frames = encode_message(message, _NEW if is_2019 else _OLD, 0xFFFE)
    assert decode(*frames) == [message]


@given(st.lists(reports(backlog=True), min_size=1, max_size=12), _ADDRESSES)
@settings(max_examples=40)
def test_a_batch_of_the_blind_area_comes_back_as_backlog(held, address):
    frames = encode_batch(held, address, 9, is_blind_area=True)
    assert [unnumbered(got) for got in decode(*frames)] == held


def test_a_usual_batch_is_no_backlog():
    (got,) = decode(*encode_batch([a_report()], _OLD, 1, is_blind_area=False))
    assert not got.backlog


def test_a_report_has_the_same_number_alone_in_a_batch_and_as_an_answer():
    report = a_report()
    (alone,) = decode(*encode_message(report, _OLD, 1))
    (held,) = decode(*encode_batch([report], _OLD, 2, is_blind_area=True))
    reply, asked = decode(*encode_location_answer(report, 17, _OLD, 3))
    assert alone.seq == held.seq == asked.seq
    assert reply == Reply(device=DEVICE, to="8201:17", ok=True)


@given(reports(items=False), st.binary(min_size=1, max_size=40), _ADDRESSES)
def test_a_recording_comes_back_with_where_it_was_made(report, payload, address):
    media = Media(
        device=DEVICE,
        media="7",
        media_type="audio",
        size_bytes=len(payload),
        payload=payload,
        extra={"coding": 2, "event": 1, "channel": 3},
    )
    got, position = decode(*encode_media(media, report, address, 1))
    assert got == media
    assert unnumbered(position) == report


@pytest.mark.parametrize(
    ("profile", "alarms", "more"),
    [
        ("wristband", ("sos", "low_battery", "strap", "removed", "charging"), {"battery_pct": 55}),
        ("padlock", ("removed", "case"), {"battery_pct": 0}),
        ("steps-f8", ("sos",), {"steps": 65_535}),
    ],
)
def test_a_models_alarms_and_items_come_back_under_its_profile(profile, alarms, more):
    report = a_report(alarms=alarms, **more)
    frames = encode_message(report, _OLD, 1, profile=PROFILES[profile])
    (got,) = decode(*frames, profile=profile)
    assert unnumbered(got) == report


def test_one_byte_of_item_06_is_the_charge_and_two_are_the_standards_temperature():
    (fixed,) = encode_message(a_report(), _OLD, 1)
    body = parse_frame(fixed).body
    (charge,) = decode(build_frame(_OLD, 0x0200, 1, body + bytes.fromhex("06013e")))
    assert (charge.battery_pct, charge.extra) == (62, {})
    (load,) = decode(build_frame(_OLD, 0x0200, 1, body + bytes.fromhex("0602003e")))
    assert (load.battery_pct, load.extra) == (None, {"unknown": {"06": "003e"}})


def test_a_bit_that_only_another_profile_names_is_an_alarm_all_the_same():
    report = a_report(alarms=("removed",))
    frames = encode_message(report, _OLD, 1, profile=PROFILES["wristband"])
    (got,) = decode(*frames)
    assert (got.alarms, got.extra) == (("general",), {"alarm_bits_unknown": 1 << 17})


def test_an_encrypted_position_is_gcj02_only_where_a_profile_says_so():
    report = a_report(extra={"states": ("coordinates_encrypted",)}, datum="GCJ02")
    frames = encode_message(report, _OLD, 1, profile=PROFILES["plug-in"])
    assert decode(*frames)[0].datum == "WGS84"
    assert decode(*frames, profile="plug-in")[0].datum == "GCJ02"
    with pytest.raises(ValueError, match="WGS84"):
        encode_message(report, _OLD, 1)


def test_the_clocks_offset_comes_from_the_registry_then_the_profile():
    frames = encode_message(a_report(), _OLD, 1)
    assert decode(*frames)[0].fix_time_ms == 1_767_225_600_000
    assert decode(*frames, utc_offset_min=0)[0].fix_time_ms == 1_767_225_600_000 + 480 * 60_000


def test_the_registrys_device_id_stands_before_the_terminals_number():
    assert decode(build_frame(_OLD, 0x0002, 1), device="band-1") == [Heartbeat(device="band-1")]


def test_a_tail_that_is_no_item_costs_not_the_position():
    body = parse_frame(encode_message(a_report(satellites=9), _OLD, 1)[0]).body
    (got,) = decode(build_frame(_OLD, 0x0200, 1, body + b"\x01\x09\x00"))
    assert got.satellites == 9
    assert got.extra["unknown"] == {"tail": "010900"}


def test_a_batch_that_counts_wrongly_is_refused_unless_its_profile_bears_it():
    body = bytearray(parse_frame(encode_batch([a_report()], _OLD, 1, is_blind_area=True)[0]).body)
    body[1] = 2
    frame = build_frame(_OLD, 0x0704, 1, bytes(body))
    with pytest.raises(LengthError, match="the batch says 2"):
        decode(frame)
    assert len(decode(frame, profile="loose")) == 1


def test_a_lone_part_is_kept_and_the_last_one_gives_the_whole():
    frames = build_frames(_OLD, 0x0900, 5, bytes(1500))
    decoder = CODECS["jt808"].open(Context())
    assert decoder(frames[1]) == [
        Unknown(
            device=DEVICE,
            message="0x0900",
            payload=bytes(477),
            extra={"part": 2, "parts": 2, "serial": 6},
        )
    ]
    assert decoder(frames[0]) == [Unknown(device=DEVICE, message="0x0900", payload=bytes(1500))]


def test_parts_of_two_terminals_in_one_file_do_not_mix():
    one = build_frames(_OLD, 0x0900, 5, b"a" * 1500)
    two = build_frames(address_of("139"), 0x0900, 5, b"b" * 1500)
    got = decode(one[0], two[0], one[1], two[1])
    assert [(said.device, said.payload) for said in got] == [
        (DEVICE, b"a" * 1500),
        ("139", b"b" * 1500),
    ]


def test_an_unknown_profile_is_refused_by_name():
    with pytest.raises(ProfileError, match="has no profile 'x'"):
        CODECS["jt808"].open(Context(profile="x"))


@given(_IDS, st.binary(max_size=120), _ADDRESSES, st.sampled_from(sorted(PROFILES)))
def test_any_body_decodes_or_raises_a_decode_error(message_id, body, address, profile):
    with_items = bytes.fromhex("000000000000000201cdf23407296bdc000000000000261118110121")
    for one in (body, with_items + body):
        try:
            got = decode(build_frame(address, message_id, 1, one), profile=profile)
        except DecodeError:
            continue
        msgspec.json.encode(got)


@given(st.sampled_from([0x5501, 0x5502]), st.binary(max_size=60))
def test_any_vendor_body_decodes_or_raises_a_decode_error(message_id, body):
    fixed = bytes.fromhex("030426071855301644601200930607000000061a00000009")
    for one in (body, fixed + body):
        try:
            decode(build_frame(_OLD, message_id, 1, one))
        except DecodeError:
            continue


@given(st.integers(0, 255), st.binary(max_size=60))
def test_any_item_of_any_id_leaves_the_position_alone(key, value):
    fixed = bytes.fromhex("000000000000000201cdf23407296bdc000000000000261118110121")
    for profile in ("", "aovx", "jc", "battery-e3", "door-16", "steps-f8"):
        body = fixed + bytes((key, len(value))) + value
        (got,) = decode(build_frame(_OLD, 0x0200, 1, body), profile=profile)
        assert (got.longitude_deg, got.latitude_deg) == (120.1551, 30.2741)


@given(st.binary(max_size=200))
def test_any_bytes_decode_or_raise_a_decode_error(data):
    for payload in (data, b"~" + data + b"~", build_frame(_OLD, 2, 1) + data):
        try:
            decode(payload)
        except DecodeError:
            continue


@pytest.mark.parametrize(
    "message",
    [
        a_report(altitude_m=40_000),
        a_report(speed_mps=5_000.0),
        a_report(fix_time_ms=-1),
        a_report(extra={"mileage_m": 1 << 60}),
        Reply(device=DEVICE, to="8103:70000", ok=True),
        Media(device=DEVICE, media="-1", media_type="image"),
        Login(device=DEVICE, step="register", terminal=DEVICE, maker="a maker's name"),
        Logout(device=DEVICE, extra={}),
    ],
    ids=lambda message: type(message).__name__,
)
def test_a_value_that_does_not_fit_is_a_value_error(message):
    serial = 0x1_0000 if isinstance(message, Logout) else 1
    with pytest.raises(ValueError, match=r"fit|outside|takes"):
        encode_message(message, _OLD, serial)


def test_the_page_names_every_profile_and_its_source_is_said():
    page = Path("docs/protocols/jt808.md").read_text(encoding="utf-8")
    for name, profile in PROFILES.items():
        assert f"| `{name}` |" in page
        assert profile.source


def test_the_page_names_only_vectors_that_exist():
    page = Path("docs/protocols/jt808.md").read_text(encoding="utf-8")
    named = page.split("## Known deviations")[1].split("\n\n")[2]
    vectors = Path("tests/vectors/jt808/frames.json").read_text(encoding="utf-8")
    for row in named.splitlines()[2:]:
        for word in row.split("|")[2].split("`")[1::2]:
            assert f'"name": "{word}"' in vectors
