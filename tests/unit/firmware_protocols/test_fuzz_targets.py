"""The fuzzing targets hold on their seeds and on random bytes, and see what is wrong."""

import random
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.fuzz.sealing import AUTH_CODE, LOGINS, SEALS
from benchmarks.fuzz.seeds import frames_of, seeds
from benchmarks.fuzz.target import require_sound, target_names, target_of
from firmware_protocols.catalog import CODECS
from firmware_protocols.codec import Codec, Context
from firmware_protocols.dialogue import Admission
from firmware_protocols.errors import (
    FieldError,
    LengthError,
    SyntaxDecodeError,
    UnsupportedError,
)
from firmware_protocols.message import Report

SOUND = Report(
    device="d", kind="fix", fix_time_ms=1, boot=0, seq=0, longitude_deg=1.0, latitude_deg=2.0,
    datum="WGS84",
)  # fmt: skip


@pytest.mark.parametrize("name", target_names())
def test_a_target_holds_on_every_seed(name):
    run = target_of(name)
    for seed in seeds(name):
        run(seed)


@pytest.mark.parametrize("name", target_names())
def test_a_target_holds_on_seeds_with_bytes_changed(name):
    run, dice = target_of(name), random.Random(name)  # noqa: S311  # repeatable, no secret
    for seed in seeds(name)[:200]:
        changed = bytearray(seed)
        for _ in range(3):
            changed[dice.randrange(len(changed))] = dice.randrange(256)
        run(bytes(changed))


@pytest.mark.parametrize("name", target_names())
@given(data=st.binary(max_size=200))
def test_a_target_holds_on_random_bytes(name, data):
    target_of(name)(data)


@pytest.mark.parametrize("name", SEALS)
def test_what_is_sealed_gets_past_the_checksum(name):
    seal, unseal = SEALS[name]
    decode = CODECS[name].open(Context())
    decoded = 0
    for content in filter(None, map(unseal, frames_of(name))):
        changed = content[:-1] + bytes([content[-1] ^ 1])
        with suppress(SyntaxDecodeError, FieldError, LengthError, UnsupportedError):
            decoded += bool(decode(seal(changed)))
    assert decoded >= 3


@pytest.mark.parametrize("name", LOGINS)
def test_a_login_lets_the_terminal_of_sealed_frames_in(name):
    dialogue = CODECS[name].dialogue()
    for cut in dialogue.feed(LOGINS[name]):
        dialogue.take(cut.data, 0, lambda _: Admission(device="d", auth_code=AUTH_CODE))
    assert dialogue.admission is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"longitude_deg": 181.0},
        {"latitude_deg": None},
        {"datum": None},
        {"kind": "status"},
        {"heading_deg": 360.0},
        {"speed_mps": float("nan")},
        {"alarms": ("boredom",)},
        {"alarms": ("sos", "sos")},
        {"seq": 1 << 53},
    ],
)
def test_an_unsound_record_is_a_finding(changes):
    require_sound([SOUND])
    with pytest.raises(AssertionError):
        require_sound([msgspec.structs.replace(SOUND, **changes)])


def test_extra_that_json_cannot_carry_is_a_finding():
    with pytest.raises(TypeError):
        require_sound([msgspec.structs.replace(SOUND, extra={"when": {1, 2}})])


def test_another_error_than_decode_error_is_a_finding(monkeypatch):
    def open_broken(_context):
        return lambda payload: [payload[5]]

    monkeypatch.setitem(CODECS, "broken", Codec(name="broken", form="hex", open=open_broken))
    with pytest.raises(IndexError):
        target_of("broken")(b"\0\0abc")
