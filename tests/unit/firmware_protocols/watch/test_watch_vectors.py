"""Frames made by us, whole record by whole record, each four ways."""

import json
import re
from pathlib import Path

import msgspec
import pytest

from firmware_protocols.catalog import CODECS
from firmware_protocols.codec import Context
from firmware_protocols.message import Report
from firmware_protocols.watch.encode import encode
from firmware_protocols.watch.framing import Framer
from tests.oracles import watch_location

VECTORS = Path(__file__).parents[3] / "vectors" / "watch" / "frames.json"
ROWS = json.loads(VECTORS.read_text())
BY_NAME = pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
OTHER = b"[3G*8826264401*0002*LK]"


def payload_of(row):
    return bytes.fromhex(row["hex"]) if "hex" in row else row["text"].encode()


def decode(payload):
    return CODECS["watch"].open(Context())(payload)


def frames_in(*chunks):
    framer = Framer()
    return [cut.data for chunk in chunks for cut in framer.feed(chunk) if cut.is_frame]


def builtins(messages):
    return json.loads(msgspec.json.encode(messages))


@BY_NAME
def test_a_whole_frame_says_what_its_bytes_say(row):
    assert builtins(decode(payload_of(row))) == row["messages"]


@BY_NAME
def test_a_frame_that_comes_byte_by_byte_is_whole_with_its_last_byte(row):
    payload = payload_of(row)
    framer = Framer()
    cuts = [(at, cut) for at in range(len(payload)) for cut in framer.feed(payload[at : at + 1])]
    assert b"".join(cut.data for _, cut in cuts) == payload
    assert all(cut.is_frame for _, cut in cuts)
    assert cuts[-1][0] == len(payload) - 1
    assert [message for _, cut in cuts for message in decode(cut.data)] == decode(payload)


@BY_NAME
def test_a_frame_between_others_is_cut_out(row):
    payload = payload_of(row)
    assert frames_in(OTHER + payload + OTHER) == [OTHER, *frames_in(payload), OTHER]
    assert decode(OTHER + payload + OTHER) == decode(OTHER) + decode(payload) + decode(OTHER)


@BY_NAME
def test_garbage_behind_a_frame_takes_nothing_from_it(row):
    payload = payload_of(row)
    assert frames_in(payload + b"*]x[\xff\x00,") == frames_in(payload)
    flagged = decode(payload + b"*]x")
    tolerated = flagged[-1].extra["tolerated"]
    assert tolerated[-1] == "garbage"
    assert [type(message) for message in flagged] == [type(m) for m in decode(payload)]
    assert flagged[:-1] == decode(payload)[:-1]


@BY_NAME
def test_what_a_frame_says_is_encoded_to_a_frame_that_says_it(row):
    # Fields that nobody understands are not written, and a frame that we write has no faults.
    ours = {"tolerated", "unknown"}
    for message in decode(payload_of(row)):
        again = decode(encode(message))[0]
        for record in (message, again):
            for name in ours:
                record.extra.pop(name, None)
        if hasattr(message, "seq"):
            message = msgspec.structs.replace(message, seq=again.seq)  # noqa: PLW2901
        assert again == message


def test_every_location_is_what_a_plain_reading_says():
    read = 0
    for frame in [frame for row in ROWS for frame in frames_in(payload_of(row))]:
        for report in decode(frame):
            if isinstance(report, Report):
                wanted = watch_location.location(frame)
                found = {name: getattr(report, name) for name in wanted}
                assert found | {"alarms": list(found["alarms"])} == wanted
                read += 1
    assert read > 25


def test_the_page_names_vectors_that_exist_and_every_profile():
    page = (Path(__file__).parents[4] / "docs" / "protocols" / "watch.md").read_text()
    cited = re.findall(r"`(\d\d-[a-z0-9]{2}-[a-z0-9_]+)`", page)
    assert cited
    assert set(cited) <= {row["name"] for row in ROWS}
    assert all(f"| `{name}` |" in page for name in CODECS["watch"].profiles)
