"""Cutting a stream of JT/T 808, escapes, checksum and headers."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocols.errors import (
    ChecksumError,
    DecodeError,
    FieldError,
    LengthError,
    SyntaxDecodeError,
    UnsupportedError,
)
from firmware_protocols.jt808.address import Address, address_of
from firmware_protocols.jt808.framing import (
    ALT_FLAG,
    FLAG,
    MAX_FRAME_BYTES,
    FrameCutter,
    escape,
    unescape,
    wrap,
)
from firmware_protocols.jt808.header import Frame, build_frame, build_frames, parse_frame

_OLD = address_of("13800138000")
_NEW = address_of("13800138000", version=1)
_ALT = Address(bytes.fromhex("00013800138000"), None, ALT_FLAG)
_ADDRESSES = st.sampled_from([_OLD, _NEW, _ALT])
_FRAMES = st.builds(
    build_frame,
    st.sampled_from([_OLD, _NEW]),
    st.sampled_from([0x0002, 0x0200, 0x0900]),
    st.integers(0, 0xFFFF),
    st.binary(max_size=60),
)
_NOISE = st.lists(
    st.one_of(st.binary(max_size=40), _FRAMES, st.sampled_from([b"~", b"\xe7", b"~~"])), max_size=8
).map(b"".join)


def frames_of(cuts):
    return [cut.data for cut in cuts if cut.is_frame]


def cut_in(data, size):
    cutter = FrameCutter()
    return [
        cut for at in range(0, len(data), size) for cut in cutter.feed(data[at : at + size])
    ], cutter


@given(st.binary(max_size=300), st.sampled_from([FLAG, ALT_FLAG]))
def test_what_is_escaped_has_no_delimiter_and_comes_back(content, flag):
    escaped = escape(content, flag)
    assert flag not in escaped
    assert unescape(escaped, flag) == content


def test_the_standards_own_example_escapes_as_printed():
    assert escape(bytes.fromhex("307e087d55")) == bytes.fromhex("307d02087d0155")


@given(_ADDRESSES, st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.binary(max_size=1023))
def test_a_frame_comes_back_from_its_bytes(address, message_id, serial, body):
    if message_id >> 8 == 0x55:
        message_id ^= 0x0100
    frame = parse_frame(build_frame(address, message_id, serial, body))
    assert frame == Frame(message_id, serial, address, body)


def test_a_vendor_message_has_a_serial_of_one_byte_and_may_ask_for_a_reply():
    data = build_frame(_OLD, 0x5501, 0x47, b"body", wants_reply=True)
    assert parse_frame(data) == Frame(0x5501, 0x47, _OLD, b"body", wants_reply=True)


@given(_NOISE, st.integers(1, 70))
def test_any_division_of_a_stream_gives_the_same_cuts(data, size):
    whole, one = cut_in(data, max(len(data), 1))
    pieces, other = cut_in(data, size)
    assert whole == pieces
    assert one.buffered == other.buffered


@given(_NOISE, st.integers(1, 70))
def test_the_cuts_and_what_is_held_are_the_stream(data, size):
    cuts, cutter = cut_in(data, size)
    assert sum(cut.size for cut in cuts) + cutter.buffered == len(data)
    offset = 0
    for cut in cuts:
        assert cut.offset == offset
        offset += cut.size


@given(st.lists(_FRAMES, min_size=1, max_size=6), st.integers(1, 40))
def test_glued_frames_come_out_one_by_one(frames, size):
    cuts, _ = cut_in(b"".join(frames), size)
    assert frames_of(cuts) == frames
    assert len(cuts) == len(frames)


def test_byte_by_byte_nothing_comes_before_the_last_byte():
    frame = build_frame(_OLD, 0x0200, 1, bytes(28))
    cutter = FrameCutter()
    for byte in frame[:-1]:
        assert cutter.feed(bytes((byte,))) == []
    assert frames_of(cutter.feed(frame[-1:])) == [frame]


def test_garbage_before_between_and_after_costs_no_frame():
    one, two = build_frame(_OLD, 0x0002, 1), build_frame(_OLD, 0x0002, 2)
    cuts, cutter = cut_in(b"$$" + one + b"\r\n" + two + b"xyz", 7)
    assert frames_of(cuts) == [one, two]
    assert [cut.data for cut in cuts if not cut.is_frame] == [b"$$", b"\r\n"]
    assert cutter.buffered == 3


def test_one_delimiter_between_two_frames_serves_both():
    one, two = build_frame(_OLD, 0x0002, 1), build_frame(_OLD, 0x0002, 2)
    cuts, _ = cut_in(one + two[1:], 5)
    assert frames_of(cuts) == [one, two]


def test_a_frame_that_lost_its_end_costs_not_the_next_one():
    lost, good = build_frame(_OLD, 0x0200, 1, bytes(28)), build_frame(_OLD, 0x0002, 2)
    cuts, _ = cut_in(lost[:20] + good, 6)
    assert frames_of(cuts)[-1] == good


def test_a_frame_that_lost_its_beginning_costs_not_the_next_one():
    lost, good = build_frame(_OLD, 0x0200, 1, bytes(28)), build_frame(_OLD, 0x0002, 2)
    cuts, _ = cut_in(lost[20:] + good, 6)
    assert frames_of(cuts) == [good]


def test_a_wrong_checksum_is_a_frame_and_the_next_one_comes():
    bad = bytearray(build_frame(_OLD, 0x0002, 1))
    bad[-2] ^= 1
    good = build_frame(_OLD, 0x0002, 2)
    cuts, _ = cut_in(bytes(bad) + good, 4)
    assert frames_of(cuts) == [bytes(bad), good]
    with pytest.raises(ChecksumError):
        parse_frame(bytes(bad))


@pytest.mark.parametrize("start", [b"", b"~", b"\xe7"])
def test_a_stream_without_frames_holds_no_more_than_one_frame(start):
    cutter = FrameCutter()
    for _ in range(40):
        cutter.feed(start + bytes(1000))
        assert cutter.buffered < MAX_FRAME_BYTES
        start = b""
    frame = build_frame(_OLD, 0x0002, 1)
    assert frames_of(cutter.feed(b"~" + frame))[-1] == frame


def test_the_longest_frame_passes():
    frame = build_frame(_NEW, 0x0900, 0x7D7E, b"\x7e" * 1023, parts=0x7E7D, part=0x7D7E)
    cuts, _ = cut_in(frame, 100)
    assert frames_of(cuts) == [frame]


def test_the_e7_variant_is_cut_and_read():
    frame = build_frame(_ALT, 0x0200, 0xE7E6, bytes.fromhex("3d3e7e7de6e7") * 5)
    cuts, _ = cut_in(frame * 3, 11)
    assert frames_of(cuts) == [frame] * 3
    assert parse_frame(frame).body == bytes.fromhex("3d3e7e7de6e7") * 5


def test_an_e7_before_the_first_frame_is_garbage():
    frame = build_frame(_OLD, 0x0200, 1, b"\xe7" * 28)
    cuts, _ = cut_in(b"\xe7\x00" + frame, 9)
    assert frames_of(cuts) == [frame]


@pytest.mark.parametrize(
    ("digits", "terminal"),
    [
        ("013800138000", "13800138000"),
        ("000000000000", "0"),
        ("4ec3402f8cc7", "866005024473037"),
        ("ffffffffffff", "ffffffffffff"),
        ("00000000086600002600001a", "00000000086600002600001a"),
    ],
)
def test_a_terminals_number(digits, terminal):
    assert Address(bytes.fromhex(digits)).terminal == terminal


def test_an_imei_hides_in_six_bytes_and_comes_back():
    assert address_of("866005024473037").phone == bytes.fromhex("4ec3402f8cc7")
    assert address_of("866005024473037", version=1).phone.hex() == "00000866005024473037"
    with pytest.raises(ValueError, match="does not fit"):
        address_of("866005024473038")  # its check digit is another


def test_a_mark_of_2019_on_a_frame_of_2013_is_borne_and_flagged():
    content = bytearray(parse_content(_OLD, b"1234"))
    content[2] |= 0x40
    frame = parse_frame(wrap(bytes(content)))
    assert frame.tolerated == ("version_flag",)
    assert (frame.address, frame.body) == (_OLD, b"1234")


def parse_content(address, body):
    return build_frame(address, 0x0102, 0x0102, body)[1:-2]


@pytest.mark.parametrize(
    ("bits", "error"),
    [(0x04, UnsupportedError), (0x08, UnsupportedError), (0x01, LengthError), (0x20, FieldError)],
    ids=["rsa", "other cipher", "length", "part 0"],
)
def test_properties_that_do_not_hold_are_refused(bits, error):
    content = bytearray(parse_content(_OLD, bytes(4)))
    content[2] |= bits
    with pytest.raises(error) as raised:
        parse_frame(wrap(bytes(content)))
    assert raised.value.offset is not None


def test_a_profile_may_bear_a_wrong_checksum_and_length():
    content = bytearray(parse_content(_OLD, b"1234"))
    content[3] += 1
    data = bytearray(wrap(bytes(content)))
    data[-2] ^= 1
    assert parse_frame(bytes(data), {"checksum", "length"}).tolerated == ("checksum", "length")


def test_a_frame_from_a_log_without_its_escapes_is_read_and_flagged():
    data = build_frame(_OLD, 0x0900, 1, b"\x7d\x01 and \x7e")
    logged = b"~" + unescape(data[1:-1]) + b"~"
    frame = parse_frame(logged)
    assert (frame.body, frame.tolerated) == (b"\x7d\x01 and \x7e", ("escape",))


def test_a_long_body_goes_out_in_parts_with_serials_that_follow():
    parts = [parse_frame(data) for data in build_frames(_OLD, 0x0801, 0xFFFF, bytes(2500))]
    assert [(part.serial, part.parts, part.part, len(part.body)) for part in parts] == [
        (0xFFFF, 3, 1, 1023),
        (0, 3, 2, 1023),
        (1, 3, 3, 454),
    ]


@given(st.binary(max_size=80))
def test_any_bytes_are_a_frame_or_a_decode_error(data):
    for candidate in (data, b"~" + data + b"~", wrap(data), wrap(data, ALT_FLAG)):
        with contextlib.suppress(DecodeError):
            assert parse_frame(candidate).serial <= 0xFFFF


def test_a_body_that_fits_no_frame_is_refused_before_it_is_sent():
    with pytest.raises(ValueError, match="1023"):
        build_frame(_OLD, 0x0900, 1, bytes(1024))
    with pytest.raises(SyntaxDecodeError):
        parse_frame(b"")
