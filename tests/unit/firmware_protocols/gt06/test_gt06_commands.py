"""Commands to a GT06 terminal: their words, who may send them, whose answer is whose."""

import pytest

from firmware_protocols.command import Command
from firmware_protocols.dialogue import Admission
from firmware_protocols.errors import ApprovalError, CommandError, UnsupportedCommandError
from firmware_protocols.gt06.codec import GT06
from firmware_protocols.gt06.encode import decode_command, encode
from firmware_protocols.gt06.frame import parse_frame
from firmware_protocols.gt06.profiles import STANDARD
from firmware_protocols.message import Reply, Report
from tests.oracles.gt06_frame import short_frame
from tests.unit.firmware_protocols.gt06.gt06_vectors import FIX_TIME_MS, frame_of


def admit(_login):
    return Admission(device="wb-1")


def take(dialogue, frame):
    return dialogue.take(frame, FIX_TIME_MS, admit)


def logged_in():
    dialogue = GT06.dialogue()
    assert take(dialogue, frame_of("login")).refused == ""
    return dialogue


def test_commands_are_words_with_a_flag_that_the_answer_repeats():
    dialogue = logged_in()
    sent = dialogue.command(Command(id="c-1", name="set_interval", interval_s=30))
    frame = parse_frame(sent.data, STANDARD)
    assert frame.type == 0x80
    assert decode_command(frame.body) == (1, "TIMER,30,30#")
    assert sent.data == short_frame(0x80, b"\x10" + b"\0\0\0\x01" + b"TIMER,30,30#", frame.serial)
    answer = encode(Reply(device="", to=sent.key, text="TIMER OK"))
    (reply,) = take(dialogue, answer).messages
    assert (reply.to, reply.ok, reply.text) == (sent.key, True, "TIMER OK")


def test_answers_with_a_zero_flag_are_those_of_the_open_commands_in_their_order():
    dialogue = logged_in()
    keys = [
        dialogue.command(Command(id=f"c-{number}", name=name)).key
        for number, name in enumerate(("locate", "restart"))
    ]
    zero = encode(Reply(device="", to="00000000", text="OK"))
    assert [take(dialogue, zero).messages[0].to for _ in range(3)] == [*keys, "00000000"]


def test_a_command_that_was_answered_by_its_flag_is_not_open_any_more():
    dialogue = logged_in()
    first = dialogue.command(Command(id="c-1", name="locate")).key
    second = dialogue.command(Command(id="c-2", name="restart")).key
    take(dialogue, encode(Reply(device="", to=first, text="OK")))
    zero = encode(Reply(device="", to="00000000", text="OK"))
    assert take(dialogue, zero).messages[0].to == second


def test_an_answer_that_tells_the_place_is_also_a_fix_to_keep():
    dialogue = logged_in()
    turn = take(dialogue, frame_of("answer-21-place"))
    reply, fix = turn.messages
    assert isinstance(reply, Reply)
    assert isinstance(fix, Report)
    assert (fix.longitude_deg, fix.latitude_deg) == (-120.1551, 30.2741)
    assert fix.fix_time_ms == FIX_TIME_MS
    assert turn.payload == frame_of("answer-21-place")
    assert take(dialogue, frame_of("answer-15")).payload == b""


@pytest.mark.parametrize(("name", "words"), [("locate", "WHERE#"), ("restart", "RESET#")])
def test_harmless_commands_need_no_approval(name, words):
    sent = logged_in().command(Command(id="c-1", name=name))
    assert decode_command(parse_frame(sent.data, STANDARD).body)[1] == words


def test_a_factory_reset_needs_two_persons():
    dialogue = logged_in()
    with pytest.raises(ApprovalError):
        dialogue.command(Command(id="c-1", name="factory_reset", approved_by=("a", "a")))
    sent = dialogue.command(Command(id="c-1", name="factory_reset", approved_by=("a", "b")))
    assert decode_command(parse_frame(sent.data, STANDARD).body)[1] == "FACTORY#"


@pytest.mark.parametrize("name", ["text", "power_off", "close_link", "close_radio"])
def test_a_command_that_gt06_has_not_is_refused_even_when_approved(name):
    with pytest.raises(UnsupportedCommandError, match="set_interval"):
        logged_in().command(Command(id="c-1", name=name, text="x", approved_by=("a", "b")))


@pytest.mark.parametrize("interval_s", [None, 4, 18_001])
def test_an_interval_that_the_terminal_would_not_take_is_refused(interval_s):
    with pytest.raises(CommandError, match=r"5 \.\.\. 18000"):
        logged_in().command(Command(id="c-1", name="set_interval", interval_s=interval_s))
