"""What the platform answers to a JT/T 808 terminal that has come in, and when."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocols.codec import Context
from firmware_protocols.command import Command
from firmware_protocols.errors import ApprovalError, CommandError, DecodeError
from firmware_protocols.jt808.area_rules import Point
from firmware_protocols.jt808.areas import SetPolygon
from firmware_protocols.jt808.control import ControlTerminal, Locate, SetParameters
from firmware_protocols.jt808.dialogue import Jt808Dialogue
from firmware_protocols.jt808.header import parse_frame
from firmware_protocols.jt808.opening import open_decoder
from firmware_protocols.jt808.parameters import Parameter, ParameterAnswer, write_answer
from firmware_protocols.jt808.replies import (
    MediaReply,
    PlatformReply,
    ResendRequest,
    ServerTime,
    VendorTime,
)
from firmware_protocols.message import Heartbeat, Reply, Report
from tests.unit.firmware_protocols.jt808.terminal_side import (
    NEW,
    NOW_MS,
    OLD,
    SOS,
    STRICT,
    Door,
    Terminal,
    admitted,
    location_body,
    nobody,
)


@pytest.fixture(params=[OLD, NEW], ids=["2013", "2019"])
def terminal(request):
    return Terminal(request.param)


def test_a_heartbeat_is_answered_at_once_and_not_kept(terminal):
    turn = admitted(terminal).take(terminal.frame(0x0002), NOW_MS, nobody)
    assert turn.messages == (Heartbeat(device="wb-000001"),)
    assert terminal.hear(turn.at_once) == [PlatformReply(to_serial=terminal.serial, to_id=2)]
    assert (turn.payload, turn.after_commit) == (b"", b"")


def test_the_time_is_told_in_utc(terminal):
    dialogue = admitted(terminal)
    turn = dialogue.take(terminal.frame(0x0004), NOW_MS, nobody)
    assert terminal.hear(turn.at_once) == [ServerTime(time_ms=NOW_MS)]
    turn = dialogue.take(terminal.frame(0x0109), NOW_MS, nobody)
    assert terminal.hear(turn.at_once) == [VendorTime(time_ms=NOW_MS)]
    assert turn.payload == b""


def test_an_alarm_is_urgent_and_waits_for_the_commit_all_the_same():
    terminal = Terminal()
    frame = terminal.frame(0x0200, location_body(alarm_bits=SOS))
    turn = admitted(terminal).take(frame, NOW_MS, nobody)
    assert turn.is_urgent
    assert turn.messages[0].alarms == ("sos",)
    assert (turn.at_once, turn.payload) == (b"", frame)


def test_a_call_for_help_without_a_clock_is_urgent_too():
    terminal = Terminal()
    frame = terminal.frame(0x0200, location_body(alarm_bits=SOS)[:-6] + bytes(6))
    turn = admitted(terminal).take(frame, NOW_MS, nobody)
    assert (turn.is_urgent, turn.payload) == (True, frame)


@pytest.mark.parametrize("message_id", [0x0200, 0x0704, 0x0900, 0x0F01, 0xE123], ids=hex)
def test_whatever_brings_data_is_acknowledged_after_the_commit(message_id):
    terminal = Terminal()
    dialogue = admitted(terminal)
    bodies = {0x0200: location_body(), 0x0704: _batch(2), 0x0900: b"\x00data"}
    frame = terminal.frame(message_id, bodies.get(message_id, b"vendor"))
    turn = dialogue.take(frame, NOW_MS, nobody)
    assert (turn.at_once, turn.payload) == (b"", frame)
    assert terminal.hear(turn.after_commit) == [
        PlatformReply(to_serial=terminal.serial, to_id=message_id)
    ]
    assert turn.messages


def test_a_recording_is_acknowledged_by_its_id():
    terminal = Terminal()
    body = (0x81).to_bytes(4, "big") + bytes(4) + location_body() + b"\xff\xd8picture"
    turn = admitted(terminal).take(terminal.frame(0x0801, body), NOW_MS, nobody)
    assert turn.at_once == b""
    assert terminal.hear(turn.after_commit) == [MediaReply(media=0x81)]


def test_a_body_that_does_not_decode_is_kept_and_answered_as_bad():
    terminal = Terminal()
    dialogue = admitted(terminal)
    frame = terminal.frame(0x0200, location_body()[:20])
    turn = dialogue.take(frame, NOW_MS, nobody)
    assert (turn.payload, turn.messages, turn.at_once) == (frame, (), b"")
    assert terminal.hear(turn.after_commit) == [
        PlatformReply(to_serial=terminal.serial, to_id=0x0200, result=2)
    ]


def test_a_vendor_message_is_answered_in_its_own_form_when_it_asks():
    terminal = Terminal()
    terminal.serial = 6
    dialogue = admitted(terminal)
    asking = terminal.frame(0x5503, b"x", wants_reply=True)
    turn = dialogue.take(asking, NOW_MS, nobody)
    # 0x4401, 3 bytes, the number, the serial of one byte, what it answers, done.
    assert turn.after_commit.hex() == "7e44010003" + "013800138000" + "08" + "550300" + "b27e"
    turn = dialogue.take(terminal.frame(0x5503, b"x"), NOW_MS, nobody)
    assert (turn.after_commit, bool(turn.payload)) == (b"", True)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (
            Command(id="c", name="set_interval", interval_s=30),
            SetParameters((Parameter(0x0020, 0), Parameter(0x0029, 30))),
        ),
        (Command(id="c", name="restart"), ControlTerminal(command=4)),
        (Command(id="c", name="power_off", approved_by=("a", "b")), ControlTerminal(command=3)),
    ],
    ids=["set_interval", "restart", "power_off"],
)
def test_the_answer_to_a_command_carries_its_key(terminal, command, message):
    dialogue = admitted(terminal)
    dialogue.command(Command(id="c-0", name="locate"))  # another serial than the first
    sent = dialogue.command(command)
    assert terminal.hear(sent.data) == [message]
    asked = parse_frame(sent.data)
    body = asked.serial.to_bytes(2, "big") + asked.message_id.to_bytes(2, "big") + b"\x00"
    turn = dialogue.take(terminal.frame(0x0001, body), NOW_MS, nobody)
    (reply,) = turn.messages
    assert (reply.to, reply.ok) == (sent.key, True)
    assert (turn.at_once, turn.payload, turn.after_commit) == (b"", b"", b"")


def test_a_position_on_demand_answers_its_command(terminal):
    dialogue = admitted(terminal)
    sent = dialogue.command(Command(id="c-1", name="locate"))
    assert terminal.hear(sent.data) == [Locate()]
    body = parse_frame(sent.data).serial.to_bytes(2, "big") + location_body()
    turn = dialogue.take(terminal.frame(0x0201, body), NOW_MS, nobody)
    assert [type(said) for said in turn.messages] == [Reply, Report]
    assert turn.messages[0].to == sent.key
    assert turn.payload
    assert terminal.hear(turn.after_commit)[0].to_id == 0x0201


def test_told_parameters_are_acknowledged_at_once(terminal):
    listed = (Parameter(0x0029, 30),)
    body = write_answer(ParameterAnswer(to_serial=3, count=1, parameters=listed))
    turn = admitted(terminal).take(terminal.frame(0x0104, body), NOW_MS, nobody)
    assert turn.messages[0].to == "8104:3"
    assert terminal.hear(turn.at_once)[0].to_id == 0x0104
    assert turn.payload == b""


def test_dangerous_commands_need_two_persons_and_leave_no_serial_behind():
    terminal = Terminal()
    dialogue = admitted(terminal)
    before = parse_frame(dialogue.command(Command(id="c-1", name="locate")).data).serial
    with pytest.raises(ApprovalError):
        dialogue.command(Command(id="c-2", name="factory_reset", approved_by=("chen",)))
    after = parse_frame(dialogue.command(Command(id="c-3", name="locate")).data).serial
    assert after == before + 1


def test_nothing_can_be_sent_before_the_terminal_has_come_in():
    with pytest.raises(CommandError, match="come in"):
        Jt808Dialogue().command(Command(id="c-1", name="locate"))
    with pytest.raises(CommandError, match="spoken"):
        Jt808Dialogue().send(Locate())


def test_a_terminal_gets_the_parts_of_a_long_down_link_again(terminal):
    dialogue = admitted(terminal)
    ring = tuple(Point(110.0 + step / 1_000, 20.0) for step in range(300))
    sent = dialogue.send(SetPolygon(id=1, points=ring))
    frames = [b"\x7e" + piece + b"\x7e" for piece in sent.data[1:-1].split(b"\x7e\x7e")]
    assert [parse_frame(frame).part for frame in frames] == [1, 2, 3]
    first = parse_frame(frames[0]).serial
    asked = ResendRequest(first_serial=first, parts=(3, 2, 9)).write(is_2019=terminal.is_2019)
    turn = dialogue.take(terminal.frame(0x0005, asked), NOW_MS, nobody)
    assert turn.at_once == frames[1] + frames[2]
    asked = ResendRequest(first_serial=first + 1, parts=(1,)).write(is_2019=terminal.is_2019)
    turn = dialogue.take(terminal.frame(0x0005, asked), NOW_MS, nobody)
    assert terminal.hear(turn.at_once)[0].result == 1


def test_our_serials_wrap():
    terminal = Terminal()
    dialogue = admitted(terminal)
    for _ in range(0xFFFF):
        dialogue.command(Command(id="c-1", name="locate"))
    assert parse_frame(dialogue.command(Command(id="c-1", name="locate")).data).serial == 0


def test_a_journaled_payload_decodes_to_the_same_reports():
    terminal = Terminal()
    turn = admitted(terminal).take(terminal.frame(0x0704, _batch(3)), NOW_MS, nobody)
    assert tuple(open_decoder(Context(device="wb-000001"))(turn.payload)) == turn.messages
    assert len(turn.messages) == 3


@given(st.data())
def test_a_conversation_is_the_same_however_its_bytes_are_cut(data):
    terminal = Terminal()
    stream = b"".join(
        (
            terminal.register(),
            terminal.authenticate(),
            b"noise",
            terminal.frame(0x0002),
            terminal.frame(0x0200, location_body(alarm_bits=SOS)),
        )
    )
    places = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    pieces = [stream[a:b] for a, b in zip([0, *places], [*places, len(stream)], strict=True)]
    assert _talk(pieces) == _talk([stream])


@given(st.lists(st.binary(max_size=80), max_size=6), st.booleans())
def test_any_bytes_are_taken_or_raise_decode_error(bodies, is_inside):
    terminal = Terminal()
    dialogue = admitted(terminal) if is_inside else Jt808Dialogue()
    ids = [0x0001, 0x0002, 0x0005, 0x0100, 0x0102, 0x0104, 0x0107, 0x0200, 0x0704, 0x0801]
    for number, body in enumerate(bodies):
        for message_id in ids:
            with contextlib.suppress(DecodeError):
                dialogue.take(terminal.frame(message_id, body), NOW_MS, Door(STRICT))
        with contextlib.suppress(DecodeError):
            dialogue.take(body, NOW_MS + number, Door(STRICT))


def _talk(pieces):
    dialogue = Jt808Dialogue()
    cuts = [cut for piece in pieces for cut in dialogue.feed(piece)]
    admit = Door(STRICT)
    return cuts, [dialogue.take(cut.data, NOW_MS, admit) for cut in cuts if cut.is_frame]


def _batch(count):
    items = b"".join(
        len(location_body()).to_bytes(2, "big") + location_body(second=number)
        for number in range(count)
    )
    return count.to_bytes(2, "big") + b"\x01" + items
