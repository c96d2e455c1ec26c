"""The platform's side of a watch's connection."""

import pytest

from firmware_protocols.catalog import CODECS
from firmware_protocols.codec import Context
from firmware_protocols.command import Command
from firmware_protocols.dialogue import Admission
from firmware_protocols.errors import (
    ApprovalError,
    CommandError,
    FieldError,
    LengthError,
    UnsupportedCommandError,
)
from firmware_protocols.message import Heartbeat, Reply, Report
from firmware_protocols.watch.dialogue import WatchDialogue
from firmware_protocols.watch.frame import build_frame

ID = "8826264401"
BODY = "261121,010203,A,30.2741,N,120.1551,E,0,0,0,9,80,60,100,0"
NOW_MS = 1_795_312_923_000


def frame(content, maker="3G", index="", terminal=ID):
    return build_frame(maker, terminal, index, content.encode())


def admit(login):
    return Admission(device="wb-7") if login.terminal == ID else None


def talking(**admission):
    """Return a dialogue whose watch has come in."""
    dialogue = WatchDialogue()
    dialogue.take(frame("LK"), NOW_MS, lambda _: Admission(device="wb-7", **admission))
    return dialogue


def turn(content, **form):
    return WatchDialogue().take(frame(content, **form), NOW_MS, admit)


@pytest.mark.parametrize(
    ("content", "reply"),
    [
        ("LK", b"[3G*8826264401*0002*LK]"),
        ("LK,50,100,100", b"[3G*8826264401*0002*LK]"),
        ("INIT,1,2", b"[3G*8826264401*0006*INIT,1]"),
        ("TKQ", b"[3G*8826264401*0003*TKQ]"),
        ("TKQ2", b"[3G*8826264401*0004*TKQ2]"),
        ("CONFIG,TY:GT8,UL:300", b"[3G*8826264401*0008*CONFIG,1]"),
    ],
)
def test_what_a_watch_waits_for_is_answered_at_once(content, reply):
    answered = turn(content)
    assert (answered.at_once, answered.after_commit) == (reply, b"")


@pytest.mark.parametrize(
    ("content", "reply"),
    [
        (f"AL,{BODY},00010000,0,0", b"[3G*8826264401*0002*AL]"),
        (f"AL_LTE,{BODY},00010000,0,0", b"[3G*8826264401*0002*AL]"),
        ("bphrt,115,72,64,,,,", b"[3G*8826264401*0005*bphrt]"),
        ("oxygen,0,96", b"[3G*8826264401*0008*oxygen,1]"),
        ("btemp2,1,36.5", b"[3G*8826264401*0006*btemp2]"),
        ("TK,#!AMR", b"[3G*8826264401*0004*TK,1]"),
        ("JXTK,0,name,1,2,#!AMR", b"[3G*8826264401*0007*JXTKR,1]"),
        (f"UD,{BODY},00000000,0,0", b""),
        (f"UD2,{BODY},00000000,0,0", b""),
        ("img,5,160429110950,jpeg", b""),
    ],
)
def test_data_are_answered_after_they_are_kept(content, reply):
    answered = turn(content)
    assert (answered.at_once, answered.after_commit) == (b"", reply)
    assert answered.payload == frame(content)


@pytest.mark.parametrize("content", ["LK", "INIT", "TKQ", "UPLOAD", "TK,1"])
def test_a_frame_without_data_is_not_kept(content):
    answered = turn(content)
    assert (answered.payload, answered.after_commit) == (b"", b"")


def test_a_reply_echoes_the_makers_letters_and_the_index():
    answered = turn("LK,0,0,19", maker="ZJ", index="0034")
    assert answered.at_once == b"[ZJ*8826264401*0034*0002*LK]"


def test_a_battery_in_a_keep_alive_is_kept():
    answered = turn("LK,50,100,60")
    assert answered.payload == frame("LK,50,100,60")
    (message,) = answered.messages
    assert isinstance(message, Heartbeat)
    assert (message.device, message.battery_pct, message.steps) == ("wb-7", 60, 50)


def test_the_kept_frame_decodes_to_the_same_reports():
    dialogue = talking(profile="beijing-time", utc_offset_min=60)
    answered = dialogue.take(frame(f"UD,{BODY},00000000,0,0"), NOW_MS, admit)
    context = Context(device="wb-7", profile="beijing-time", utc_offset_min=60)
    assert CODECS["watch"].open(context)(answered.payload) == list(answered.messages)
    assert answered.messages[0].fix_time_ms == 1_637_888_523_000 - 3_600_000


@pytest.mark.parametrize(
    ("status", "is_urgent"),
    [("00010000", True), ("00100000", True), ("00020000", False)],
)
def test_a_call_for_help_and_a_watch_taken_off_are_urgent(status, is_urgent):
    assert turn(f"AL,{BODY},{status},0,0").is_urgent is is_urgent


def test_an_unknown_watch_gets_no_answer_and_nothing_of_it_is_kept():
    answered = turn(f"AL,{BODY},00010000,0,0", terminal="9900000000")
    assert answered.refused == "unknown_terminal"
    assert (answered.messages, answered.payload) == ((), b"")
    assert (answered.at_once, answered.after_commit) == (b"", b"")


def test_a_connection_belongs_to_its_first_watch():
    dialogue = talking()
    other = dialogue.take(frame("LK", terminal="9900000000"), NOW_MS, admit)
    assert (other.refused, other.close, other.at_once) == ("identity_changed", True, b"")


def test_a_watch_is_asked_for_once():
    asked = []
    dialogue = WatchDialogue()

    def count(login):
        asked.append(login.terminal)
        return admit(login)

    for _ in range(3):
        dialogue.take(frame("LK"), NOW_MS, count)
    assert asked == [ID]
    assert dialogue.admission == Admission(device="wb-7")


def test_a_bad_frame_does_not_end_the_conversation():
    dialogue = talking()
    with pytest.raises(FieldError):
        dialogue.take(frame("UD,1,2"), NOW_MS, admit)
    assert dialogue.take(frame("LK"), NOW_MS, admit).at_once == frame("LK")


def test_a_strict_watch_is_held_to_its_length():
    dialogue = talking(profile="strict")
    with pytest.raises(LengthError):
        dialogue.take(b"[3G*8826264401*0009*LK]", NOW_MS, admit)


@pytest.mark.parametrize(
    ("command", "data", "key"),
    [
        ({"name": "set_interval", "interval_s": 600}, b"[3G*8826264401*000A*UPLOAD,600]", "UPLOAD"),
        ({"name": "locate"}, b"[3G*8826264401*0002*CR]", "CR"),
        ({"name": "restart"}, b"[3G*8826264401*0005*RESET]", "RESET"),
        (
            {"name": "text", "text": "好text"},
            b"[3G*8826264401*001C*MESSAGE,597D0074006500780074]",
            "MESSAGE",
        ),
        (
            {"name": "power_off", "approved_by": ("a", "b")},
            b"[3G*8826264401*0008*POWEROFF]",
            "POWEROFF",
        ),
        (
            {"name": "factory_reset", "approved_by": ("a", "b")},
            b"[3G*8826264401*0007*FACTORY]",
            "FACTORY",
        ),
    ],
)
def test_a_command_takes_the_protocols_form_and_its_answer_names_it(command, data, key):
    dialogue = talking()
    sent = dialogue.command(Command(id="c-1", **command))
    assert (sent.data, sent.key) == (data, key)
    (reply,) = dialogue.take(frame(key), NOW_MS, admit).messages
    assert isinstance(reply, Reply)
    assert (reply.to, reply.ok) == (sent.key, True)


def test_commands_to_a_watch_with_an_index_are_numbered():
    dialogue = WatchDialogue()
    dialogue.take(frame("LK", maker="ZJ", index="0034"), NOW_MS, admit)
    sent = [dialogue.command(Command(id="c-1", name="locate")).data for _ in range(2)]
    assert sent == [b"[ZJ*8826264401*0001*0002*CR]", b"[ZJ*8826264401*0002*0002*CR]"]


@pytest.mark.parametrize("name", ["power_off", "factory_reset"])
def test_a_dangerous_command_needs_two_persons(name):
    with pytest.raises(ApprovalError):
        talking().command(Command(id="c-1", name=name, approved_by=("a", "a")))


@pytest.mark.parametrize("name", ["close_link", "close_radio"])
def test_a_watch_has_no_command_that_closes_its_link(name):
    with pytest.raises(UnsupportedCommandError):
        talking().command(Command(id="c-1", name=name, approved_by=("a", "b")))


def test_an_interval_below_the_profiles_least_is_refused():
    command = Command(id="c-1", name="set_interval", interval_s=30)
    assert talking().command(command).data == frame("UPLOAD,30")
    with pytest.raises(CommandError, match="at least 60"):
        talking(profile="4p-touch").command(command)


def test_nothing_can_be_sent_before_a_watch_has_come_in():
    with pytest.raises(CommandError):
        WatchDialogue().command(Command(id="c-1", name="locate"))


def test_time_alone_asks_for_nothing():
    assert talking().due(NOW_MS + 10**9) == b""


def test_a_session_of_a_watch_from_its_first_byte():
    dialogue = WatchDialogue()
    stream = frame("LK") + b"??" + frame(f"UD,{BODY},00000000,0,0") + frame(f"AL,{BODY},00010000")
    turns = [
        dialogue.take(cut.data, NOW_MS, admit)
        for at in range(0, len(stream), 7)
        for cut in dialogue.feed(stream[at : at + 7])
        if cut.is_frame
    ]
    assert [type(message) for turn in turns for message in turn.messages] == [
        Heartbeat,
        Report,
        Report,
    ]
    assert [bool(turn.after_commit) for turn in turns] == [False, False, True]
    assert dialogue.buffered == 0
