"""Every golden frame: whole record by record, cut four ways, and written again."""

import msgspec
import pytest

from firmware_protocols.catalog import CODECS
from firmware_protocols.codec import Context
from firmware_protocols.errors import DecodeError
from firmware_protocols.gt06.book import BOOK
from firmware_protocols.gt06.cutter import Cutter
from firmware_protocols.gt06.encode import encode
from firmware_protocols.gt06.frame import parse_frame
from firmware_protocols.gt06.profiles import find_profile
from firmware_protocols.message import Report
from tests.oracles.gt06_frame import crc_bit_by_bit, fix_of
from tests.unit.firmware_protocols.gt06.gt06_vectors import (
    EVERY_VECTOR,
    VECTORS,
    decode,
    frame_of,
    plain,
)

OTHER = frame_of("status-13")
CLOCK = bytes.fromhex("1a0b16010203")
CHECKED = [vector for vector in VECTORS if "without-crc" not in vector["name"]]
USUAL_FIXES = [
    vector
    for vector in VECTORS
    if vector["messages"][0]["kind"] == "fix"
    and vector["name"].startswith(("gps", "12-", "22-", "alarm-1", "alarm-2", "4g", "x1"))
]


def cuts_of(*chunks):
    cutter = Cutter()
    return [cut for chunk in chunks for cut in cutter.feed(chunk)]


@EVERY_VECTOR
def test_a_frame_says_what_its_bytes_say(vector):
    codec = CODECS["gt06"].open(Context(profile=vector.get("profile", "")))
    assert plain(codec(bytes.fromhex(vector["hex"]))) == vector["messages"]


@pytest.mark.parametrize("vector", USUAL_FIXES, ids=lambda vector: vector["name"])
def test_a_position_is_that_of_plain_arithmetic(vector):
    frame = bytes.fromhex(vector["hex"])
    block_at = frame.find(CLOCK)
    # The record leaves out what has its default value.
    said = {"valid": True} | plain(decode(frame, profile=vector.get("profile", "")))[0]
    for name, value in fix_of(frame[block_at : block_at + 18]).items():
        assert said[name] == pytest.approx(value, abs=1e-7), name


@EVERY_VECTOR
def test_a_whole_frame_is_one_cut(vector):
    frame = bytes.fromhex(vector["hex"])
    (cut,) = cuts_of(frame)
    assert (cut.offset, cut.data, cut.size, cut.is_frame) == (0, frame, len(frame), True)


@EVERY_VECTOR
def test_a_frame_that_comes_byte_by_byte_is_whole_with_its_last_byte(vector):
    frame = bytes.fromhex(vector["hex"])
    cutter = Cutter()
    for at in range(len(frame) - 1):
        assert cutter.feed(frame[at : at + 1]) == []
    (cut,) = cutter.feed(frame[-1:])
    assert cut.data == frame
    assert cutter.buffered == 0


@EVERY_VECTOR
def test_a_frame_glued_between_others_is_cut_out(vector):
    frame = bytes.fromhex(vector["hex"])
    cuts = cuts_of(OTHER + frame + OTHER)
    assert [cut.data for cut in cuts] == [OTHER, frame, OTHER]
    assert [cut.offset for cut in cuts] == [0, len(OTHER), len(OTHER) + len(frame)]


@EVERY_VECTOR
def test_garbage_behind_a_frame_costs_neither_it_nor_the_next(vector):
    frame = bytes.fromhex(vector["hex"])
    garbage = bytes.fromhex("00ff78ff79000d0a")
    cuts = cuts_of(frame + garbage + OTHER)
    assert [(cut.data, cut.is_frame) for cut in cuts] == [
        (frame, True),
        (garbage, False),
        (OTHER, True),
    ]


@EVERY_VECTOR
def test_glued_frames_of_one_payload_decode_one_after_another(vector):
    frame = bytes.fromhex(vector["hex"])
    profile = vector.get("profile", "")
    alone = decode(frame, profile=profile, device="d", utc_offset_min=0)
    other = decode(OTHER, profile=profile, device="d", utc_offset_min=0)
    assert decode(frame + OTHER, profile=profile, device="d", utc_offset_min=0) == [*alone, *other]


@pytest.mark.parametrize("utc_offset_min", [0, 480, -210])
@EVERY_VECTOR
def test_a_record_written_again_reads_the_same(vector, utc_offset_min):
    profile = find_profile(vector.get("profile", ""))
    known = {"profile": vector.get("profile", ""), "utc_offset_min": utc_offset_min}
    messages = decode(bytes.fromhex(vector["hex"]), **known)
    again = encode(messages[0], serial=77, profile=profile, utc_offset_min=utc_offset_min)
    # A sequence number is made of the bytes, which may say the same thing differently.
    assert [unnumbered(message) for message in decode(again, **known)] == [
        unnumbered(message) for message in messages
    ]


def unnumbered(message):
    return msgspec.structs.replace(message, seq=0) if isinstance(message, Report) else message


@pytest.mark.parametrize("vector", CHECKED, ids=lambda vector: vector["name"])
def test_a_flipped_bit_is_never_taken_for_the_truth(vector):
    frame = bytes.fromhex(vector["hex"])
    for at in range(2, len(frame) - 2):
        broken = frame[:at] + bytes((frame[at] ^ 0x10,)) + frame[at + 1 :]
        assert crc_bit_by_bit(broken[2:-4]) != int.from_bytes(broken[-4:-2], "big")
        with pytest.raises(DecodeError):
            decode(broken)


def test_every_layout_has_a_golden_frame():
    seen = set()
    for vector in VECTORS:
        profile = find_profile(vector.get("profile", ""))
        layout = BOOK.of_frame(parse_frame(bytes.fromhex(vector["hex"]), profile), profile)
        seen.add(id(layout))
    missing = [(hex(one.type), one.variant) for one in BOOK.layouts if id(one) not in seen]
    assert missing == []
