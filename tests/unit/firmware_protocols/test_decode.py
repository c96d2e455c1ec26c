"""Decoders: any bytes give reports or a DecodeError; the edges of every field."""

import json
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from firmware_protocols.catalog import CODECS
from firmware_protocols.codec import Context
from firmware_protocols.columns import reports_of
from firmware_protocols.errors import DecodeError, FieldError, OversizedError, SyntaxDecodeError
from firmware_protocols.message import Report
from firmware_protocols.wristband_json import decode as wristband_json

ONE = {"v": 1, "boot": 12, "seq": 345, "t": 1_795_312_923_000, "lon": 120.1551, "lat": 30.2741}
TOO_MANY = [{"seq": 1, "t": 1}] * 1_001
LOCATION = {"_type": "location", "tst": 1_795_312_923, "lon": 120.1551, "lat": 30.2741}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)
FIELDS = (
    *("v", "boot", "seq", "t", "lon", "lat", "acc", "alt", "spd", "hdg", "sat", "bat", "alarms"),
    *("backlog", "datum", "reports", "_type", "tst", "vel", "cog", "batt"),
    *("valid", "sent", "skin", "hr", "skt", "steps", "reply"),
)


@pytest.mark.parametrize("codec", CODECS)
@given(payload=st.binary(max_size=300))
@example(payload=b"[" * 20_000)
@example(payload=b'{"v":1,"boot":1,"seq":' + b"9" * 5_000 + b"}")
@example(payload=b'{"_type":"location","tst":1e308,"lon":1e400,"lat":0}')
@example(payload=b'{"_type":"\xed\xa0\x80"}')
def test_any_bytes_decode_or_raise_decode_error(codec, payload):
    with suppress(DecodeError):  # nothing else may come out
        CODECS[codec].open(Context(device="d"))(payload)


@pytest.mark.parametrize(("codec", "good"), [("wristband-json", ONE), ("owntracks", LOCATION)])
@given(changes=st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=3))
def test_any_values_decode_or_raise_decode_error(codec, good, changes):
    payload = json.dumps(good | changes).encode("utf-8", "surrogatepass")
    try:
        reports = CODECS[codec].open(Context(device="d"))(payload)
    except DecodeError:
        return
    for report in reports:
        assert report.device == "d"
        if not isinstance(report, Report):
            continue
        assert (report.longitude_deg is None) is (report.latitude_deg is None)
        assert -180 <= (report.longitude_deg or 0) <= 180


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        (b"", SyntaxDecodeError),
        (json.dumps(ONE).encode()[:-1], SyntaxDecodeError),
        (b"\xff\xfe", SyntaxDecodeError),
        (b" " * 65_537, OversizedError),
        (json.dumps(ONE | {"v": 2}).encode(), FieldError),
        (json.dumps(ONE | {"boot": 1 << 32}).encode(), FieldError),
        (json.dumps(ONE | {"seq": -1}).encode(), FieldError),
        (json.dumps(ONE | {"lon": 180.001}).encode(), FieldError),
        (json.dumps(ONE | {"lat": None}).encode(), FieldError),
        (json.dumps(ONE | {"hdg": 360}).encode(), FieldError),
        (json.dumps(ONE | {"bat": 101}).encode(), FieldError),
        (json.dumps(ONE | {"alarms": ["boredom"]}).encode(), FieldError),
        (json.dumps(ONE | {"datum": "Mars"}).encode(), FieldError),
        (json.dumps(ONE | {"hr": 401}).encode(), FieldError),
        (json.dumps(ONE | {"skt": -50.01}).encode(), FieldError),
        (json.dumps(ONE | {"skin": 1}).encode(), FieldError),
        (json.dumps(ONE | {"steps": 1 << 32}).encode(), FieldError),
        (json.dumps(ONE | {"sent": -1}).encode(), FieldError),
        (b'{"v": 1, "reply": {"to": "a b"}}', FieldError),
        (b'{"v": 1, "reply": {"to": "c-1\\n"}}', FieldError),
        (b'{"v": 2, "reply": {"to": "c-1"}}', FieldError),
        (json.dumps({"v": 1, "boot": 1, "reports": []}).encode(), FieldError),
        (json.dumps({"v": 1, "boot": 1, "reports": TOO_MANY}).encode(), FieldError),
    ],
)  # fmt: skip
def test_what_does_not_hold_to_the_page_is_refused_by_its_kind(payload, error):
    with pytest.raises(error):
        wristband_json.decode(payload, "d")
    with pytest.raises(error):
        wristband_json.decode_columns(payload)


@given(changes=st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=3))
@example(changes={"alarms": ["strap", "fall"], "datum": "BD09", "hr": None})
def test_columns_take_and_refuse_what_the_records_do(changes):
    payload = json.dumps(ONE | changes).encode("utf-8", "surrogatepass")
    try:
        wanted = wristband_json.decode(payload, "d")
    except DecodeError as error:
        with pytest.raises(type(error)):
            wristband_json.decode_columns(payload)
        return
    found = reports_of(wristband_json.decode_columns(payload), "d")
    assert found == [report for report in wanted if isinstance(report, Report)]


def test_a_key_in_some_value_is_no_key():
    for word in ("reports", "reply"):
        (report,) = wristband_json.decode(json.dumps(ONE | {"note": word}).encode(), "d")
        assert report.seq == 345


def test_vital_signs_alone_are_vitals_and_beside_a_charge_a_status():
    base = {"v": 1, "boot": 1, "seq": 1, "t": 1, "hr": 70}
    for more, kind in (
        ({}, "vitals"),
        ({"skin": True, "steps": 5}, "vitals"),
        ({"bat": 50}, "status"),
        ({"alarms": ["sos"]}, "status"),
        ({"lon": 120.0, "lat": 30.0}, "fix"),
    ):
        (report,) = wristband_json.decode(json.dumps(base | more).encode(), "d")
        assert (report.kind, report.heart_rate_bpm) == (kind, 70)


def test_one_bad_report_refuses_the_whole_message():
    rows = [{"seq": 1, "t": 1}, {"seq": 2, "t": 2, "bat": 101}]
    with pytest.raises(FieldError, match="bat"):
        wristband_json.decode(json.dumps({"v": 1, "boot": 1, "reports": rows}).encode(), "d")


def test_a_field_of_newer_firmware_is_ignored():
    (report,) = wristband_json.decode(json.dumps(ONE | {"mood": "good"}).encode(), "d")
    assert (report.seq, report.longitude_deg, report.datum) == (345, 120.1551, "WGS84")
