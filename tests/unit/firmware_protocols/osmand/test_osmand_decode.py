"""What the parameters mean, what is refused, and that all comes back as it was sent."""

import json
from contextlib import suppress

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from firmware_protocols.catalog import CODECS
from firmware_protocols.codec import Context
from firmware_protocols.errors import DecodeError, FieldError, OversizedError, SyntaxDecodeError
from firmware_protocols.message import Heartbeat, Login, Report
from firmware_protocols.osmand.encode import encode, encode_body
from firmware_protocols.osmand.words import ALARM_BY_WORD, WORD_BY_ALARM

START = "id=7&timestamp=1776490287&lat=30.5&lon=120.25"


def decode(payload, device=""):
    text = payload if isinstance(payload, bytes) else payload.encode()
    (message,) = CODECS["osmand"].open(Context(device=device))(text)
    return message


def with_json(**changed):
    location = {
        "timestamp": "2026-04-18T05:31:12.417Z",
        "coords": {"latitude": 30.5, "longitude": 120.25, "accuracy": 5, "speed": 2},
    }
    return decode(json.dumps({"location": location | changed, "device_id": "7"}))


@pytest.mark.parametrize(
    ("stamp", "time_ms"),
    [
        ("1776490287", 1_776_490_287_000),
        ("1776490287468", 1_776_490_287_468),
        ("4102444800", 4_102_444_800_000),
        ("2026-01-27T18%3A55%3A47Z", 1_769_540_147_000),
        ("2026-01-27T18:55:47.250Z", 1_769_540_147_250),
        ("2026-01-27T18:55:47+08:00", 1_769_511_347_000),
        ("2026-01-27T18:55:47%2B08:00", 1_769_511_347_000),
        ("2026-06-04+09%3A10%3A11", 1_780_564_211_000),
    ],
)
def test_a_time_is_seconds_milliseconds_or_a_date_in_utc(stamp, time_ms):
    assert decode(f"id=7&lat=1&lon=2&timestamp={stamp}").fix_time_ms == time_ms


def test_the_classic_clients_speed_is_in_knots():
    assert decode(START + "&speed=10").speed_mps == pytest.approx(5.144444444)


def test_the_json_clients_speed_is_in_metres_per_second():
    assert with_json().speed_mps == 2.0


def test_what_a_phone_does_not_know_is_absent():
    report = decode(START + "&speed=-1&bearing=-1&accuracy=0&batt=-1&altitude=")
    told = (report.speed_mps, report.heading_deg, report.accuracy_m, report.battery_pct)
    assert told == (None, None, None, None)
    assert report.altitude_m is None
    assert report.extra == {"battery_raw": "-1"}


@pytest.mark.parametrize(
    ("words", "alarms", "extra"),
    [
        ("sos", ("sos",), {}),
        ("sos,removing,tampering", ("sos", "removed", "case"), {}),
        ("lowBattery,", ("low_battery",), {}),
        ("help", ("general",), {"alarm": "help"}),
    ],
)
def test_alarms_take_our_names_and_an_unknown_one_is_general(words, alarms, extra):
    for report in (decode(f"{START}&alarm={words}"), with_json(alarm=words)):
        assert (report.alarms, report.extra) == (alarms, extra)


def test_the_users_own_alarm_extra_counts_where_there_is_no_other():
    assert with_json(extras={"alarm": "sos"}).alarms == ("sos",)
    assert with_json(extras={"alarm": "sos"}, alarm="fallDown").alarms == ("fall",)


@pytest.mark.parametrize(
    ("word", "is_valid"), [("true", True), ("1", True), ("false", False), ("0", False)]
)
def test_valid_is_what_the_device_says(word, is_valid):
    assert decode(f"{START}&valid={word}").valid is is_valid


def test_other_parameters_are_kept_under_snake_case_names():
    query = "&driverUniqueId=007&ignition=true&rpm=933&card=0012&hdop=1.5&note=a+b&charge=true"
    assert decode(START + query).extra == {
        "charging": True,
        "driver_unique_id": "007",
        "ignition": True,
        "rpm": 933,
        "card": "0012",
        "hdop": 1.5,
        "note": "a b",
    }


def test_a_push_token_is_kept_nowhere():
    report = decode(START + "&notificationToken=secret")
    assert "secret" not in str(report)
    assert report.seq == decode(START).seq


def test_a_position_without_a_time_is_a_heartbeat():
    message = decode("id=7&lat=30.5&lon=120.25&batt=87&alarm=sos")
    assert isinstance(message, Heartbeat)
    assert (message.battery_pct, message.alarms) == (87, ("sos",))
    assert message.extra == {"longitude_deg": 120.25, "latitude_deg": 30.5}


def test_a_request_without_a_position_is_a_status():
    assert decode("id=7&timestamp=1776490287&batt=5").kind == "status"
    body = {"location": {"timestamp": "2025-06-15T13:45:12Z"}, "device_id": "7"}
    report = decode(json.dumps(body))
    assert (report.kind, report.datum) == ("status", None)


def test_the_registrys_id_goes_before_the_requests():
    assert decode(START, device="ph-1").device == "ph-1"
    assert decode("timestamp=1&lat=1&lon=1", device="ph-1").device == "ph-1"


def test_a_request_sent_again_keeps_its_number():
    def sent(age):
        return with_json(uuid="2FB04C65", age=age).seq

    assert sent(188) == sent(60_188)
    assert decode(START).seq == decode("/?lon=120.25&lat=30.5&timestamp=1776490287&id=7").seq
    assert decode(START).seq != decode(START + "&alarm=sos").seq


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        (b"", SyntaxDecodeError),
        (b"GET / HTTP/1.1", SyntaxDecodeError),
        (b"\xff\xfe", SyntaxDecodeError),
        (b"{", SyntaxDecodeError),
        (b"{}", FieldError),
        (b'{"location":{"timestamp":"2025-06-15T13:45:12Z"}}', FieldError),
        (b'{"location":{"timestamp":"soon"},"device_id":"7"}', FieldError),
        (b"id=7&timestamp=soon&lat=1&lon=1", FieldError),
        (b"id=7&timestamp=1&lat=90.1&lon=1", FieldError),
        (b"id=7&timestamp=1&lat=nan&lon=1", FieldError),
        (b"id=7&timestamp=1&lat=1", FieldError),
        (b"id=7&timestamp=1&lat=1&lon=1&speed=fast", FieldError),
        (b"id=7&timestamp=1&cell=1,2", FieldError),
        (b"id=7&" + b"a=1&" * 300, OversizedError),
        (b"id=7&note=" + b"x" * 65_536, OversizedError),
    ],
)
def test_what_is_no_request_is_refused_by_its_kind(payload, error):
    with pytest.raises(error):
        decode(payload)


def test_every_alarm_that_is_sent_is_read_as_itself():
    assert {alarm: ALARM_BY_WORD[word] for alarm, word in WORD_BY_ALARM.items()} == {
        alarm: alarm for alarm in WORD_BY_ALARM
    }


@st.composite
def reports(draw):
    def maybe(low, high, places):
        drawn = st.integers(low, high).map(lambda raw: raw / 10**places)
        return draw(st.none() | drawn)

    has_position = draw(st.booleans())
    knots = maybe(0, 30_000, 2)
    extra = {"charging": True, "rpm": 933} if draw(st.booleans()) else {}
    return Report(
        device=draw(st.from_regex(r"[0-9]{1,15}", fullmatch=True)),
        kind="fix" if has_position else "status",
        fix_time_ms=draw(st.integers(10**11, 4_102_444_800_000)),
        boot=0,
        seq=0,
        longitude_deg=draw(st.floats(-180, 180)) if has_position else None,
        latitude_deg=draw(st.floats(-90, 90)) if has_position else None,
        datum="WGS84" if has_position else None,
        accuracy_m=maybe(1, 99_999, 1) if has_position else None,
        altitude_m=maybe(-1_000, 90_000, 1) if has_position else None,
        speed_mps=knots * 1_852 / 3_600 if has_position and knots is not None else None,
        heading_deg=maybe(0, 3_599, 1) if has_position else None,
        battery_pct=draw(st.none() | st.integers(0, 100)),
        alarms=tuple(draw(st.lists(st.sampled_from(sorted(WORD_BY_ALARM)), unique=True))),
        extra=extra,
    )


@given(reports(), st.booleans())
def test_a_query_comes_back_as_it_was(sent, valid):
    report = msgspec.structs.replace(sent, valid=valid)
    found = decode(encode(report))
    assert found.speed_mps == pytest.approx(report.speed_mps)
    assert msgspec.structs.replace(found, seq=0, speed_mps=report.speed_mps) == report


@given(reports())
def test_a_body_comes_back_as_it_was(sent):
    assert msgspec.structs.replace(decode(encode_body(sent)), seq=0) == sent


def test_a_position_of_another_datum_and_another_message_have_no_form():
    report = decode(START)
    with pytest.raises(FieldError):
        encode(msgspec.structs.replace(report, datum="GCJ02"))
    with pytest.raises(FieldError):
        encode(Login(device="7", step="login", terminal="7"))


VALUES = st.one_of(
    st.none(),
    st.text(max_size=8),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.dictionaries(st.sampled_from(["latitude", "longitude", "level", "type", "alarm"]),
                    st.none() | st.floats() | st.text(max_size=4)),
)  # fmt: skip
NAMES = st.sampled_from(
    [*("timestamp", "coords", "battery", "activity", "extras", "alarm", "age", "odometer", "x")]
)


@given(st.dictionaries(NAMES, VALUES))
@example({"timestamp": 10**30})
@example({"coords": {"latitude": 10**400, "longitude": 1}})
def test_any_json_values_decode_or_raise_decode_error(location):
    body = json.dumps({"location": location, "device_id": "7"}).encode("utf-8", "surrogatepass")
    with suppress(DecodeError):
        json.dumps(msgspec.to_builtins(decode(body)))


@given(st.lists(st.tuples(st.sampled_from(["id", "lat", "lon", "timestamp", "speed", "bearing",
                                           "cell", "wifi", "alarm", "batt", "z"]),
                          st.text(max_size=8))))  # fmt: skip
def test_any_parameters_decode_or_raise_decode_error(pairs):
    query = "&".join(f"{name}={value}" for name, value in pairs)
    with suppress(DecodeError):
        json.dumps(msgspec.to_builtins(decode(query.encode("utf-8", "surrogatepass"))))


@example(b'{"location":' + b"9" * 5_000 + b"}")
@example(b'{"location":' + b"[" * 20_000)
@given(st.binary(max_size=200))
def test_any_bytes_decode_or_raise_decode_error(payload):
    with suppress(DecodeError):
        decode(payload)
