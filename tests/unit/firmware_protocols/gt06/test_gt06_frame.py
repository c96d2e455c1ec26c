"""The outer form: what is refused, what a profile lets pass, how a stream is cut."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocols.errors import (
    ChecksumError,
    DecodeError,
    FieldError,
    LengthError,
    OversizedError,
    ProfileError,
    SyntaxDecodeError,
)
from firmware_protocols.gt06.cutter import GARBAGE_BYTES, MAX_FRAME_BYTES, Cutter
from firmware_protocols.gt06.frame import build_frame
from firmware_protocols.gt06.profiles import find_profile
from tests.oracles.gt06_frame import crc_bit_by_bit, long_frame, short_frame
from tests.unit.firmware_protocols.gt06.gt06_vectors import (
    FIX_BLOCK,
    VECTORS,
    decode,
    frame_of,
    plain,
)

STATUS = frame_of("status-13")
WRONG_CRC = STATUS[:-4] + b"\x00\x00\r\n"
SHORT_LENGTH = STATUS[:2] + b"\x08" + STATUS[3:]
LONG_LENGTH = STATUS[:2] + b"\x40" + STATUS[3:]
BARE_FIX = b"\x78\x78\x12\x10" + FIX_BLOCK + b"\r\n"


def cut(*chunks):
    cutter = Cutter()
    cuts = [one for chunk in chunks for one in cutter.feed(chunk)]
    return cuts, cutter


def test_frames_are_put_together_as_by_hand():
    assert build_frame(0x22, b"abc", serial=0x1234) == short_frame(0x22, b"abc", 0x1234)
    assert build_frame(0x94, b"abc", serial=7, is_long=True) == long_frame(0x94, b"abc", 7)


def test_a_body_beyond_the_length_field_is_refused():
    assert len(build_frame(0x22, bytes(250), serial=0)) == 260
    with pytest.raises(FieldError):
        build_frame(0x22, bytes(251), serial=0)
    with pytest.raises(FieldError):
        build_frame(0x22, b"", serial=65_536)


@pytest.mark.parametrize(
    ("payload", "error", "offset"),
    [
        (WRONG_CRC, ChecksumError, len(STATUS) - 4),
        (SHORT_LENGTH, LengthError, 2),
        (STATUS[:-1], LengthError, 0),
        (STATUS + STATUS[:7], LengthError, len(STATUS)),
        (b"", SyntaxDecodeError, 0),
        (b"\x78", SyntaxDecodeError, 0),
        (b"7e00", SyntaxDecodeError, 0),
        (b"\x00" + STATUS, SyntaxDecodeError, 0),
        (STATUS + b"\x00", SyntaxDecodeError, len(STATUS)),
        (b"\x78\x78\x01\x08\r\n", LengthError, 2),
        (b"\x79\x79\xff\xff\x94", SyntaxDecodeError, 0),
    ],
    ids=[
        "checksum",
        "length",
        "cut-short",
        "second-cut-short",
        "nothing",
        "half-a-head",
        "no-head",
        "garbage-before",
        "garbage-behind",
        "no-room-for-a-checksum",
        "longer-than-the-cap",
    ],
)
def test_a_payload_that_is_no_frame_is_refused_with_the_place(payload, error, offset):
    with pytest.raises(error) as caught:
        decode(payload)
    assert caught.value.offset == offset
    assert type(caught.value) is error


def test_a_payload_beyond_the_cap_is_refused():
    with pytest.raises(OversizedError):
        decode(STATUS * 5_000)


def test_a_login_without_an_imei_is_refused():
    with pytest.raises(FieldError, match="IMEI"):
        decode(short_frame(0x01, bytes.fromhex("0866000012345abc"), 1))


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        (WRONG_CRC, ["checksum"]),
        (short_frame(0x13, bytes.fromhex("4606040002"), 1), None),
        (SHORT_LENGTH, ["checksum", "length"]),
        (BARE_FIX, ["checksum", "length"]),
        (b"\x78\x78\x01\x08\r\n", ["checksum"]),
    ],
    ids=["checksum", "sound", "length-and-checksum", "bare-fix", "bare-heartbeat"],
)
def test_a_tolerant_profile_takes_lies_and_flags_them(payload, told):
    (message,) = decode(payload, profile="TOLERANT")
    assert message.extra.get("tolerated") == told


def test_a_bare_fix_has_its_position_under_the_tolerant_profile_only():
    (fix,) = decode(BARE_FIX, profile="TOLERANT")
    assert (fix.longitude_deg, fix.latitude_deg) == (120.1551, 30.2741)
    with pytest.raises(LengthError):
        decode(BARE_FIX)


def test_only_a_body_of_the_bare_size_is_read_without_serial_and_checksum():
    frame = short_frame(0x10, FIX_BLOCK, 1)
    (fix,) = decode(frame[:-4] + b"\x00\x00\r\n", profile="TOLERANT")
    assert fix.extra == {"message": "0x10", "tolerated": ["checksum"]}


def test_a_length_without_the_checksum_is_told_by_its_own_flag():
    # Length counts type, body and serial only; the checksum is right over what stands there.
    body = bytes.fromhex("4606040002")
    sound = short_frame(0x13, body, 1)
    covered = bytes((len(body) + 3,)) + sound[3:-4]
    frame = b"\x78\x78" + covered + crc_bit_by_bit(covered).to_bytes(2, "big") + b"\r\n"
    (message,) = decode(frame, profile="TOLERANT")
    assert message.extra["tolerated"] == ["length"]
    with pytest.raises(LengthError):
        decode(frame)


def test_an_unknown_profile_names_those_that_exist():
    with pytest.raises(ProfileError, match="SEEWORLD"):
        find_profile("no-such-model")


@pytest.mark.parametrize("broken", [WRONG_CRC, SHORT_LENGTH, LONG_LENGTH])
def test_a_broken_frame_costs_none_of_its_neighbours(broken):
    cuts, cutter = cut(STATUS + broken + STATUS + STATUS)
    assert [one.data for one in cuts if one.is_frame] == [STATUS, broken, STATUS, STATUS]
    assert cutter.buffered == 0


def test_a_length_that_reaches_over_the_next_frame_is_found_out_when_that_is_whole():
    cutter = Cutter()
    assert cutter.feed(LONG_LENGTH) == []
    assert cutter.feed(STATUS[:-1]) == []
    assert [one.data for one in cutter.feed(STATUS[-1:])] == [LONG_LENGTH, STATUS]


@pytest.mark.parametrize("length", [0x0A, len(STATUS) + 1, 0x7F])
def test_the_stump_of_a_frame_costs_not_the_frame_behind_it(length):
    stump = b"\x78\x78" + bytes((length,)) + STATUS[3:6]
    assert len(stump + STATUS) == (len(STATUS) + 1) + 5
    cuts, _ = cut(stump + STATUS + STATUS * 9)
    assert [(one.data, one.is_frame) for one in cuts[:2]] == [(stump, False), (STATUS, True)]
    assert len(cuts) == 11


def test_a_sound_frame_of_a_wifi_type_is_not_read_by_its_counts():
    # Read by its counts it would end at its tenth byte: no point, no cell, and 0D 0A.
    body = bytes.fromhex("1a0b16010203" + "00" + "01cc00" + "0d0a") + bytes(4)
    frame = short_frame(0x69, body, 1)
    assert [one.data for one in cut(frame + STATUS)[0]] == [frame, STATUS]
    (unknown,) = decode(frame)
    assert (unknown.message, unknown.payload) == ("0x69", body)


def test_a_wifi_frame_with_0d0a_where_its_count_points_is_cut_by_its_counts():
    # Eight points make the length field say 13 bytes; 0D 0A stands there inside an address.
    time = bytes.fromhex("261122010203")
    points = bytes.fromhex("02" + "0d0a" + "bbccdd41") + bytes.fromhex("02aabbccdd025a") * 7
    frame = b"\x78\x78\x08\x69" + time + points + bytes.fromhex("00" + "01cc00") + b"\r\n"
    assert frame[11:13] == b"\r\n"
    assert [one.data for one in cut(frame + STATUS)[0]] == [frame, STATUS]
    assert len(decode(frame)[0].extra["wifi"]) == 8


def test_a_frame_longer_than_the_cap_is_garbage():
    head = b"\x79\x79" + (MAX_FRAME_BYTES - 5).to_bytes(2, "big") + b"\x94"
    cuts, _ = cut(head + STATUS)
    assert [(one.data, one.is_frame) for one in cuts] == [(head, False), (STATUS, True)]


def test_the_longest_frame_is_taken():
    frame = long_frame(0x36, bytes(MAX_FRAME_BYTES - 11), 1)
    assert len(frame) == MAX_FRAME_BYTES
    assert [one.data for one in cut(frame)[0]] == [frame]


def test_endless_garbage_is_not_kept():
    cutter = Cutter()
    cuts = [one for _ in range(100) for one in cutter.feed(b"\x00" * 999)]
    assert {one.size for one in cuts} == {GARBAGE_BYTES}
    assert sum(one.size for one in cuts) + cutter.buffered == 99_900
    assert cutter.buffered < GARBAGE_BYTES


def test_a_hostile_stream_holds_back_no_more_than_a_frame_and_a_piece_of_garbage():
    cutter = Cutter()
    for _ in range(2_000):
        cutter.feed(b"\x79\x79\x0f\xf0\r\n\x78\x78\xff")
        assert cutter.buffered <= MAX_FRAME_BYTES + GARBAGE_BYTES


PIECES = st.one_of(
    st.sampled_from([bytes.fromhex(vector["hex"]) for vector in VECTORS]),
    st.sampled_from([WRONG_CRC, SHORT_LENGTH, LONG_LENGTH, BARE_FIX, STATUS[:6], STATUS[5:]]),
    st.sampled_from([b"\x78", b"\x79", b"\x78\x78", b"\x79\x79\x00", b"\r\n", b"\x78\x78\x03\x69"]),
    st.binary(max_size=12),
)


@given(st.lists(PIECES, max_size=8), st.lists(st.integers(0, 400), max_size=20))
@settings(max_examples=300, deadline=None)
def test_a_stream_is_cut_the_same_however_it_arrives(pieces, places):
    stream = b"".join(pieces)
    whole, held = cut(stream)
    edges = sorted({min(place, len(stream)) for place in places} | {0, len(stream)})
    chunks = [stream[start:end] for start, end in pairwise(edges)]
    again, held_again = cut(*chunks)
    assert again == whole
    assert held_again.buffered == held.buffered
    one_by_one, _ = cut(*(stream[at : at + 1] for at in range(len(stream))))
    assert one_by_one == whole


@given(st.lists(PIECES, max_size=8))
@settings(max_examples=200, deadline=None)
def test_cuts_and_what_is_held_back_are_the_stream(pieces):
    stream = b"".join(pieces)
    cuts, cutter = cut(stream)
    assert b"".join(one.data for one in cuts) + cutter.held == stream
    at = 0
    for one in cuts:
        assert (one.offset, one.size) == (at, len(one.data))
        at += one.size


@given(st.one_of(st.binary(max_size=200), st.lists(PIECES, max_size=4).map(b"".join)))
@settings(max_examples=400, deadline=None)
def test_any_bytes_decode_or_raise_decode_error(payload):
    for profile in ("", "TOLERANT", "NT20", "LW4G"):
        try:
            messages = decode(payload, profile=profile)
        except DecodeError as caught:
            error = caught
        else:
            assert plain(messages)
            continue
        assert bool(error.frame) == bool(payload)
        assert error.reason


@given(st.sampled_from(range(256)), st.booleans(), st.binary(max_size=120), st.integers(0, 65_535))
@settings(max_examples=600, deadline=None)
def test_any_sound_frame_becomes_records_that_json_can_carry(message, is_long, body, serial):
    frame = build_frame(message, body, serial=serial, is_long=is_long)
    for profile in ("", "TOLERANT", "XT40", "SEEWORLD", "R11", "QH302R"):
        try:
            assert plain(decode(frame, profile=profile))
        except FieldError:
            assert message == 0x01
