"""How a JT/T 808 terminal comes in, and who does not."""

import pytest

from firmware_protocols.command import Command
from firmware_protocols.dialogue import Admission
from firmware_protocols.errors import ChecksumError, CommandError, DecodeError
from firmware_protocols.jt808.address import address_of
from firmware_protocols.jt808.dialogue import Jt808Dialogue
from firmware_protocols.jt808.framing import ALT_FLAG
from firmware_protocols.jt808.profiles import PROFILES
from firmware_protocols.jt808.replies import PlatformReply, RegisterReply
from firmware_protocols.message import Login, Logout, Report
from tests.unit.firmware_protocols.jt808.terminal_side import (
    CODE,
    NEW,
    NOW_MS,
    OLD,
    PHONE,
    STRICT,
    Door,
    Terminal,
    admitted,
    location_body,
    nobody,
)


@pytest.fixture(params=[OLD, NEW, address_of(PHONE, flag=ALT_FLAG)], ids=["2013", "2019", "e7"])
def terminal(request):
    return Terminal(request.param)


def test_a_terminal_registers_shows_its_code_and_reports(terminal):
    dialogue, admit = Jt808Dialogue(), Door(STRICT)
    turn = dialogue.take(terminal.register(), NOW_MS, admit)
    assert terminal.hear(turn.at_once) == [
        RegisterReply(to_serial=terminal.serial, result=0, auth_code=CODE)
    ]
    assert (dialogue.admission, turn.messages, turn.payload) == (None, (), b"")
    turn = dialogue.take(terminal.authenticate(), NOW_MS, admit)
    assert terminal.hear(turn.at_once) == [PlatformReply(to_serial=terminal.serial, to_id=0x0102)]
    assert dialogue.admission == STRICT
    assert [(type(said), said.device) for said in turn.messages] == [(Login, "wb-000001")]
    frame = terminal.frame(0x0200, location_body())
    turn = dialogue.take(frame, NOW_MS, nobody)
    assert (turn.payload, turn.at_once) == (frame, b"")
    assert terminal.hear(turn.after_commit) == [
        PlatformReply(to_serial=terminal.serial, to_id=0x0200)
    ]
    (report,) = turn.messages
    assert isinstance(report, Report)
    assert (report.device, report.longitude_deg, report.latitude_deg) == ("wb-000001", 110.3, 20.0)
    assert [login.step for login in admit.asked] == ["register", "authenticate"]
    assert {login.terminal for login in admit.asked} == {PHONE}
    assert admit.asked[0].serial == "A000001"


def test_an_unknown_terminal_is_told_so():
    terminal, dialogue = Terminal(), Jt808Dialogue()
    turn = dialogue.take(terminal.register(), NOW_MS, Door(None))
    assert terminal.hear(turn.at_once) == [RegisterReply(to_serial=terminal.serial, result=4)]
    assert (turn.refused, turn.messages, dialogue.admission) == ("unknown_terminal", (), None)


def test_a_number_that_is_bound_to_another_terminal_is_taken():
    terminal, dialogue = Terminal(), Jt808Dialogue()
    turn = dialogue.take(terminal.register(serial="FOREIGN"), NOW_MS, Door(None, STRICT))
    assert terminal.hear(turn.at_once) == [RegisterReply(to_serial=terminal.serial, result=3)]
    assert (turn.refused, dialogue.admission) == ("identity_taken", None)


@pytest.mark.parametrize("code", ["", "4f1c9a02be77d352", CODE + "0", "归途"], ids=repr)
def test_a_wrong_code_is_refused_and_may_be_mended(code):
    terminal, dialogue = Terminal(), Jt808Dialogue()
    turn = dialogue.take(terminal.authenticate(code), NOW_MS, Door(STRICT))
    assert terminal.hear(turn.at_once) == [
        PlatformReply(to_serial=terminal.serial, to_id=0x0102, result=1)
    ]
    assert (turn.refused, turn.close, dialogue.admission) == ("wrong_code", False, None)
    dialogue.take(terminal.authenticate(), NOW_MS, Door(STRICT))
    assert dialogue.admission == STRICT


def test_no_code_at_the_registry_opens_no_door():
    terminal, dialogue, open_door = Terminal(), Jt808Dialogue(), Admission(device="wb-000001")
    turn = dialogue.take(terminal.register(), NOW_MS, Door(open_door))
    assert terminal.hear(turn.at_once) == [RegisterReply(to_serial=terminal.serial, result=4)]
    assert turn.refused == "no_auth_code"
    turn = dialogue.take(terminal.authenticate(""), NOW_MS, Door(open_door))
    assert (turn.refused, dialogue.admission) == ("wrong_code", None)


def test_who_may_not_come_in_at_all_fails_to_authenticate():
    terminal, dialogue = Terminal(), Jt808Dialogue()
    turn = dialogue.take(terminal.authenticate(), NOW_MS, Door(None))
    assert terminal.hear(turn.at_once)[0].result == 1
    assert turn.refused == "unknown_terminal"


def test_a_report_before_the_login_is_refused_and_keeps_nothing():
    terminal, dialogue = Terminal(), Jt808Dialogue()
    turn = dialogue.take(terminal.frame(0x0200, location_body()), NOW_MS, Door(STRICT))
    assert terminal.hear(turn.at_once) == [
        PlatformReply(to_serial=terminal.serial, to_id=0x0200, result=1)
    ]
    assert (turn.refused, turn.payload, turn.messages) == ("not_authenticated", b"", ())
    turn = dialogue.take(terminal.frame(0x0200, location_body()), NOW_MS, Door(None))
    assert (turn.refused, turn.at_once, turn.payload) == ("unknown_terminal", b"", b"")


def test_parts_are_not_held_for_a_stranger():
    terminal, dialogue = Terminal(), Jt808Dialogue()
    dialogue.take(terminal.frame(0x0704, b"x" * 900, parts=2, part=1), NOW_MS, Door(STRICT))
    assert dialogue.buffered == 0


def test_a_model_that_knows_no_code_comes_in_by_its_number(monkeypatch):
    _without_auth(monkeypatch)
    terminal, dialogue = Terminal(), Jt808Dialogue()
    loose = Admission(device="wb-000002", profile="walks-in")
    turn = dialogue.take(terminal.frame(0x0200, location_body()), NOW_MS, Door(loose))
    assert dialogue.admission == loose
    assert turn.messages[0].device == "wb-000002"
    assert turn.payload


def test_registering_is_enough_for_a_model_that_knows_no_code(monkeypatch):
    _without_auth(monkeypatch)
    terminal, dialogue = Terminal(), Jt808Dialogue()
    loose = Admission(device="wb-000002", profile="walks-in")
    turn = dialogue.take(terminal.register(), NOW_MS, Door(loose))
    assert terminal.hear(turn.at_once)[0].result == 0
    assert dialogue.admission == loose
    turn = dialogue.take(terminal.authenticate("whatever"), NOW_MS, Door(loose))
    assert terminal.hear(turn.at_once)[0].result == 0


def _without_auth(monkeypatch):
    fields = {**vars(PROFILES["standard"]), "name": "walks-in", "requires_auth": False}
    monkeypatch.setitem(PROFILES, "walks-in", type(PROFILES["standard"])(**fields))


def test_a_connection_stays_one_number():
    terminal, stranger = Terminal(), Terminal(address_of("13900139000"))
    dialogue = admitted(terminal)
    turn = dialogue.take(stranger.frame(0x0200, location_body()), NOW_MS, nobody)
    assert (turn.refused, turn.close, turn.payload) == ("identity_changed", True, b"")
    assert turn.messages == ()


def test_a_connection_stays_one_device():
    terminal = Terminal()
    dialogue = admitted(terminal)
    other = Admission(device="wb-000009", auth_code=CODE)
    turn = dialogue.take(terminal.authenticate(), NOW_MS, Door(other))
    assert (turn.refused, turn.close, dialogue.admission) == ("identity_changed", True, STRICT)


def test_a_wrong_code_after_the_login_ends_the_connection():
    terminal = Terminal()
    dialogue = admitted(terminal)
    turn = dialogue.take(terminal.authenticate("guess"), NOW_MS, Door(STRICT))
    assert (turn.refused, turn.close) == ("wrong_code", True)


def test_a_terminal_that_logs_out_must_log_in_again():
    terminal = Terminal()
    dialogue = admitted(terminal)
    turn = dialogue.take(terminal.frame(0x0003), NOW_MS, nobody)
    assert [type(said) for said in turn.messages] == [Logout]
    assert terminal.hear(turn.at_once) == [PlatformReply(to_serial=terminal.serial, to_id=0x0003)]
    assert dialogue.admission is None
    with pytest.raises(CommandError, match="come in"):
        dialogue.command(Command(id="c-1", name="locate"))
    turn = dialogue.take(terminal.frame(0x0200, location_body()), NOW_MS, Door(STRICT))
    assert turn.refused == "not_authenticated"


def test_a_login_in_parts_is_refused():
    terminal, dialogue = Terminal(), Jt808Dialogue()
    with pytest.raises(DecodeError, match="parts"):
        dialogue.take(terminal.frame(0x0102, b"x", parts=2, part=1), NOW_MS, nobody)


def test_a_wrong_checksum_costs_only_its_frame():
    terminal = Terminal()
    dialogue = admitted(terminal)
    frame = bytearray(terminal.frame(0x0200, location_body()))
    frame[20] ^= 1
    with pytest.raises(ChecksumError):
        dialogue.take(bytes(frame), NOW_MS, nobody)
    assert dialogue.take(terminal.frame(0x0200, location_body()), NOW_MS, nobody).payload
