"""What goes down to a wristband in binary."""

import json
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocols.command import Command
from firmware_protocols.errors import (
    ApprovalError,
    AuthenticityError,
    CommandError,
    DecodeError,
    FieldError,
    LengthError,
    UnsupportedError,
)
from firmware_protocols.message import Reply
from firmware_protocols.wristband_bin.down_link import decode_down, encode_ack, encode_command
from firmware_protocols.wristband_bin.encode import encode_reply
from firmware_protocols.wristband_bin.frame import Signer, seal
from tests.unit.firmware_protocols.test_wristband_command import COMMANDS

VECTORS = json.loads(
    (Path(__file__).parents[3] / "vectors" / "wristband-bin" / "frames.json").read_text()
)
DOWN = [pytest.param(bytes.fromhex(v["hex"]), v["says"], id=v["name"]) for v in VECTORS["down"]]
SIGNER = Signer(device="wb-1", key_id=3, key=b"k" * 16)
U32 = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize(("frame", "says"), DOWN)
def test_a_golden_frame_says_what_the_page_says(frame, says):
    if isinstance(says, list):
        assert decode_down(frame) == [tuple(each) for each in says]
        assert encode_ack(tuple(each) for each in says) == frame
    else:
        command = msgspec.convert(says, Command)
        assert decode_down(frame) == command
        approved = msgspec.structs.replace(command, approved_by=("li", "wang"))
        assert encode_command(approved) == frame


@pytest.mark.parametrize(("frame", "says"), DOWN)
def test_a_golden_frame_is_nothing_until_its_last_byte(frame, says):
    assert decode_down(frame), says
    for size in range(len(frame)):
        with pytest.raises(LengthError):
            decode_down(frame[:size])


@given(st.lists(st.tuples(U32, U32, U32), max_size=50), st.booleans())
def test_acknowledgements_come_back_as_they_were(ranges, is_signed):
    frame = encode_ack(ranges, SIGNER if is_signed else None)
    assert decode_down(frame, "wb-1", {3: b"k" * 16} if is_signed else {}) == ranges


def test_many_ranges_take_several_frames():
    ranges = [(1, seq, seq) for seq in range(2_500)]
    assert decode_down(encode_ack(ranges)) == ranges


@given(COMMANDS)
def test_a_command_comes_back_as_it_was(command):
    assert decode_down(encode_command(command, SIGNER), "wb-1", {3: b"k" * 16}) == command


def test_a_dangerous_command_needs_two_persons():
    with pytest.raises(ApprovalError):
        encode_command(Command(id="c-1", name="close_radio", approved_by=("li",)))


@pytest.mark.parametrize("name", ["set_interval", "text"])
def test_a_command_without_its_argument_is_not_sent(name):
    with pytest.raises(CommandError, match="needs"):
        encode_command(Command(id="c-1", name=name))


def test_a_text_that_utf_8_does_not_carry_is_not_sent():
    with pytest.raises(CommandError, match="surrogate"):
        encode_command(Command(id="c-1", name="text", text="\ud800"))


@pytest.mark.parametrize(
    ("frame", "error"),
    [
        (seal(0x82, b"\1\3\0\0\0\0\0\0c-1"), FieldError),  # no interval
        (seal(0x82, b"\2\3\0\0\0\0\1\0c-1"), FieldError),  # not zero
        (seal(0x82, b"\x09\3\0\0\0\0\0\0c-1"), FieldError),  # no such command
        (seal(0x82, b"\2\3\0\0\0\0\0\0c 1"), FieldError),
        (seal(0x82, b"\2\3\0\0\0\0\0\0c-\xff"), FieldError),
        (seal(0x82, b"\3\3\1\0\0\0\0\0c-1\xff"), FieldError),
        (seal(0x82, b"\2\4\0\0\0\0\0\0c-1"), LengthError),
        (seal(0x82, b"\2\3\0\0\0\0\0"), LengthError),
        (seal(0x82, b"\2\3\0\0\0\0\0\0c-1", count=2), FieldError),
        (seal(0x81, b"\0" * 12, count=2), LengthError),
        (seal(0x81, b"\0" * 12, count=1_001), FieldError),
        (encode_reply(Reply(device="d", to="c-1")), UnsupportedError),
        (
            encode_ack([(1, 2, 3)]) + encode_command(Command(id="c-1", name="locate")),
            UnsupportedError,
        ),
    ],
)
def test_what_does_not_hold_to_the_page_is_refused(frame, error):
    with pytest.raises(error):
        decode_down(frame)


def test_a_device_with_keys_obeys_signed_frames_only():
    with pytest.raises(AuthenticityError):
        decode_down(encode_command(Command(id="c-1", name="locate")), "wb-1", {3: b"k" * 16})


@given(st.binary(max_size=80))
def test_any_bytes_are_a_down_link_message_or_a_decode_error(body):
    for frame_type in (0x81, 0x82):
        with suppress(DecodeError):
            decode_down(seal(frame_type, body))
    with suppress(DecodeError):
        decode_down(body)
