"""Kiosk v1: attempts there and back, golden vectors, the edges of every field."""

import json
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocols.errors import (
    DecodeError,
    FieldError,
    OversizedError,
    SyntaxDecodeError,
    UnsupportedError,
)
from firmware_protocols.kiosk.challenge import (
    REQUEST,
    Challenge,
    decode_challenge,
    encode_ask,
    encode_challenge,
)
from firmware_protocols.kiosk.decode import decode
from firmware_protocols.kiosk.encode import encode
from firmware_protocols.kiosk.wire import JPEG_START, MAX_IMAGE_BYTES, MAX_PAYLOAD_BYTES
from firmware_protocols.message import CheckIn, Request
from guitu.message_json import message_object

VECTORS = json.loads(
    (Path(__file__).parents[3] / "vectors" / "kiosk" / "check_ins.json").read_text()
)["vectors"]
TIMES = st.integers(0, (1 << 53) - 1)
NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789_-", min_size=1, max_size=40)
GOOD = {"v": 1, "attempt": "a-1", "token": "t.1", "asked": 1, "answered": 2, "img": JPEG_START}


def packed(**changes):
    body = {key: value for key, value in (GOOD | changes).items() if value is not None}
    return msgspec.msgpack.encode(body)


@st.composite
def attempts(draw):
    has_position, has_image = draw(st.booleans()), draw(st.booleans())
    embedding = st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1)
    evidence = st.booleans() | st.integers(-(1 << 63), (1 << 63) - 1) | st.text(max_size=64)
    evidence |= st.floats(allow_nan=False, allow_infinity=False)
    nonce = draw(st.none() | st.binary(min_size=8, max_size=64))
    return CheckIn(
        device="kiosk-1",
        attempt=draw(NAMES),
        identity_token=draw(st.none() | NAMES),
        challenge_time_ms=draw(TIMES),
        response_time_ms=draw(TIMES),
        image=JPEG_START + draw(st.binary(max_size=100)) if has_image else None,
        embedding=None if has_image else tuple(draw(embedding)),
        embedding_model=None if has_image else draw(NAMES),
        liveness=draw(
            st.dictionaries(
                st.from_regex("[a-z][a-z0-9_]{0,31}", fullmatch=True), evidence, max_size=16
            )
        ),
        longitude_deg=draw(st.floats(-180, 180)) if has_position else None,
        latitude_deg=draw(st.floats(-90, 90)) if has_position else None,
        datum=draw(st.sampled_from(["WGS84", "GCJ02", "BD09"])) if has_position else None,
        extra={} if nonce is None else {"nonce": nonce.hex()},
    )


def plain(attempt):
    extra = {name: value for name, value in attempt.extra.items() if name != "signed"}
    return msgspec.structs.replace(attempt, extra=extra)


def test_what_is_signed_is_the_whole_attempt_and_the_name_of_the_kiosk():
    signed = []

    def sign(text):
        signed.append(text)
        return bytes(64)

    (attempt,) = decode(packed(), "kiosk-1")
    (came,) = decode(encode(attempt, sign), "kiosk-1")
    (stolen,) = decode(encode(attempt, sign), "kiosk-2")
    (changed,) = decode(
        encode(msgspec.structs.replace(attempt, liveness={"blink": True}), sign), "k"
    )
    assert came.extra["signed"].encode() == signed[0]
    assert len({came.extra["signed"], stolen.extra["signed"], changed.extra["signed"]}) == 3


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        ({"signed": packed()}, "one of them is missing"),
        ({"sig": bytes(64)}, "one of them is missing"),
        ({"signed": packed(), "sig": bytes(63)}, "length >= 64"),
        ({"signed": packed(asked=-1), "sig": bytes(64)}, ">= 0"),
        ({"signed": b"\xc1", "sig": bytes(64)}, "not MessagePack"),
    ],
)
def test_what_is_wrong_with_a_signed_attempt_is_named(frame, told):
    with pytest.raises(DecodeError, match=told):
        decode(msgspec.msgpack.encode({"v": 1} | frame), "kiosk-1")


def test_a_request_for_a_challenge_and_its_answer_come_back_as_they_were():
    (asked,) = decode(encode_ask("q-1"), "kiosk-1")
    assert asked == Request(device="kiosk-1", request=REQUEST, extra={"ask": "q-1"})
    for kind in ("blink", "turn_left", "turn_right"):
        one = Challenge("q-1", bytes(range(16)), kind, 1_795_312_983_000)
        assert decode_challenge(encode_challenge(one)) == one
    with pytest.raises(FieldError, match="regex"):
        decode(encode_ask("q 1"), "kiosk-1")
    with pytest.raises(DecodeError):
        decode_challenge(encode_ask("q-1"))


@given(attempts())
def test_an_attempt_comes_back_as_it_was(sent):
    assert decode(encode(sent), "kiosk-1") == [sent]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_golden_vector_decodes_to_its_whole_record(vector):
    payload = bytes.fromhex(vector["hex"])
    if "error" in vector:
        with pytest.raises(DecodeError) as refused:
            decode(payload, "kiosk-1")
        assert type(refused.value).__name__ == vector["error"]
        return
    (attempt,) = decode(payload, "kiosk-1")
    assert message_object(attempt) == vector["message"]
    # The bytes that were signed may be another encoder's: the signature stands, as it came.
    sign = (
        (lambda _: bytes.fromhex(attempt.extra["signature"])) if "signed" in attempt.extra else None
    )
    (again,) = decode(encode(attempt, sign), "kiosk-1")
    assert again.extra.keys() == attempt.extra.keys()
    assert plain(again) == plain(attempt)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_cut_or_overlong_message_is_refused_and_costs_nothing_else(vector):
    payload = bytes.fromhex(vector["hex"])
    for wrong in (*(payload[:end] for end in range(len(payload))), payload * 2, payload + b"\xc1"):
        with pytest.raises(DecodeError):
            decode(wrong, "kiosk-1")


@given(st.binary(max_size=200))
def test_any_bytes_decode_or_raise_decode_error(payload):
    with suppress(DecodeError):
        decode(payload, "kiosk-1")


@given(st.dictionaries(
    st.sampled_from([*GOOD, "emb", "model", "live", "nonce", "lon", "lat", "datum"]),
    st.none() | st.booleans() | st.integers(-5, 1 << 63) | st.floats() | st.binary(max_size=20)
    | st.text(max_size=5) | st.dictionaries(st.text(max_size=3), st.floats(), max_size=3),
    max_size=4,
))  # fmt: skip
def test_any_values_decode_or_raise_decode_error(changes):
    with suppress(DecodeError):
        (attempt,) = decode(packed(**changes), "kiosk-1")
        assert (attempt.image is None) is not (attempt.embedding is None)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"img": None}, "either `img` or `emb`"),
        ({"emb": bytes(4), "model": "m"}, "not both"),
        ({"img": None, "emb": bytes(4)}, "`emb` and `model`"),
        ({"model": "m"}, "`emb` and `model`"),
        ({"img": None, "emb": bytes(5), "model": "m"}, "whole number"),
        ({"img": None, "emb": b"\x00\x00\x80\x7f", "model": "m"}, "not finite"),
        ({"img": b"GIF89a"}, "begins with 474946"),
        ({"img": JPEG_START + bytes(MAX_IMAGE_BYTES)}, "length <= 250000"),
        ({"lon": 1.0}, "come together"),
        ({"lon": 181.0, "lat": 0.0}, "<= 180"),
        ({"lon": float("nan"), "lat": 0.0}, ">= -180"),
        ({"live": {"blink": float("inf")}}, "not finite"),
        ({"live": {"Blink": True}}, "regex"),
        ({"live": {f"k{n}": 1 for n in range(17)}}, "length <= 16"),
        ({"token": "张三"}, "regex"),
        ({"token": "a\n"}, "regex"),
        ({"attempt": ""}, "regex"),
        ({"asked": -1}, ">= 0"),
        ({"nonce": bytes(7)}, "length >= 8"),
        ({"datum": "Mars"}, "datum"),
        ({"answered": None}, "answered"),
    ],
)
def test_a_field_out_of_its_bounds_is_named(changes, told):
    with pytest.raises(FieldError, match=told):
        decode(packed(**changes), "kiosk-1")


def test_another_version_is_said_to_be_one():
    with pytest.raises(UnsupportedError, match="version 2, read is 1"):
        decode(msgspec.msgpack.encode({"v": 2, "what": "else"}), "kiosk-1")


def test_an_oversized_message_is_not_looked_at():
    with pytest.raises(OversizedError):
        decode(bytes(MAX_PAYLOAD_BYTES + 1), "kiosk-1")


def test_deep_nesting_is_refused():
    with pytest.raises(SyntaxDecodeError):
        decode(b"\x82\xa1q" + b"\x91" * 100_000, "kiosk-1")


def test_a_field_of_newer_firmware_is_passed_over():
    assert decode(packed(mood={"good": [1]}), "k") == decode(packed(), "k")


def test_what_the_codec_does_not_carry_is_refused_at_the_sender():
    (attempt,) = decode(packed(), "k")
    for changes in (
        {"identity_token": "张三"},
        {"extra": {"nonce": "xx"}},
        {"image": None},
        {"embedding": (1e300,), "image": None, "embedding_model": "m"},
        {"liveness": {"a": 1 << 70}},
    ):
        with pytest.raises(FieldError):
            encode(msgspec.structs.replace(attempt, **changes))
