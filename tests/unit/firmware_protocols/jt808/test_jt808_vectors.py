"""Frames made by us, each with what it says, in every way in which bytes arrive."""

import json
from pathlib import Path

import msgspec
import pytest

from firmware_protocols import errors
from firmware_protocols.catalog import CODECS
from firmware_protocols.codec import Context
from firmware_protocols.jt808.framing import FrameCutter
from firmware_protocols.jt808.header import parse_frame
from tests.oracles.jt808_position import checksum_of, content_of, items_of, position_of

VECTORS = json.loads(Path("tests/vectors/jt808/frames.json").read_text(encoding="utf-8"))
GOOD = [vector for vector in VECTORS if "messages" in vector]
# Logs of other programs hold frames without escapes; such a frame is no frame on the line.
ON_THE_LINE = [vector for vector in GOOD if "escape" not in json.dumps(vector["messages"])]
POSITIONS = [
    vector
    for vector in ON_THE_LINE
    if vector["frame_hex"].startswith("7e0200") and vector["profile"] != "loose"
]


def by_name(vectors):
    return pytest.mark.parametrize("vector", vectors, ids=[one["name"] for one in vectors])


def decoder(vector):
    return CODECS["jt808"].open(Context(profile=vector["profile"]))


def said(messages):
    return [
        {"type": type(one).__name__, **json.loads(msgspec.json.encode(one))} for one in messages
    ]


@by_name(GOOD)
def test_whole(vector):
    assert said(decoder(vector)(bytes.fromhex(vector["frame_hex"]))) == vector["messages"]


@by_name([vector for vector in VECTORS if "error" in vector])
def test_refused(vector):
    with pytest.raises(getattr(errors, vector["error"])):
        decoder(vector)(bytes.fromhex(vector["frame_hex"]))


@by_name(ON_THE_LINE)
def test_byte_by_byte_it_is_cut_once_and_whole(vector):
    frame = bytes.fromhex(vector["frame_hex"])
    cutter = FrameCutter()
    for byte in frame[:-1]:
        assert cutter.feed(bytes((byte,))) == []
    (cut,) = cutter.feed(frame[-1:])
    assert (cut.data, cut.is_frame) == (frame, True)


@by_name(ON_THE_LINE)
def test_glued_to_itself_it_says_everything_twice(vector):
    glued = decoder(vector)(bytes.fromhex(vector["frame_hex"]) * 2)
    assert said(glued) == vector["messages"] * 2


@by_name(ON_THE_LINE)
def test_with_trailing_garbage_it_says_the_same_and_keeps_the_garbage(vector):
    *messages, garbage = decoder(vector)(bytes.fromhex(vector["frame_hex"]) + b"\r\n\x00")
    assert said(messages) == vector["messages"]
    assert (garbage.message, garbage.payload) == ("garbage", b"\r\n\x00")


@by_name(POSITIONS)
def test_the_fixed_part_is_what_the_bytes_say(vector):
    frame = bytes.fromhex(vector["frame_hex"])
    content = content_of(frame)
    assert content[-1] == checksum_of(content)
    body = parse_frame(frame).body
    assert content[-1 - len(body) : -1] == body
    (report,) = decoder(vector)(frame)
    if report.kind == "status":
        return
    wanted = position_of(body)
    assert {name: getattr(report, name) for name in wanted} == pytest.approx(wanted, abs=1e-9)


@by_name([vector for vector in POSITIONS if vector["profile"] != "fixed-tail"])
def test_standard_items_are_what_the_bytes_say(vector):
    body = parse_frame(bytes.fromhex(vector["frame_hex"])).body
    items = items_of(body)
    (report,) = decoder(vector)(bytes.fromhex(vector["frame_hex"]))
    if 0x01 in items:
        assert report.extra["mileage_m"] == int.from_bytes(items[0x01], "big") * 100
    if 0x30 in items and 0xEE not in items:
        assert report.extra["network_signal"] == items[0x30][0]
    if 0x31 in items and 0xEE not in items:
        assert report.satellites == items[0x31][0]
