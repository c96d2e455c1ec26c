"""Recorder v1: reports and index entries there and back, golden vectors, the edges of fields."""

import json
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocols.alarm import ALARM_BITS
from firmware_protocols.errors import DecodeError, FieldError, OversizedError, UnsupportedError
from firmware_protocols.message import Media, Report
from firmware_protocols.recorder.decode import decode, decode_ack
from firmware_protocols.recorder.encode import encode, encode_ack
from firmware_protocols.recorder.wire import MAX_PAYLOAD_BYTES, MAX_ROWS
from guitu.message_json import message_object

VECTORS = json.loads(
    (Path(__file__).parents[3] / "vectors" / "recorder" / "messages.json").read_text()
)["vectors"]
NUMBERS = st.integers(0, (1 << 53) - 1)
BOOTS = st.integers(0, (1 << 32) - 1)
NAMES = st.text("abcXYZ019_-", min_size=1, max_size=40)
ROW = {"seq": 1, "t": 2}
ENTRY = {
    "seq": 1, "id": "v-1", "type": "video", "begin": 1, "end": 2, "sha256": bytes(32), "size": 9,
}  # fmt: skip


def packed(body):
    return msgspec.msgpack.encode({"v": 1, "boot": 3} | body)


def optional(strategy):
    return st.none() | strategy


@st.composite
def reports(draw, boot):
    has_position = draw(st.booleans())
    state = {
        "recording": draw(optional(st.sampled_from(["idle", "audio", "video"]))),
        "storage_free_bytes": draw(optional(st.integers(0, 1000))),
        "storage_size_bytes": draw(optional(st.integers(1000, (1 << 53) - 1))),
        "officer": draw(optional(NAMES)),
    }
    return Report(
        device="rc-0001",
        kind="fix" if has_position else "status",
        fix_time_ms=draw(NUMBERS),
        boot=boot,
        seq=draw(NUMBERS),
        valid=draw(st.booleans()) or not has_position,
        longitude_deg=draw(st.floats(-180, 180)) if has_position else None,
        latitude_deg=draw(st.floats(-90, 90)) if has_position else None,
        datum=draw(st.sampled_from(["WGS84", "GCJ02", "BD09"])) if has_position else None,
        accuracy_m=draw(optional(st.floats(0, 100_000))),
        altitude_m=draw(optional(st.floats(-1_000, 20_000))),
        speed_mps=draw(optional(st.floats(0, 1_000))),
        heading_deg=draw(optional(st.floats(0, 360, exclude_max=True))),
        satellites=draw(optional(st.integers(0, 255))),
        battery_pct=draw(optional(st.integers(0, 100))),
        alarms=tuple(draw(st.lists(st.sampled_from(sorted(ALARM_BITS)), max_size=4, unique=True))),
        backlog=draw(st.booleans()),
        extra={name: value for name, value in state.items() if value is not None},
    )


@st.composite
def entries(draw, boot):
    begin, end = sorted((draw(NUMBERS), draw(NUMBERS)))
    return Media(
        device="rc-0001",
        media=draw(NAMES),
        media_type=draw(st.sampled_from(["image", "audio", "video", "other"])),
        begin_time_ms=begin,
        end_time_ms=end,
        sha256=draw(st.binary(min_size=32, max_size=32)).hex(),
        size_bytes=draw(NUMBERS),
        officer=draw(optional(NAMES)),
        case=draw(optional(NAMES)),
        extra={"boot": boot, "seq": draw(NUMBERS)},
    )


@given(
    BOOTS.flatmap(
        lambda boot: st.tuples(
            st.lists(reports(boot), max_size=5), st.lists(entries(boot), max_size=5)
        )
    ).filter(any)
)
def test_reports_and_index_entries_come_back_as_they_were(sent):
    both = [*sent[0], *sent[1]]
    assert decode(encode(both), "rc-0001") == both


@given(st.lists(st.tuples(BOOTS, NUMBERS, NUMBERS), max_size=20))
def test_acknowledgements_come_back_as_they_were(ranges):
    assert decode_ack(encode_ack(ranges)) == ranges


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_golden_vector_decodes_to_its_whole_records(vector):
    payload = bytes.fromhex(vector["hex"])
    if "error" in vector:
        with pytest.raises(DecodeError) as refused:
            decode(payload, "rc-0001")
        assert type(refused.value).__name__ == vector["error"]
        return
    messages = decode(payload, "rc-0001")
    told = [message_object(message, is_numbered=True) for message in messages]
    assert told == vector["messages"]
    assert decode(encode(messages), "rc-0001") == messages


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_cut_or_overlong_message_is_refused(vector):
    payload = bytes.fromhex(vector["hex"])
    for wrong in (*(payload[:end] for end in range(len(payload))), payload * 2, payload + b"\xc1"):
        with pytest.raises(DecodeError):
            decode(wrong, "rc-0001")


@given(st.binary(max_size=200))
def test_any_bytes_decode_or_raise_decode_error(payload):
    for read in (lambda data: decode(data, "d"), decode_ack):
        with suppress(DecodeError):
            read(payload)


@given(st.dictionaries(
    st.sampled_from([*ROW, *ENTRY, "lon", "lat", "alarms", "rec", "free", "bat", "hdg", "valid"]),
    st.none() | st.booleans() | st.integers(-5, 1 << 63) | st.floats() | st.binary(max_size=33)
    | st.text(max_size=5) | st.lists(st.text(max_size=5), max_size=3),
    max_size=4,
))  # fmt: skip
def test_any_values_decode_or_raise_decode_error(changes):
    with suppress(DecodeError):
        decode(packed({"reports": [ROW | changes], "media": [ENTRY | changes]}), "d")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "neither `reports` nor `media`"),
        ({"reports": [ROW] * (MAX_ROWS + 1)}, "length <= 1000"),
        ({"boot": 1 << 32, "reports": [ROW]}, "boot"),
        ({"reports": [ROW | {"lon": 1.0}]}, "come together"),
        ({"reports": [ROW | {"alarms": ["sos", "boredom"]}]}, "'boredom' is not one of"),
        ({"reports": [ROW | {"rec": "asleep"}]}, "rec"),
        ({"reports": [ROW | {"free": 2, "size": 1}]}, "more than `size`"),
        ({"reports": [ROW | {"bat": 101}]}, "bat"),
        ({"reports": [ROW | {"officer": "张三"}]}, "officer"),
        ({"media": [ENTRY | {"end": 0}]}, "before `begin`"),
        ({"media": [ENTRY | {"sha256": bytes(31)}]}, "sha256"),
        ({"media": [ENTRY | {"sha256": "00" * 32}]}, "sha256"),
        ({"media": [ENTRY | {"case": "a/b"}]}, "case"),
        ({"media": [ENTRY, {**ENTRY, "id": ""}]}, "id"),
    ],
)
def test_a_field_out_of_its_bounds_is_named_and_refuses_the_message(body, told):
    with pytest.raises(FieldError, match=told):
        decode(packed(body), "d")


def test_another_version_and_an_oversized_message_are_told_apart():
    with pytest.raises(UnsupportedError, match="version 9"):
        decode(packed({"v": 9}), "d")
    with pytest.raises(OversizedError):
        decode(bytes(MAX_PAYLOAD_BYTES + 1), "d")


def test_a_message_takes_entries_of_one_boot_only():
    (one,) = decode(packed({"reports": [ROW]}), "d")
    (other,) = decode(packed({"boot": 4, "media": [ENTRY]}), "d")
    with pytest.raises(FieldError, match="2 boots"):
        encode([one, other])
    with pytest.raises(FieldError, match="0 boots"):
        encode([])


def test_an_index_entry_without_its_digest_or_number_is_refused_at_the_sender():
    (entry,) = decode(packed({"media": [ENTRY]}), "d")
    for changes in ({"sha256": None}, {"extra": {}}, {"begin_time_ms": None}, {"media": "a b"}):
        with pytest.raises(FieldError):
            encode([msgspec.structs.replace(entry, **changes)])
