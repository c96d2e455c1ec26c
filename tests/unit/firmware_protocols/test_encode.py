"""What the device side encodes, the gateway side decodes to the same."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocols.alarm import ALARM_BITS
from firmware_protocols.errors import DecodeError, FieldError
from firmware_protocols.message import Report
from firmware_protocols.owntracks.decode import decode as decode_owntracks
from firmware_protocols.owntracks.encode import encode as encode_owntracks
from firmware_protocols.owntracks.encode import encode_will
from firmware_protocols.wristband_json.decode import decode
from firmware_protocols.wristband_json.encode import decode_ack, encode, encode_ack

BOOTS = st.integers(0, 2**32 - 1)
SEQS = st.integers(0, 2**53 - 1)


def optional(strategy):
    return st.none() | strategy


def number(low, high, **options):
    return st.floats(low, high, allow_nan=False, **options)


@st.composite
def reports(draw, boot):
    has_position = draw(st.booleans())
    return Report(
        device="wb-000001",
        kind="fix" if has_position else "status",
        fix_time_ms=draw(SEQS),
        boot=boot,
        seq=draw(SEQS),
        longitude_deg=draw(number(-180, 180)) if has_position else None,
        latitude_deg=draw(number(-90, 90)) if has_position else None,
        datum=draw(st.sampled_from(["WGS84", "GCJ02", "BD09"])) if has_position else None,
        accuracy_m=draw(optional(number(0, 100_000))),
        altitude_m=draw(optional(number(-1_000, 20_000))),
        speed_mps=draw(optional(number(0, 1_000))),
        heading_deg=draw(optional(number(0, 360, exclude_max=True))),
        satellites=draw(optional(st.integers(0, 255))),
        battery_pct=draw(optional(st.integers(0, 100))),
        alarms=tuple(draw(st.lists(st.sampled_from(sorted(ALARM_BITS)), max_size=8, unique=True))),
        backlog=draw(st.booleans()),
    )


@given(BOOTS.flatmap(lambda boot: st.lists(reports(boot), min_size=1, max_size=20)))
def test_wristband_reports_come_back_as_they_were(sent):
    assert decode(encode(sent), "wb-000001") == sent


@given(st.lists(st.tuples(BOOTS, SEQS, SEQS), max_size=50))
def test_acknowledgements_come_back_as_they_were(ranges):
    assert decode_ack(encode_ack(ranges)) == ranges


@given(st.binary(max_size=200))
def test_any_bytes_are_an_acknowledgement_or_a_decode_error(payload):
    with contextlib.suppress(DecodeError):
        decode_ack(payload)


@pytest.mark.parametrize(
    "payload",
    [b'{"v":2,"ack":[]}', b'{"v":1,"ack":[[1,2]]}', b'{"v":1,"ack":[[1,-2,3]]}', b'{"v":1}'],
)
def test_an_acknowledgement_of_another_form_is_refused(payload):
    with pytest.raises(FieldError):
        decode_ack(payload)


def test_one_report_takes_the_single_form():
    report = Report(device="wb-1", kind="status", fix_time_ms=5, boot=3, seq=4, battery_pct=9)
    assert json.loads(encode([report])) == {"v": 1, "boot": 3, "seq": 4, "t": 5, "bat": 9}


def test_a_message_takes_reports_of_one_boot_only():
    one = Report(device="wb-1", kind="status", fix_time_ms=5, boot=3, seq=4)
    other = Report(device="wb-1", kind="status", fix_time_ms=5, boot=4, seq=4)
    with pytest.raises(FieldError, match="several boots"):
        encode([one, other])
    with pytest.raises(FieldError, match="0 reports"):
        encode([])


def test_an_owntracks_location_comes_back_to_the_second():
    sent = Report(
        device="ph-0001",
        kind="fix",
        fix_time_ms=1_795_309_323_000,
        boot=0,
        seq=1_795_309_323,
        longitude_deg=119.9,
        latitude_deg=28.4,
        datum="WGS84",
        accuracy_m=12.5,
        altitude_m=80.0,
        speed_mps=5.0,
        heading_deg=90.0,
        battery_pct=77,
    )
    assert decode_owntracks(encode_owntracks(sent), "ph-0001") == [sent]


def test_owntracks_carries_wgs84_positions_only():
    status = Report(device="ph-1", kind="status", fix_time_ms=5_000, boot=0, seq=5)
    with pytest.raises(FieldError):
        encode_owntracks(status)


def test_the_will_of_a_phone_is_no_location():
    assert decode_owntracks(encode_will(1_795_309_323), "ph-0001") == []
