"""The phone app's messages: the vectors, what the fields mean, and back again."""

import json
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocols.catalog import CODECS
from firmware_protocols.codec import Context
from firmware_protocols.errors import (
    DecodeError,
    FieldError,
    OversizedError,
    SyntaxDecodeError,
    UnsupportedError,
)
from firmware_protocols.message import Heartbeat, Login, Logout, Report, Unknown
from firmware_protocols.owntracks.encode import encode, encode_will
from firmware_protocols.owntracks.names import BATTERY_STATES, EXTRA_BY_NAME

VECTORS = Path(__file__).parents[3] / "vectors" / "owntracks" / "frames.json"
ROWS = json.loads(VECTORS.read_text())
BY_NAME = pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
LOCATION = {"_type": "location", "tst": 1_795_312_923, "lon": 120.1551, "lat": 30.2741}


def decode(payload, device=""):
    text = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    (message,) = CODECS["owntracks"].open(Context(device=device))(text)
    return message


@BY_NAME
def test_a_vector_says_what_its_fields_say(row):
    found = [decode(row["text"].encode())]
    assert json.loads(msgspec.json.encode(found)) == row["messages"]


@BY_NAME
def test_a_vector_comes_back_as_it_was(row):
    found = decode(row["text"].encode())
    again = decode(encode(found), device=found.device)
    assert msgspec.structs.replace(again, seq=found.seq) == found


def test_the_phone_apps_units_become_ours():
    report = decode(LOCATION | {"vel": 36, "cog": 360, "acc": 5})
    assert (report.speed_mps, report.heading_deg, report.accuracy_m) == (10.0, 0.0, 5.0)
    assert (report.fix_time_ms, report.seq, report.boot) == (1_795_312_923_000, 1_795_312_923, 0)


def test_the_time_of_making_is_the_time_of_sending():
    assert decode(LOCATION).sent_time_ms is None
    assert decode(LOCATION | {"created_at": 1_795_313_000}).sent_time_ms == 1_795_313_000_000
    sent = {"created_at": 1, "sent": 1_795_313_000}
    assert decode(LOCATION | sent).sent_time_ms == 1_795_313_000_000


def test_what_an_iphone_does_not_know_is_absent():
    report = decode(LOCATION | {"vel": -1, "cog": -1, "acc": -1, "batt": -1})
    told = (report.speed_mps, report.heading_deg, report.accuracy_m, report.battery_pct)
    assert told == (None, None, None, None)


def test_every_other_field_is_kept_under_a_name_that_says_what_it_is():
    fields = {name: f"value of {name}" for name in EXTRA_BY_NAME if name not in ("topic", "t")}
    extra = decode(LOCATION | fields | {"bs": 2, "_id": "9f", "new": [1, {"a": None}]}).extra
    assert extra["vertical_accuracy_m"] == "value of vac"
    assert (extra["battery_state"], extra["_id"], extra["new"]) == (
        "charging",
        "9f",
        [1, {"a": None}],
    )
    assert {extra[key] for name, key in EXTRA_BY_NAME.items() if name in fields} == set(
        fields.values()
    )


@pytest.mark.parametrize(
    ("fields", "alarms"),
    [
        ({"t": "9"}, ("low_battery",)),
        ({"t": "e"}, ("power_cut",)),
        ({"t": "h", "rty": 4}, ("acceleration",)),
        ({"t": "h", "rty": 9}, ()),
        ({"t": "u"}, ()),
        ({"t": 9}, ()),
    ],
)
def test_a_trackers_trigger_is_an_alarm_and_the_apps_is_none(fields, alarms):
    assert decode(LOCATION | fields).alarms == alarms


@pytest.mark.parametrize(
    ("event", "alarms"), [("enter", ("fence_enter",)), ("leave", ("fence_exit",)), ("?", ())]
)
def test_a_transition_is_a_position_with_an_alarm(event, alarms):
    report = decode(LOCATION | {"_type": "transition", "event": event, "desc": "home"})
    assert (report.kind, report.alarms) == ("fix", alarms)
    assert (report.extra["message"], report.extra["region"]) == ("transition", "home")
    assert report.seq != decode(LOCATION).seq


def test_a_transition_without_a_position_is_a_status():
    report = decode({"_type": "transition", "tst": 5, "event": "leave"})
    assert (report.kind, report.alarms, report.datum) == ("status", ("fence_exit",), None)


def test_steps_are_a_status():
    report = decode({"_type": "steps", "tst": 5, "steps": 1_234, "from": 1, "to": 5})
    assert (report.kind, report.steps, report.extra["from"]) == ("status", 1_234, 1)
    assert decode({"_type": "steps", "tst": 5, "steps": -1}).steps is None


def test_the_will_of_a_phone_is_its_leave():
    message = decode(encode_will(1_795_309_323), device="ph-1")
    assert message == Logout(device="ph-1", extra={"message": "lwt", "tst": 1_795_309_323})
    assert decode(encode(message), device="ph-1") == message


def test_a_status_is_a_heartbeat():
    message = decode({"_type": "status", "iOS": {"version": "17"}}, device="ph-1")
    assert message == Heartbeat(
        device="ph-1", extra={"message": "status", "iOS": {"version": "17"}}
    )
    assert decode(encode(message), device="ph-1") == message


@pytest.mark.parametrize("kind", ["waypoint", "waypoints", "cmd", "beacon", "request", "newer"])
def test_a_message_that_nobody_here_reads_keeps_its_bytes(kind):
    payload = json.dumps({"_type": kind, "desc": "x"}).encode()
    message = decode(payload, device="ph-1")
    assert message == Unknown(device="ph-1", message=kind, payload=payload)
    assert encode(message) == payload


@pytest.mark.parametrize("kind", ["card", "configuration"])
def test_a_name_a_picture_and_a_password_are_kept_nowhere(kind):
    message = decode({"_type": kind, "name": "Zhang San", "password": "secret"})
    assert isinstance(message, Unknown)
    assert not any(word in str(message) for word in ("Zhang", "secret"))


@pytest.mark.parametrize(
    ("fields", "device"),
    [
        ({"topic": "owntracks/jane/phone", "tid": "JJ"}, "jane"),
        ({"topic": "owntracks/jane/phone/event"}, "jane"),
        ({"topic": "jane"}, "jane"),
        ({"tid": "JJ"}, "JJ"),
        ({"tid": 7}, ""),
        ({}, ""),
    ],
)
def test_a_device_is_named_by_its_topic_else_by_its_tracker_id(fields, device):
    assert decode(LOCATION | fields).device == device
    assert decode(LOCATION | fields, device="ph-1").device == "ph-1"


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        (b"", SyntaxDecodeError),
        (b"\xff", SyntaxDecodeError),
        (b'{"_type":', SyntaxDecodeError),
        (b'{"a":' + b"[" * 10_000, SyntaxDecodeError),
        (b"[]", FieldError),
        (b"{}", FieldError),
        (b'{"_type":7}', FieldError),
        (b" " * 16_385, OversizedError),
        (json.dumps(LOCATION | {"lat": None}).encode(), FieldError),
        (json.dumps(LOCATION | {"lon": 180.1}).encode(), FieldError),
        (json.dumps(LOCATION | {"tst": "now"}).encode(), FieldError),
        (json.dumps(LOCATION | {"batt": 101}).encode(), FieldError),
        (b'{"_type":"location","tst":1}', FieldError),
        (b'{"_type":"transition","tst":1,"lat":1}', FieldError),
        (b'{"_type":"steps"}', FieldError),
        (b'{"_type":"encrypted","data":"00"}', UnsupportedError),
    ],
)
def test_what_does_not_hold_is_refused_by_its_kind(payload, error):
    with pytest.raises(error) as caught:
        decode(payload)
    assert caught.value.frame == payload


def test_a_position_of_another_datum_and_another_message_have_no_form():
    report = decode(LOCATION)
    for message in (
        msgspec.structs.replace(report, datum="GCJ02"),
        Report(device="ph-1", kind="status", fix_time_ms=5_000, boot=0, seq=5),
        Login(device="ph-1", step="login", terminal="1"),
        Unknown(device="ph-1", message="card", payload=b""),
    ):
        with pytest.raises(FieldError):
            encode(message)


def maybe(low, high, places):
    return st.none() | st.integers(low, high).map(lambda raw: raw / 10**places)


@st.composite
def locations(draw):
    time_s = draw(st.integers(0, 4_102_444_800))
    vel = draw(maybe(0, 3_600, 0))
    texts = draw(st.dictionaries(st.sampled_from(["trigger", "poi", "ssid", "tag"]), st.text()))
    if texts.get("trigger") in ("9", "1", "e", "!", "s", "h"):
        del texts["trigger"]
    state = draw(st.none() | st.sampled_from(BATTERY_STATES))
    extra = texts if state is None else texts | {"battery_state": state}
    return Report(
        device="ph-1",
        kind="fix",
        fix_time_ms=time_s * 1_000,
        boot=0,
        seq=time_s,
        sent_time_ms=draw(st.none() | st.integers(0, 4_102_444_800).map(lambda s: s * 1_000)),
        longitude_deg=draw(st.floats(-180, 180)),
        latitude_deg=draw(st.floats(-90, 90)),
        datum="WGS84",
        accuracy_m=draw(maybe(0, 99_999, 1)),
        altitude_m=draw(maybe(-1_000, 9_000, 0)),
        speed_mps=None if vel is None else vel / 3.6,
        heading_deg=draw(maybe(0, 3_599, 1)),
        battery_pct=draw(st.none() | st.integers(0, 100)),
        extra=extra,
    )


@given(locations())
def test_a_location_comes_back_as_it_was(sent):
    found = decode(encode(sent), device="ph-1")
    assert found.speed_mps == pytest.approx(sent.speed_mps)
    assert msgspec.structs.replace(found, speed_mps=sent.speed_mps) == sent


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
TYPES = st.sampled_from(["location", "transition", "steps", "lwt", "status", "waypoint"])
NAMES = st.sampled_from(
    [*("t", "rty", "bs", "mcc", "mnc", "lac", "cid", "topic", "tid", "event", "steps", "vel")]
)


@given(TYPES, st.dictionaries(NAMES, VALUES))
def test_any_values_decode_or_raise_decode_error(kind, changes):
    payload = json.dumps(LOCATION | changes | {"_type": kind}).encode("utf-8", "surrogatepass")
    with suppress(DecodeError):
        json.dumps(msgspec.to_builtins(decode(payload)))
