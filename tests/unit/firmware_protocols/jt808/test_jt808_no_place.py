"""Positions whose time or place is none: what is refused, what is heard all the same."""

import pytest

from firmware_protocols.errors import FieldError
from firmware_protocols.jt808.address import address_of
from firmware_protocols.jt808.header import build_frame, parse_frame
from firmware_protocols.jt808.uplink_write import encode_message
from firmware_protocols.message import Heartbeat
from tests.unit.firmware_protocols.jt808.test_jt808_uplink import a_report, decode
from tests.unit.firmware_protocols.jt808.uplink_messages import DEVICE

_OLD = address_of(DEVICE)


def test_a_terminal_without_a_clock_gives_its_alarms_and_no_position():
    body = bytearray(parse_frame(encode_message(a_report(alarms=("sos",)), _OLD, 1)[0]).body)
    body[22:28] = bytes(6)
    (got,) = decode(build_frame(_OLD, 0x0200, 1, bytes(body)))
    assert got == Heartbeat(device=DEVICE, alarms=("sos",), extra={"no_time": True})


def test_a_time_that_is_none_is_refused_where_it_stands():
    body = bytearray(parse_frame(encode_message(a_report(), _OLD, 1)[0]).body)
    body[23] = 0x13
    with pytest.raises(FieldError) as raised:
        decode(build_frame(_OLD, 0x0200, 1, bytes(body)))
    assert raised.value.offset == 22


def test_a_position_that_lies_nowhere_is_refused_when_valid_and_absent_when_not():
    body = bytearray(parse_frame(encode_message(a_report(valid=False), _OLD, 1)[0]).body)
    body[8:16] = b"\xff" * 8
    (got,) = decode(build_frame(_OLD, 0x0200, 1, bytes(body)))
    assert (got.kind, got.longitude_deg, got.valid) == ("status", None, False)
    body[7] |= 0b10
    with pytest.raises(FieldError, match="valid position"):
        decode(build_frame(_OLD, 0x0200, 1, bytes(body)))


def test_a_call_for_help_is_heard_whatever_its_time_and_position():
    body = bytearray(parse_frame(encode_message(a_report(alarms=("sos",)), _OLD, 1)[0]).body)
    body[22:28] = bytes.fromhex("000000080000")
    (beat,) = decode(build_frame(_OLD, 0x0200, 1, bytes(body)))
    assert beat == Heartbeat(device=DEVICE, alarms=("sos",), extra={"time_raw": "000000080000"})
    body[8:28] = b"\xff" * 8 + bytes(6) + bytes.fromhex("260101080000")
    (status,) = decode(build_frame(_OLD, 0x0200, 1, bytes(body)))
    assert (status.kind, status.alarms, status.latitude_deg) == ("status", ("sos",), None)


@pytest.mark.parametrize("message_id", [0x0704, 0x0210], ids=hex)
def test_one_position_of_a_batch_that_does_not_decode_costs_not_the_others(message_id):
    good = parse_frame(encode_message(a_report(), _OLD, 1)[0]).body
    bad = good[:22] + b"\xff" * 6
    size = {0x0704: 2, 0x0210: 1}[message_id]

    def batch(*bodies):
        head = bytes((0, len(bodies), 0)) if message_id == 0x0704 else b""
        listed = b"".join(len(one).to_bytes(size, "big") + one for one in bodies)
        return build_frame(_OLD, message_id, 1, head + listed)

    first, unknown, last = decode(batch(good, bad, good))
    assert (first.kind, last.kind) == ("fix", "fix")
    assert (unknown.message, unknown.payload) == ("0x0200", bad)
    assert "is not a time" in unknown.extra["fault"]
    with pytest.raises(FieldError):
        decode(batch(bad, bad))
