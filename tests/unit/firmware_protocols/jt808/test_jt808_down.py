"""Every down-link of JT/T 808, written and read."""

import contextlib
import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocols.errors import (
    CommandError,
    DecodeError,
    FieldError,
    LengthError,
    UnsupportedError,
)
from firmware_protocols.jt808.address import address_of
from firmware_protocols.jt808.area_rules import Point
from firmware_protocols.jt808.areas import SetPolygon
from firmware_protocols.jt808.control import APPROVED_COMMANDS, SetParameters, ShowText, Track
from firmware_protocols.jt808.down import DOWN_IDS, down_frames, read_down
from firmware_protocols.jt808.header import MAX_BODY_BYTES, parse_frame
from firmware_protocols.jt808.parameters import Parameter
from firmware_protocols.jt808.replies import MediaReply, PlatformReply, ResendRequest
from tests.unit.firmware_protocols.jt808.down_messages import downs

_VECTORS = json.loads(Path("tests/vectors/jt808/down.json").read_text(encoding="utf-8"))
_BODIES = {vector["name"]: vector for vector in _VECTORS}
_OLD = address_of("13800138000")
_NEW = address_of("13800138000", version=1)


@pytest.mark.parametrize("vector", _VECTORS, ids=_BODIES.keys())
def test_a_vector_says_what_its_source_says(vector):
    body = bytes.fromhex(vector["body_hex"])
    message = read_down(int(vector["message_id"], 16), body, is_2019=vector["is_2019"])
    assert type(message).__name__ == vector["type"]
    assert json.loads(msgspec.json.encode(message)) == vector["message"]
    assert message.message_id == int(vector["message_id"], 16)


@pytest.mark.parametrize("vector", _VECTORS, ids=_BODIES.keys())
def test_a_vector_is_written_byte_for_byte(vector):
    body = bytes.fromhex(vector["body_hex"])
    message = read_down(int(vector["message_id"], 16), body, is_2019=vector["is_2019"])
    if vector["type"] == "ControlTerminal" and message.command in APPROVED_COMMANDS:
        message = msgspec.structs.replace(message, approved_by=("chen", "li"))
    assert message.write(is_2019=vector["is_2019"]) == body


@pytest.mark.parametrize("vector", _VECTORS, ids=_BODIES.keys())
def test_a_vector_cut_short_is_refused_or_says_less(vector):
    body, message_id = bytes.fromhex(vector["body_hex"]), int(vector["message_id"], 16)
    whole = read_down(message_id, body, is_2019=vector["is_2019"])
    for size in range(len(body)):
        try:
            read = read_down(message_id, body[:size], is_2019=vector["is_2019"])
        except DecodeError:
            continue
        assert read != whole


def test_every_down_link_has_a_vector():
    named = {int(vector["message_id"], 16) for vector in _VECTORS}
    assert named == DOWN_IDS


@pytest.mark.parametrize("is_2019", [False, True], ids=["2013", "2019"])
@given(data=st.data())
def test_what_is_written_is_read_again(is_2019, data):
    message = data.draw(downs(is_2019))
    body = message.write(is_2019=is_2019)
    assert read_down(message.message_id, body, is_2019=is_2019) == message


@pytest.mark.parametrize("address", [_OLD, _NEW], ids=["2013", "2019"])
@given(data=st.data())
def test_the_frames_of_a_down_link_carry_it_whole(address, data):
    is_2019 = address.version is not None
    message = data.draw(downs(is_2019))
    frames = [parse_frame(frame) for frame in down_frames(address, 7, message)]
    assert all(frame.address == address for frame in frames)
    assert [frame.serial for frame in frames] == list(range(7, 7 + len(frames)))
    body = b"".join(frame.body for frame in frames)
    assert read_down(frames[0].message_id, body, is_2019=is_2019) == message


@given(st.sampled_from(sorted(DOWN_IDS)), st.binary(max_size=200), st.booleans())
def test_any_body_is_read_or_raises_decode_error(message_id, body, is_2019):
    with contextlib.suppress(DecodeError):
        read_down(message_id, body, is_2019=is_2019)


def test_an_unknown_id_is_unsupported():
    with pytest.raises(UnsupportedError, match="0x8f00"):
        read_down(0x8F00, b"", is_2019=False)


def test_a_polygon_too_long_for_one_frame_goes_out_in_parts():
    ring = tuple(Point(110.0 + step / 1_000, 20.0) for step in range(200))
    frames = down_frames(_OLD, 0xFFFF, SetPolygon(id=1, points=ring))
    parsed = [parse_frame(frame) for frame in frames]
    assert [(frame.parts, frame.part, frame.serial) for frame in parsed] == [
        (2, 1, 0xFFFF),
        (2, 2, 0),
    ]
    assert len(parsed[0].body) == MAX_BODY_BYTES
    whole = read_down(0x8604, b"".join(frame.body for frame in parsed), is_2019=False)
    assert whole.points == ring


def test_a_polygon_over_the_cap_is_refused():
    ring = (Point(110.0, 20.0),) * 40_000
    with pytest.raises(CommandError, match="at most 262144"):
        down_frames(_OLD, 0, SetPolygon(id=1, points=ring))


def test_an_area_on_both_sides_of_the_equator_cannot_be_sent():
    ring = (Point(110.0, 1.0), Point(110.0, -1.0), Point(111.0, 0.0))
    with pytest.raises(CommandError, match="equator"):
        down_frames(_OLD, 0, SetPolygon(id=1, points=ring))


def test_zero_is_on_either_side():
    ring = (Point(-110.0, 0.0), Point(0.0, -1.0))
    body = SetPolygon(id=1, points=ring).write(is_2019=False)
    assert read_down(0x8604, body, is_2019=False).points == ring


def test_a_point_beyond_the_pole_is_refused():
    body = bytearray(SetPolygon(id=1, points=(Point(1.0, 1.0),)).write(is_2019=False))
    body[8:12] = (90_000_001).to_bytes(4, "big")
    with pytest.raises(FieldError, match="90") as caught:
        read_down(0x8604, bytes(body), is_2019=False)
    assert caught.value.offset == 8
    with pytest.raises(CommandError, match="not on Earth"):
        SetPolygon(id=1, points=(Point(1.0, float("nan")),)).write(is_2019=False)


def test_the_count_of_parts_is_a_word_in_2019_and_a_byte_before():
    request = ResendRequest(first_serial=1, parts=tuple(range(1, 301)))
    assert read_down(0x8003, request.write(is_2019=True), is_2019=True) == request
    with pytest.raises(CommandError, match="count of parts"):
        request.write(is_2019=False)


def test_bytes_after_the_last_field_are_told_with_their_place():
    body = PlatformReply(to_serial=1, to_id=0x0200).write(is_2019=False)
    with pytest.raises(LengthError) as caught:
        read_down(0x8001, body + b"\x00\x00", is_2019=False)
    assert caught.value.offset == len(body)


def test_the_edition_of_2011_counts_no_missing_parts_of_a_recording():
    assert read_down(0x8800, bytes.fromhex("0000008100"), is_2019=False) == MediaReply(media=0x81)


def test_an_end_of_tracking_may_carry_a_validity():
    assert read_down(0x8202, bytes(6), is_2019=False) == Track(interval_s=0)


@pytest.mark.parametrize(
    ("message", "named"),
    [
        (ShowText(text="走 😀"), "text has '😀'"),
        (Track(interval_s=70_000, validity_s=1), "interval_s 70000"),
        (SetParameters((Parameter(0x0029, "ten"),)), "0x0029 is of type dword"),
        (SetParameters((Parameter(0x0013, "x" * 256),)), "256 bytes"),
        (SetParameters((Parameter(1, 1),) * 256), "count of parameters 256"),
    ],
    ids=["not-in-gbk", "too-great", "wrong-type", "too-long", "too-many"],
)
def test_what_does_not_fit_is_named(message, named):
    with pytest.raises(CommandError, match=named):
        message.write(is_2019=False)
