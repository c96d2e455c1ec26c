"""Wristband binary v1: golden frames four ways, round trips, refusals, batches."""

import json
from contextlib import suppress
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from firmware_protocols import errors
from firmware_protocols.alarm import ALARM_BITS
from firmware_protocols.catalog import CODECS
from firmware_protocols.checksum import crc32c
from firmware_protocols.codec import Context
from firmware_protocols.columns import reports_of
from firmware_protocols.errors import AuthenticityError, DecodeError, FieldError, LengthError
from firmware_protocols.message import Reply, Report
from firmware_protocols.wristband_bin.decode import decode, decode_batch, decode_columns
from firmware_protocols.wristband_bin.encode import encode, encode_reply
from firmware_protocols.wristband_bin.frame import Signer, seal
from firmware_protocols.wristband_bin.layout import RECORD
from tests.unit.firmware_protocols.wristband_reports import FIXED_POINT, SEQS_32, batches

VECTORS = json.loads(
    (Path(__file__).parents[3] / "vectors" / "wristband-bin" / "frames.json").read_text()
)
DEVICE = VECTORS["device"]
KEYS = {int(key_id): bytes.fromhex(key) for key_id, key in VECTORS["keys"].items()}
SIGNER = Signer(device=DEVICE, key_id=7, key=KEYS[7])
GOOD = [pytest.param(bytes.fromhex(v["hex"]), v, id=v["name"]) for v in VECTORS["good"]]
BAD = [pytest.param(bytes.fromhex(v["hex"]), v, id=v["name"]) for v in VECTORS["bad"]]
STATUS = Report(device=DEVICE, kind="status", fix_time_ms=5, boot=3, seq=4)


def keys_for(vector):
    return KEYS if "key" in vector["name"] or vector["name"] == "of-another-device" else {}


def expected(vector):
    said = [message | {"device": DEVICE} for message in vector["messages"]]
    return [
        msgspec.convert({k: v for k, v in m.items() if k != "kind"}, Reply)
        if m["kind"] == "reply"
        else msgspec.convert(m, Report)
        for m in said
    ]


@pytest.mark.parametrize(("frame", "vector"), GOOD)
def test_a_golden_frame_says_what_the_page_says(frame, vector):
    keys = {} if vector["name"] == "reply" else keys_for(vector)
    assert decode(frame, DEVICE, keys) == expected(vector)
    assert CODECS["wristband-bin"].open(Context(device=DEVICE, keys=keys))(frame) == expected(
        vector
    )


@pytest.mark.parametrize(("frame", "vector"), GOOD)
def test_a_golden_frame_is_what_the_encoder_makes(frame, vector):
    messages = expected(vector)
    signer = SIGNER if keys_for(vector) else None
    if isinstance(messages[0], Reply):
        assert encode_reply(messages[0]) == frame
    else:
        assert encode(messages, signer) == frame


@pytest.mark.parametrize(("frame", "vector"), GOOD)
def test_a_golden_frame_is_nothing_until_its_last_byte(frame, vector):
    for size in range(len(frame)):
        with pytest.raises(LengthError):
            decode(frame[:size], DEVICE, keys_for(vector))


@pytest.mark.parametrize(("frame", "vector"), GOOD)
def test_glued_frames_say_what_each_says(frame, vector):
    keys = keys_for(vector)
    assert decode(frame * 3, DEVICE, keys) == expected(vector) * 3
    rows = decode_columns(frame * 3, DEVICE, keys)
    assert reports_of(rows, DEVICE) == [m for m in expected(vector) * 3 if isinstance(m, Report)]


@pytest.mark.parametrize("garbage", [b"\0", b"GTWB", b"\xff" * 40])
@pytest.mark.parametrize(("frame", "vector"), GOOD)
def test_trailing_garbage_refuses_the_payload_and_says_where(frame, vector, garbage):
    with pytest.raises(DecodeError) as caught:
        decode(frame + garbage, DEVICE, keys_for(vector))
    assert caught.value.offset == len(frame)
    assert caught.value.frame == frame + garbage


@pytest.mark.parametrize(("frame", "vector"), BAD)
def test_a_frame_that_does_not_hold_to_the_page_is_refused_by_its_kind(frame, vector):
    for take in (decode, decode_columns):
        with pytest.raises(getattr(errors, vector["error"])) as caught:
            take(frame, DEVICE, keys_for(vector) if vector["error"] == "AuthenticityError" else {})
        assert caught.value.offset == vector["offset"]


@given(batches(numbers=FIXED_POINT, seqs=SEQS_32, device=DEVICE), st.booleans())
def test_reports_come_back_as_they_were(sent, is_signed):
    frame = encode(sent, SIGNER if is_signed else None)
    keys = KEYS if is_signed else {}
    assert decode(frame, DEVICE, keys) == sent
    assert reports_of(decode_columns(frame, DEVICE, keys), DEVICE) == sent


@given(batches(seqs=SEQS_32))
def test_any_report_comes_back_within_the_resolution(sent):
    for before, after in zip(sent, decode(encode(sent), DEVICE), strict=True):
        for name, step in (("longitude_deg", 1e-7), ("accuracy_m", 1e-3), ("speed_mps", 1e-3)):
            was, is_now = getattr(before, name), getattr(after, name)
            assert (was is None) is (is_now is None)
            assert was is None or abs(was - is_now) <= 0.51 * step
        turn_deg = abs((before.heading_deg or 0) - (after.heading_deg or 0))
        assert min(turn_deg, 360 - turn_deg) <= 0.0051


@given(
    to=st.from_regex(r"[A-Za-z0-9_-]{1,40}", fullmatch=True),
    ok=st.none() | st.booleans(),
    text=st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200),
)
def test_a_reply_comes_back_as_it_was(to, ok, text):
    reply = Reply(device=DEVICE, to=to, ok=ok, text=text)
    assert decode(encode_reply(reply, SIGNER), DEVICE, KEYS) == [reply]


@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda tail: b"GTWB\1\1" + tail))
@example(b"")
@example(b"GTWB" * 20_000)
def test_any_bytes_decode_or_raise_decode_error(payload):
    with suppress(DecodeError):
        decode(payload, DEVICE)
    with suppress(DecodeError):
        decode_columns(payload)


@given(
    body=st.binary(min_size=RECORD.itemsize, max_size=RECORD.itemsize)
    | st.lists(st.integers(0, 55), max_size=4).map(
        lambda ones: bytes(int(place in ones) for place in range(RECORD.itemsize))
    )
)
def test_a_record_that_decodes_is_the_one_that_its_report_encodes_to(body):
    """The form is canonical: no two records say the same, no record says something unseen."""
    frame = seal(1, body)
    try:
        messages = decode(frame, DEVICE)
    except DecodeError:
        return
    assert encode(messages) == frame


def test_with_keys_a_frame_without_signature_is_refused():
    with pytest.raises(AuthenticityError, match="unsigned"):
        decode(encode([STATUS]), DEVICE, KEYS)


def test_a_changed_byte_with_a_mended_checksum_is_a_wrong_signature():
    frame = bytearray(encode([STATUS], SIGNER))
    frame[32] ^= 1
    frame[28:32] = crc32c(bytes(frame[:28] + frame[32:])).to_bytes(4, "little")
    with pytest.raises(AuthenticityError, match="another signature"):
        decode(bytes(frame), DEVICE, KEYS)


def test_a_short_key_signs_nothing():
    with pytest.raises(FieldError, match="16"):
        encode([STATUS], Signer(device=DEVICE, key_id=1, key=b"x" * 15))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"spo2_pct": 98}, "no field for spo2_pct"),
        ({"extra": {"mood": 1}}, "`extra` has no place"),
        ({"kind": "fix"}, "would be read as 'status'"),
        ({"seq": 1 << 32}, "`seq`"),
        ({"boot": 1 << 32}, "`boot`"),
        ({"fix_time_ms": -1}, "`fix_time_ms`"),
        ({"sent_time_ms": 1 << 53}, "`sent_time_ms`"),
        ({"battery_pct": 101}, "`battery_pct`"),
        ({"heading_deg": 360.0}, "`heading_deg`"),
        ({"accuracy_m": float("nan")}, "`accuracy_m`"),
    ],
)
def test_what_the_record_has_no_room_for_is_refused(changes, said):
    with pytest.raises(FieldError, match=said):
        encode([msgspec.structs.replace(STATUS, **changes)])


def test_a_frame_takes_one_to_a_thousand_reports_of_one_boot():
    with pytest.raises(FieldError, match="0 reports"):
        encode([])
    with pytest.raises(FieldError, match="1001 reports"):
        encode([STATUS] * 1_001)
    with pytest.raises(FieldError, match="one `boot`"):
        encode([STATUS, msgspec.structs.replace(STATUS, boot=9)])
    full = decode(encode([STATUS] * 1_000), DEVICE)
    assert full == [STATUS] * 1_000


def test_every_alarm_has_its_place():
    report = msgspec.structs.replace(STATUS, alarms=tuple(ALARM_BITS))
    assert decode(encode([report]), DEVICE) == [report]


def test_one_bad_payload_of_a_batch_costs_no_other():
    bad = next(bytes.fromhex(v["hex"]) for v in VECTORS["bad"] if v["name"] == "second-battery")
    one, two = encode([STATUS]), encode([STATUS, msgspec.structs.replace(STATUS, seq=5)])
    batch = decode_batch([one, bad, b"junk", two + one, bad])
    assert batch.rows["seq"].tolist() == [4, 4, 5, 4]
    assert batch.payload.tolist() == [0, 3, 3, 3]
    assert {index: type(error) for index, error in batch.refused.items()} == {
        1: FieldError,
        2: LengthError,
        4: FieldError,
    }
    assert batch.refused[1].offset == batch.refused[4].offset == 32 + 56 + 43


@given(st.lists(batches(max_size=4, numbers=FIXED_POINT, seqs=SEQS_32), max_size=5))
def test_a_batch_is_its_payloads_one_by_one(messages):
    payloads = [encode(reports) for reports in messages]
    batch = decode_batch(payloads)
    alone = [decode_columns(payload) for payload in payloads]
    assert batch.refused == {}
    assert reports_of(batch.rows, "d") == [r for rows in alone for r in reports_of(rows, "d")]
    assert (
        batch.payload.tolist()
        == np.repeat(np.arange(len(alone)), [len(rows) for rows in alone]).tolist()
    )


def test_a_signed_batch_needs_the_names_of_its_devices():
    frame = encode([STATUS], SIGNER)
    assert len(decode_batch([frame], [DEVICE], KEYS).rows) == 1
    assert isinstance(decode_batch([frame], None, KEYS).refused[0], AuthenticityError)
