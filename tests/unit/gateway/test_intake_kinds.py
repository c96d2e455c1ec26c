"""Every kind of message has its way through the intake."""

import json
import math

import pytest

from firmware_protocols.catalog import CODECS
from firmware_protocols.codec import Codec, Context
from firmware_protocols.errors import FieldError
from firmware_protocols.message import (
    CheckIn,
    Heartbeat,
    Login,
    Logout,
    Media,
    Reply,
    Report,
    Request,
    Unknown,
)
from gateway.columns import ABSENT, ABSENT_8, ABSENT_16, Party, columns_from_reports
from gateway.directory.snapshot import compile_directory
from gateway.intake.decode import Decoder
from gateway.intake.received import Fault, Received
from gateway.intake.soundness import HEARTBEAT_BOOT
from tests.unit.gateway.engine_world import HOME, T0_MS, directory_json, text

PLACE = {"longitude_deg": HOME[0], "latitude_deg": HOME[1], "datum": "WGS84"}
BYTES = b"the bytes of the message"


class NoOne:
    def acknowledge(self, _message): ...


def ordered():
    return directory_json()


def unordered():
    return directory_json(order_to_ms=T0_MS - 10**8)


def report(**fields):
    given = {"kind": "fix", "fix_time_ms": T0_MS, "boot": 0, "seq": 7} | PLACE
    return Report(device="wb-0", **(given | fields))


def received(number=0, fault=None, context=None):
    topic = "guitu/v1/county/wristband/wb-0/up/told"
    arrived = {"received_at_us": T0_MS * 1_000 + number, "urgent": False, "source": NoOne()}
    known = {"fault": fault, "context": context}
    return Received(topic, BYTES, connection=0, packet_id=number, **arrived, **known)


def take(monkeypatch, *said, directory=None, encode_ack=None, fault=None, context=None):
    """Return what a batch of messages that say `said` come to."""

    def decode(_payload):
        if isinstance(said[0], Exception):
            raise said[0]
        return list(said)

    codec = Codec(name="told", form="hex", open=lambda _context: decode, encode_ack=encode_ack)
    monkeypatch.setitem(CODECS, "told", codec)
    compiled = compile_directory(directory or ordered())
    decoder = Decoder(compiled, future_tolerance_s=120, payload_bytes_max=100)
    return decoder.decode([received(0, fault, context)])


def refusals(out):
    return [(r.reason, r.payload) for r in out.refused]


def test_a_fix_is_a_row(monkeypatch):
    out = take(monkeypatch, report(skin_contact=True, heart_rate_bpm=72, steps=9))
    assert out.columns.lon_e7.tolist() == [round(HOME[0] * 1e7)]
    assert out.columns.skin_contact.tolist() == [1]
    assert out.columns.heart_rate_bpm.tolist() == [72]
    assert out.columns.steps.tolist() == [9]
    assert (out.refused, dict(out.counts)) == ([], {})


def test_a_position_that_the_device_calls_invalid_is_a_status(monkeypatch):
    said = report(valid=False, accuracy_m=5.0, speed_mps=3.0, battery_pct=50, alarms=("fall",))
    out = take(monkeypatch, said)
    columns = out.columns
    assert (columns.lon_e7[0], columns.lat_e7[0], columns.source_datum[0]) == (ABSENT, ABSENT, -1)
    assert (columns.accuracy_mm[0], columns.speed_mmps[0]) == (ABSENT, ABSENT)
    assert (columns.battery_pct[0], columns.alarms[0] > 0) == (50, True)
    assert dict(out.counts) == {"invalid_fix": 1}


def test_vital_signs_alone_are_a_status(monkeypatch):
    said = Report(
        device="wb-0", kind="vitals", fix_time_ms=T0_MS, boot=0, seq=1, skin_temperature_c=33.15
    )
    columns = take(monkeypatch, said).columns
    assert (columns.lon_e7[0], columns.skin_temperature_cc[0]) == (ABSENT, 3315)


def test_a_bare_heartbeat_is_only_counted(monkeypatch):
    out = take(monkeypatch, Heartbeat(device="wb-0"))
    assert (len(out.columns), dict(out.signals), out.refused) == (0, {"heartbeat": 1}, [])


@pytest.mark.parametrize(
    "state", [{"alarms": ("sos",)}, {"battery_pct": 9}, {"extra": {"heart_rate_bpm": 70}}], ids=str
)
def test_a_heartbeat_with_a_state_is_a_row_of_its_arrival(monkeypatch, state):
    out = take(monkeypatch, Heartbeat(device="wb-0", **state))
    columns = out.columns
    assert (columns.fix_time_ms[0], columns.boot[0]) == (T0_MS, HEARTBEAT_BOOT)
    assert columns.seq[0] == T0_MS * 1_000


def test_heartbeats_of_one_moment_do_not_collide(monkeypatch):
    beat = Heartbeat(device="wb-0", battery_pct=50)
    columns = take(monkeypatch, beat, Heartbeat(device="wb-0", alarms=("sos",))).columns
    assert len(set(columns.seq.tolist())) == 2


@pytest.mark.parametrize(
    "said",
    [
        Login(device="wb-0", step="login", terminal="1"),
        Logout(device="wb-0"),
        Request(device="wb-0", request="time"),
    ],
    ids=lambda said: type(said).__name__,
)
def test_a_signal_is_counted_by_kind(monkeypatch, said):
    out = take(monkeypatch, said)
    assert dict(out.signals) == {type(said).__name__.lower(): 1}
    assert (len(out.columns), out.refused) == (0, [])


def test_an_answer_goes_to_the_commands(monkeypatch):
    reply = Reply(device="wb-0", to="8103:17", ok=True)
    assert take(monkeypatch, reply, report()).replies == [("wb-0", reply)]


UNPLACED = {
    "unknown_message": Unknown(device="wb-0", message="0x5501", payload=b"?"),
    "no_consumer": Media(device="wb-0", media="1", media_type="audio"),
}


def test_an_attempt_to_check_in_leaves_no_picture_where_no_face_is_checked(monkeypatch):
    said = CheckIn(
        device="wb-0", attempt="1", identity_token="t", challenge_time_ms=1, response_time_ms=2
    )
    assert refusals(take(monkeypatch, said)) == [("no_consumer", None)]


@pytest.mark.parametrize("reason", UNPLACED)
def test_what_nobody_takes_is_quarantined_with_its_bytes(monkeypatch, reason):
    out = take(monkeypatch, UNPLACED[reason], UNPLACED[reason])
    assert refusals(out) == [(reason, BYTES)]
    assert dict(out.counts) == {reason: 2}


@pytest.mark.parametrize("reason", UNPLACED)
def test_without_an_order_its_bytes_are_not_kept(monkeypatch, reason):
    out = take(monkeypatch, UNPLACED[reason], directory=unordered())
    assert refusals(out) == [(reason, None)]


def test_what_is_known_in_a_message_is_kept_beside_what_is_not(monkeypatch):
    out = take(monkeypatch, UNPLACED["unknown_message"], report())
    assert (len(out.columns), refusals(out)) == (1, [("unknown_message", BYTES)])


def test_what_cannot_be_decoded_is_quoted_only_under_an_order(monkeypatch):
    error = FieldError("latitude 28.4x is no number")
    (kept,) = take(monkeypatch, error).refused
    assert (kept.payload, "28.4x" in kept.detail) == (BYTES, True)
    (bare,) = take(monkeypatch, error, directory=unordered()).refused
    assert (bare.reason, bare.payload, "28.4x" in bare.detail) == ("field", None, False)


def test_a_message_that_its_source_refuses_is_never_decoded(monkeypatch):
    fault = Fault("checksum", "0x12, want 0x13", keep_bytes=True)
    out = take(monkeypatch, report(), fault=fault)
    assert (len(out.columns), refusals(out)) == (0, [("checksum", BYTES)])
    bare = take(monkeypatch, report(), fault=Fault("duplicate_terminal", "", keep_bytes=False))
    assert (len(bare.columns), refusals(bare)) == (0, [("duplicate_terminal", None)])


def test_reports_without_numbers_of_their_own_are_not_acknowledged_down_the_link(monkeypatch):
    out = take(monkeypatch, report())
    assert list(out.acknowledge.values()) == [[]]
    told = take(monkeypatch, report(), encode_ack=lambda ranges: json.dumps(list(ranges)).encode())
    assert list(told.acknowledge.values()) == [[(0, 7, 7)]]


@pytest.mark.parametrize(
    "wrong",
    [
        {"longitude_deg": 180.1},
        {"latitude_deg": math.nan},
        {"seq": 1 << 63},
        {"boot": -1},
    ],
    ids=str,
)
def test_numbers_that_cannot_be_are_refused_and_stop_nothing(monkeypatch, wrong):
    out = take(monkeypatch, report(**wrong), report())
    assert (len(out.columns), refusals(out)) == (1, [("field", BYTES)])


@pytest.mark.parametrize("battery", [-1, 101, 255])
def test_a_battery_that_cannot_be_is_absent(monkeypatch, battery):
    assert take(monkeypatch, report(battery_pct=battery)).columns.battery_pct[0] == ABSENT_16


def test_values_beyond_their_column_are_absent():
    wild = report(
        altitude_m=1e12, speed_mps=math.inf, heading_deg=math.nan, satellites=99_999, steps=1 << 40
    )
    tame = report(altitude_m=12.5, satellites=9, steps=3)
    columns = columns_from_reports([wild, tame], [0, 0], [0, 0])
    assert columns.altitude_mm.tolist() == [ABSENT, 12_500]
    assert columns.speed_mmps.tolist() == [ABSENT, ABSENT]
    assert columns.heading_cdeg.tolist() == [ABSENT, ABSENT]
    assert columns.satellites.tolist() == [ABSENT_16, 9]
    assert columns.steps.tolist() == [ABSENT, 3]
    assert columns.skin_contact.tolist() == [ABSENT_8, ABSENT_8]


def test_the_party_is_whose_topic_it_is(monkeypatch):
    said = Report(device="somebody-else", kind="status", fix_time_ms=T0_MS, boot=0, seq=1)
    assert take(monkeypatch, said).parties == [Party("county", "wb-0", "subject", "s-0")]


def test_what_a_session_has_told_already_is_not_told_again(monkeypatch):
    login, reply = Login(device="wb-0", step="login", terminal="1"), Reply(device="wb-0", to="k")
    out = take(monkeypatch, login, reply, report(), context=Context(device="wb-0"))
    assert (out.replies, dict(out.signals), len(out.columns)) == ([], {}, 1)


@pytest.mark.parametrize(("left_ms", "reasons"), [(1, []), (0, ["credential_ended"])])
def test_what_comes_after_a_device_s_last_credential_is_refused_by_the_own_clock(
    monkeypatch, left_ms, reasons
):
    directory = json.loads(ordered())
    directory["devices"][0]["credential_until"] = text(T0_MS + left_ms)
    out = take(monkeypatch, report(), directory=json.dumps(directory).encode())
    assert [one.reason for one in out.refused] == reasons
    assert [one.payload for one in out.refused] == [None] * len(reasons)
