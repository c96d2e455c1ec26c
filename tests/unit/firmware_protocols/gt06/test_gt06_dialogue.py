"""The platform's side: who may speak, what is answered when, what goes to the journal."""

import pytest

from firmware_protocols.dialogue import Admission
from firmware_protocols.errors import (
    ChecksumError,
)
from firmware_protocols.gt06.codec import GT06
from firmware_protocols.gt06.decode import StreamDecoder
from firmware_protocols.gt06.frame import parse_frame
from firmware_protocols.gt06.profiles import STANDARD, find_profile
from firmware_protocols.message import Heartbeat, Login
from tests.oracles.gt06_frame import long_frame, short_frame
from tests.unit.firmware_protocols.gt06.gt06_vectors import FIX_TIME_MS, frame_of

IMEI = "866000012345678"
NOW_MS = FIX_TIME_MS
LOGIN = frame_of("login")
LOGIN_EAST_8 = frame_of("login-type-and-zone-east-8")
OTHER_LOGIN = short_frame(0x01, bytes.fromhex("0866000087654321"), 5)


def admit(login):
    return Admission(device="wb-1") if login.terminal == IMEI else None


def admit_as(**known):
    return lambda _login: Admission(device="wb-1", **known)


def logged_in(login=LOGIN, who=admit):
    dialogue = GT06.dialogue()
    turn = dialogue.take(login, NOW_MS, who)
    assert turn.refused == ""
    return dialogue


def take(dialogue, frame):
    return dialogue.take(frame, NOW_MS, admit)


def test_a_login_is_answered_at_once_with_its_serial():
    dialogue = GT06.dialogue()
    assert dialogue.admission is None
    turn = dialogue.take(short_frame(0x01, bytes.fromhex("0866000012345678"), 0x0A0B), 0, admit)
    assert turn.at_once == short_frame(0x01, b"", 0x0A0B)
    assert (turn.payload, turn.after_commit, turn.close) == (b"", b"", False)
    (login,) = turn.messages
    assert isinstance(login, Login)
    assert (login.device, login.terminal) == ("wb-1", IMEI)
    assert dialogue.admission == Admission(device="wb-1")


def test_nothing_is_taken_before_the_login():
    dialogue = GT06.dialogue()
    for name in ("alarm-26", "status-13", "time-request", "wifi-69-without-crc"):
        turn = take(dialogue, frame_of(name))
        assert turn.refused == "not_logged_in"
        assert (turn.messages, turn.at_once, turn.payload, turn.after_commit) == ((), b"", b"", b"")


def test_a_terminal_that_nobody_knows_is_turned_away():
    dialogue = GT06.dialogue()
    turn = take(dialogue, OTHER_LOGIN)
    assert (turn.refused, turn.close, turn.at_once, turn.messages) == (
        "unknown_terminal",
        True,
        b"",
        (),
    )
    assert dialogue.admission is None


def test_a_terminal_of_a_model_that_nobody_knows_is_turned_away():
    dialogue = GT06.dialogue()
    turn = dialogue.take(LOGIN, NOW_MS, admit_as(profile="no-such-model"))
    assert (turn.refused, turn.close, turn.at_once) == ("unknown_profile", True, b"")
    assert dialogue.admission is None


def test_the_identity_does_not_change_on_a_connection():
    dialogue = logged_in()
    turn = dialogue.take(OTHER_LOGIN, NOW_MS, admit_as())
    assert (turn.refused, turn.close, turn.at_once) == ("identity_changed", True, b"")
    assert dialogue.admission == Admission(device="wb-1")


def test_the_device_behind_a_terminal_does_not_change_on_a_connection():
    dialogue = logged_in()
    turn = dialogue.take(LOGIN, NOW_MS, lambda _login: Admission(device="wb-2"))
    assert (turn.refused, turn.close) == ("identity_changed", True)


def test_the_same_terminal_may_log_in_again():
    dialogue = logged_in()
    assert take(dialogue, LOGIN).at_once == short_frame(0x01, b"", 0x0100)


def test_a_wrong_checksum_leaves_the_conversation_as_it_was():
    dialogue = logged_in()
    broken = frame_of("alarm-26")[:-4] + b"\x00\x00\r\n"
    with pytest.raises(ChecksumError):
        take(dialogue, broken)
    assert take(dialogue, frame_of("status-13")).at_once


@pytest.mark.parametrize("name", ["status-13", "heartbeat-23", "status-36-modules"])
def test_a_heartbeat_without_alarms_is_answered_at_once_and_kept(name):
    frame = frame_of(name)
    parsed = parse_frame(frame, STANDARD)
    turn = take(logged_in(), frame)
    answer = short_frame(parsed.type, b"", parsed.serial)
    has_alarms = name == "status-36-modules"
    assert turn.at_once == (b"" if has_alarms else answer)
    assert turn.after_commit == (answer if has_alarms else b"")
    assert turn.payload == frame


def test_a_heartbeat_with_alarms_is_answered_after_the_commit_and_urgent():
    frame = frame_of("status-13-alarm-bits")
    turn = take(logged_in(), frame)
    (beat,) = turn.messages
    assert isinstance(beat, Heartbeat)
    assert (beat.device, beat.alarms) == ("wb-1", ("removed",))
    assert turn.is_urgent
    assert turn.at_once == b""
    assert turn.after_commit == short_frame(0x13, b"", parse_frame(frame, STANDARD).serial)


@pytest.mark.parametrize(
    ("name", "is_urgent"),
    [
        ("gps-lbs-12", False),
        ("gps-lbs-22", False),
        ("alarm-26", False),
        ("alarm-16-sos-both-ways", True),
        ("alarm-16-length-without-itself", True),
        ("wifi-alarm-a9-4g", True),
        ("4g-a0", False),
        ("unknown-type", False),
    ],
)
def test_data_is_answered_by_its_type_and_serial_after_the_commit(name, is_urgent):
    frame = frame_of(name)
    parsed = parse_frame(frame, STANDARD)
    turn = take(logged_in(), frame)
    assert turn.at_once == b""
    assert turn.after_commit == short_frame(parsed.type, b"", parsed.serial)
    assert turn.payload == frame
    assert turn.is_urgent is is_urgent
    assert {message.device for message in turn.messages} == {"wb-1"}


def test_a_frame_of_the_long_form_is_answered_in_it_where_the_model_wants_that():
    frame = frame_of("az735-33-alarm-without-fix")
    turn = take(logged_in(), frame)
    assert turn.after_commit == long_frame(0x33, b"", parse_frame(frame, STANDARD).serial)
    frame = frame_of("modular-70-tag")
    turn = take(logged_in(), frame)
    assert turn.after_commit == short_frame(0x70, b"", parse_frame(frame, STANDARD).serial)


@pytest.mark.parametrize(
    "name", ["info-94-supply", "serial-9b-text", "obd-8c", "x1-34", "photo-35"]
)
def test_what_the_protocol_does_not_answer_is_kept_without_an_answer(name):
    turn = take(logged_in(), frame_of(name))
    assert (turn.at_once, turn.after_commit) == (b"", b"")
    assert turn.payload == frame_of(name)


def test_a_wifi_frame_without_serial_is_answered_with_its_time():
    turn = take(logged_in(), frame_of("wifi-69-without-crc"))
    assert turn.after_commit == bytes.fromhex("78780069" + "261122010203" + "0d0a")


def test_an_address_request_hears_that_there_is_none():
    turn = take(logged_in(), frame_of("address-request-2a"))
    serial = parse_frame(frame_of("address-request-2a"), STANDARD).serial
    assert turn.after_commit == long_frame(0x97, b"\x0f" + bytes(4) + b"NA&&NA&&0##", serial)
    (fix,) = turn.messages
    assert fix.kind == "fix"


def test_a_time_request_hears_utc_at_once():
    turn = logged_in(who=admit_as(utc_offset_min=480)).take(frame_of("time-request"), NOW_MS, admit)
    serial = parse_frame(frame_of("time-request"), STANDARD).serial
    assert turn.at_once == short_frame(0x8A, bytes.fromhex("1a0b16010203"), serial)
    assert (turn.payload, turn.after_commit) == (b"", b"")


# Time zones.


def fix_time_of(turn):
    (fix,) = turn.messages
    return fix.fix_time_ms


EIGHT_HOURS_MS = 8 * 3_600_000


def test_a_clock_without_a_zone_is_utc():
    assert fix_time_of(take(logged_in(), frame_of("gps-lbs-22"))) == FIX_TIME_MS


def test_the_zone_of_the_login_holds_for_its_connection_only():
    turn = take(logged_in(LOGIN_EAST_8), frame_of("gps-lbs-22"))
    assert fix_time_of(turn) == FIX_TIME_MS - EIGHT_HOURS_MS
    assert fix_time_of(take(logged_in(), frame_of("gps-lbs-22"))) == FIX_TIME_MS


def test_west_of_greenwich_is_later_in_utc():
    turn = take(logged_in(frame_of("login-zone-west-3h30")), frame_of("gps-lbs-22"))
    assert fix_time_of(turn) == FIX_TIME_MS + 210 * 60_000


def test_the_registry_knows_the_zone_better_than_the_login():
    dialogue = logged_in(LOGIN_EAST_8, admit_as(utc_offset_min=0))
    assert fix_time_of(take(dialogue, frame_of("gps-lbs-22"))) == FIX_TIME_MS


def test_seconds_since_1970_have_no_zone():
    turn = take(logged_in(LOGIN_EAST_8), frame_of("modular-70-tag"))
    assert fix_time_of(turn) == FIX_TIME_MS


@pytest.mark.parametrize("login", [LOGIN, LOGIN_EAST_8, frame_of("login-zone-west-3h30")])
@pytest.mark.parametrize("name", ["gps-lbs-22", "alarm-27-fence-number", "status-13"])
def test_the_payload_alone_gives_the_same_reports(login, name):
    turn = take(logged_in(login), frame_of(name))
    again = StreamDecoder(STANDARD, device="wb-1").decode(turn.payload)
    assert [message for message in again if not isinstance(message, Login)] == list(turn.messages)


def test_the_payload_is_the_bare_frame_when_the_registry_tells_the_zone():
    dialogue = logged_in(LOGIN_EAST_8, admit_as(utc_offset_min=480))
    turn = take(dialogue, frame_of("gps-lbs-22"))
    assert turn.payload == frame_of("gps-lbs-22")
    again = StreamDecoder(STANDARD, device="wb-1", utc_offset_min=480).decode(turn.payload)
    assert again == list(turn.messages)


def test_the_profile_of_the_admission_holds_after_the_login():
    dialogue = logged_in(LOGIN, admit_as(profile="SEEWORLD"))
    (beat,) = take(dialogue, frame_of("status-13-seeworld")).messages
    assert beat.extra["supply_v"] == 11


def test_feeding_goes_through_the_cutter():
    dialogue = GT06.dialogue()
    assert dialogue.feed(LOGIN[:5]) == []
    assert dialogue.buffered == 5
    assert [cut.data for cut in dialogue.feed(LOGIN[5:])] == [LOGIN]
    assert dialogue.buffered == 0
    assert dialogue.due(NOW_MS) == b""


def test_every_profile_can_be_found():
    assert all(find_profile(name) for name in GT06.profiles)


@pytest.mark.parametrize("login", [LOGIN, LOGIN_EAST_8], ids=["no-zone", "east-8"])
def test_a_tolerated_frame_that_says_more_than_it_is_comes_out_of_the_journal_as_it_went_in(login):
    dialogue = logged_in(login, admit_as(profile="TOLERANT"))
    sound = frame_of("alarm-26")
    lying = sound[:2] + bytes((sound[2] + 20,)) + sound[3:]
    first, second = (cut.data for cut in dialogue.feed(lying + sound))
    assert (first, second) == (lying, sound)
    turn = take(dialogue, first)
    assert turn.after_commit
    decoder = StreamDecoder(find_profile("TOLERANT"), device="wb-1")
    assert decoder.decode(turn.payload)[-1:] == list(turn.messages)
