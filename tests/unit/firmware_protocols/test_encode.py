"""What the device side encodes, the gateway side decodes to the same."""

import contextlib
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocols.columns import reports_of
from firmware_protocols.errors import DecodeError, FieldError
from firmware_protocols.message import Reply, Report
from firmware_protocols.wristband_json.decode import decode, decode_columns
from firmware_protocols.wristband_json.encode import decode_ack, encode, encode_ack, encode_reply
from tests.unit.firmware_protocols.wristband_reports import BOOTS, SEQS_53, batches


@given(batches())
def test_wristband_reports_come_back_as_they_were(sent):
    assert decode(encode(sent), "wb-000001") == sent


@given(batches())
def test_columns_say_what_the_records_say(sent):
    assert reports_of(decode_columns(encode(sent)), "wb-000001") == sent


@given(
    to=st.from_regex(r"[A-Za-z0-9_-]{1,40}", fullmatch=True),
    ok=st.none() | st.booleans(),
    text=st.none() | st.text(min_size=1, max_size=200),
    media=st.lists(
        st.from_regex(r"([A-Za-z0-9_-]{1,64}/)?[A-Za-z0-9_-]{1,40}", fullmatch=True), max_size=20
    ),
)
def test_a_reply_comes_back_as_it_was(to, ok, text, media):
    reply = Reply(device="wb-000001", to=to, ok=ok, text=text, media=tuple(media))
    payload = encode_reply(reply)
    assert decode(payload, "wb-000001") == [reply]
    assert len(decode_columns(payload)) == 0


@given(st.lists(st.tuples(BOOTS, SEQS_53, SEQS_53), max_size=50))
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


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"spo2_pct": 98}, "no field for spo2_pct"),
        ({"extra": {"mood": 1}}, "`extra` has no place"),
        ({"kind": "fix"}, "would be read as 'status'"),
        ({"kind": "vitals", "battery_pct": 3}, "would be read as 'status'"),
        ({"heart_rate_bpm": 70}, "would be read as 'vitals'"),
    ],
)
def test_what_the_codec_does_not_carry_is_not_dropped_silently(changes, said):
    report = Report(device="wb-1", kind="status", fix_time_ms=5, boot=3, seq=4)
    with pytest.raises(FieldError, match=said):
        encode([msgspec.structs.replace(report, **changes)])


def test_one_message_was_sent_once():
    reports = [
        Report(device="wb-1", kind="status", fix_time_ms=5, boot=3, seq=seq, sent_time_ms=seq)
        for seq in (1, 2)
    ]
    with pytest.raises(FieldError, match="sent_time_ms"):
        encode(reports)
