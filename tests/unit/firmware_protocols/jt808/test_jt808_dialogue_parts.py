"""Long messages of a JT/T 808 terminal: put together, asked for again, bounded."""

import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocols.codec import Context
from firmware_protocols.dialogue import Turn
from firmware_protocols.errors import OversizedError
from firmware_protocols.jt808.header import build_frame, parse_frame
from firmware_protocols.jt808.opening import open_decoder
from firmware_protocols.jt808.reassembly import (
    MAX_HELD_BYTES,
    MAX_MESSAGE_PARTS,
    MAX_MESSAGES,
    MAX_REQUESTS,
    QUIET_MS,
    TIMEOUT_MS,
)
from firmware_protocols.jt808.replies import MediaReply, PlatformReply, ResendRequest
from firmware_protocols.message import Report
from tests.unit.firmware_protocols.jt808.terminal_side import (
    NEW,
    NOW_MS,
    OLD,
    SOS,
    Terminal,
    admitted,
    location_body,
    nobody,
)

_VECTORS = json.loads(Path("tests/vectors/jt808/parts.json").read_text(encoding="utf-8"))


@pytest.fixture(params=[OLD, NEW], ids=["2013", "2019"])
def terminal(request):
    return Terminal(request.param)


def _batch(count, kind=1, alarm_bits=0):
    body = location_body(alarm_bits)
    items = [
        len(body).to_bytes(2, "big") + location_body(alarm_bits, second=number % 60)
        for number in range(count)
    ]
    return count.to_bytes(2, "big") + bytes((kind,)) + b"".join(items)


def test_a_message_in_parts_is_one_payload_and_every_part_is_answered(terminal):
    dialogue = admitted(terminal)
    frames = terminal.frames(0x0704, _batch(20), part_bytes=200)
    turns = [dialogue.take(frame, NOW_MS, nobody) for frame in frames]
    assert [turn.payload for turn in turns[:-1]] == [b""] * (len(frames) - 1)
    whole = turns[-1]
    assert whole.payload == b"".join(frames)
    assert (len(whole.messages), whole.at_once) == (20, b"")
    first = terminal.serial - len(frames) + 1
    assert terminal.hear(whole.after_commit) == [
        PlatformReply(to_serial=serial, to_id=0x0704)
        for serial in range(first, terminal.serial + 1)
    ]
    assert tuple(open_decoder(Context(device="wb-000001"))(whole.payload)) == whole.messages
    assert all(report.backlog for report in whole.messages)
    assert dialogue.buffered == 0


@given(st.permutations(range(5)), st.lists(st.integers(0, 4), max_size=3))
@settings(max_examples=50)
def test_parts_may_come_in_any_order_and_twice(order, again):
    terminal = Terminal()
    dialogue = admitted(terminal)
    frames = terminal.frames(0x0704, _batch(6, alarm_bits=SOS), part_bytes=40)
    assert len(frames) == 5
    last = order[-1]
    sequence = [*order[:-1], *(number for number in again if number != last), last]
    turns = [dialogue.take(frames[number], NOW_MS, nobody) for number in sequence]
    assert [turn.payload for turn in turns[:-1]] == [b""] * (len(turns) - 1)
    assert turns[-1].payload == b"".join(frames)
    assert turns[-1].is_urgent


def test_other_messages_may_stand_between_parts():
    terminal = Terminal()
    dialogue = admitted(terminal)
    body = _batch(4)
    first = terminal.frame(0x0704, body[:60], parts=2, part=1)
    dialogue.take(first, NOW_MS, nobody)
    between = dialogue.take(terminal.frame(0x0200, location_body()), NOW_MS, nobody)
    assert between.payload
    terminal.serial += 16  # as far apart as parts of an 0x0104 were seen
    second = terminal.frame(0x0704, body[60:], parts=2, part=2)
    assert dialogue.take(second, NOW_MS, nobody).payload == first + second


@pytest.mark.parametrize("vector", _VECTORS, ids=[vector["name"] for vector in _VECTORS])
def test_parts_of_the_vectors_are_put_together(vector):
    frames = [bytes.fromhex(text) for text in vector["frames_hex"]]
    terminal = Terminal(parse_frame(frames[0]).address)
    dialogue = admitted(terminal)
    turns = [dialogue.take(frame, NOW_MS, nobody) for frame in frames]
    assert turns[0] == Turn()
    (said,) = turns[1].messages
    if vector["message_id"] == "0x0104":
        # Neither journaled nor an answer to what we asked here; what parts.toml says.
        assert (turns[1].payload, said.to) == (b"", "8104:0")
        shown = said.extra["parameters"]
        assert (shown["heartbeat_interval_s"], shown["default_interval_s"]) == (300, 45)
        assert (shown["main_server_address"], shown["plate"]) == ("gps26.example", "归途试验车辆")
        # The last one of the first frame, and one of the second.
        assert shown["alarm_recording_settings"] == "150602"
        assert shown["0x0000ff02"] == b"GT-8S".hex().ljust(40, "0")
    else:
        bodies = b"".join(parse_frame(frame).body for frame in frames)
        assert (turns[1].payload, said.payload) == (b"".join(frames), bodies)
        assert len(terminal.hear(turns[1].after_commit)) == 2


def test_parts_with_one_serial_for_all_are_put_together():
    terminal = Terminal()
    dialogue = admitted(terminal)
    body = _batch(4)
    pieces = [body[:40], body[40:80], body[80:]]
    frames = [
        build_frame(OLD, 0x0704, 777, piece, parts=3, part=number)
        for number, piece in enumerate(pieces, 1)
    ]
    turns = [dialogue.take(frame, NOW_MS, nobody) for frame in frames]
    assert turns[-1].payload == b"".join(frames)


def test_serials_of_parts_may_wrap():
    terminal = Terminal()
    dialogue = admitted(terminal)
    terminal.serial = 0xFFFE - 1
    body = _batch(4)
    frames = [
        build_frame(OLD, 0x0704, serial, piece, parts=3, part=number)
        for number, (serial, piece) in enumerate(
            zip((0xFFFE, 0xFFFF, 0), (body[:40], body[40:80], body[80:]), strict=True), 1
        )
    ]
    turns = [dialogue.take(frame, NOW_MS, nobody) for frame in frames]
    assert len(turns[-1].messages) == 4


def test_parts_of_two_messages_of_one_kind_are_not_mixed():
    terminal = Terminal()
    dialogue = admitted(terminal)
    lost = terminal.frames(0x0704, _batch(6), part_bytes=100)
    whole = terminal.frames(0x0704, _batch(6, kind=0), part_bytes=100)
    assert len(lost) == len(whole) == 2
    dialogue.take(lost[0], NOW_MS, nobody)
    dialogue.take(whole[0], NOW_MS, nobody)
    turn = dialogue.take(whole[1], NOW_MS, nobody)
    assert turn.payload == b"".join(whole)
    assert not any(report.backlog for report in turn.messages)
    assert dialogue.take(lost[1], NOW_MS, nobody).payload == b"".join(lost)


def test_missing_parts_are_asked_for_when_it_has_been_quiet(terminal):
    dialogue = admitted(terminal)
    frames = terminal.frames(0x0704, _batch(30), part_bytes=200)
    for frame in (frames[0], frames[2]):
        dialogue.take(frame, NOW_MS, nobody)
    first = parse_frame(frames[0]).serial
    missing = tuple(number for number in range(1, len(frames) + 1) if number not in {1, 3})
    assert dialogue.due(NOW_MS + QUIET_MS - 1) == b""
    asked = dialogue.due(NOW_MS + QUIET_MS)
    assert terminal.hear(asked) == [ResendRequest(first_serial=first, parts=missing)]
    assert dialogue.due(NOW_MS + QUIET_MS + 1) == b""
    for number in missing[:-1]:
        dialogue.take(frames[number - 1], NOW_MS + QUIET_MS + 2, nobody)
    turn = dialogue.take(frames[missing[-1] - 1], NOW_MS + QUIET_MS + 3, nobody)
    assert turn.payload == b"".join(frames)
    assert dialogue.due(NOW_MS + 3 * QUIET_MS) == b""


def test_the_first_serial_is_reckoned_when_the_first_part_is_missing():
    terminal = Terminal()
    dialogue = admitted(terminal)
    frames = terminal.frames(0x0704, _batch(10), part_bytes=100)
    dialogue.take(frames[2], NOW_MS, nobody)
    (asked,) = terminal.hear(dialogue.due(NOW_MS + QUIET_MS))
    assert asked.first_serial == parse_frame(frames[0]).serial
    assert asked.parts == (1, 2, 4)


def test_what_was_asked_for_may_come_under_a_new_serial():
    terminal = Terminal()
    dialogue = admitted(terminal)
    body = _batch(4)
    one = terminal.frame(0x0704, body[:40], parts=3, part=1)
    terminal.serial += 1
    three = terminal.frame(0x0704, body[80:], parts=3, part=3)
    dialogue.take(one, NOW_MS, nobody)
    dialogue.take(three, NOW_MS, nobody)
    assert dialogue.due(NOW_MS + QUIET_MS)
    terminal.serial += 500
    two = terminal.frame(0x0704, body[40:80], parts=3, part=2)
    turn = dialogue.take(two, NOW_MS + QUIET_MS, nobody)
    assert turn.payload == one + two + three
    # It is acknowledged, so nothing else than the reports may come of it, now and from the journal.
    assert [type(said) for said in turn.messages] == [Report] * 4
    assert tuple(open_decoder(Context(device="wb-000001"))(turn.payload)) == turn.messages


def test_missing_parts_of_a_recording_are_asked_for_by_its_id():
    terminal = Terminal()
    dialogue = admitted(terminal)
    body = (0x81).to_bytes(4, "big") + bytes(4) + location_body() + bytes(400)
    frames = terminal.frames(0x0801, body, part_bytes=100)
    dialogue.take(frames[0], NOW_MS, nobody)
    assert terminal.hear(dialogue.due(NOW_MS + QUIET_MS)) == [
        MediaReply(media=0x81, missing=(2, 3, 4, 5))
    ]
    for frame in frames[1:]:
        turn = dialogue.take(frame, NOW_MS + QUIET_MS, nobody)
    assert terminal.hear(turn.after_commit) == [MediaReply(media=0x81)]


def test_asking_ends_after_a_few_times_and_the_message_expires():
    terminal = Terminal()
    dialogue = admitted(terminal)
    dialogue.take(terminal.frame(0x0704, bytes(100), parts=2, part=1), NOW_MS, nobody)
    asked = [bool(dialogue.due(NOW_MS + QUIET_MS * times)) for times in range(1, 20)]
    assert asked == [True] * MAX_REQUESTS + [False] * (19 - MAX_REQUESTS)
    assert dialogue.buffered > 100
    assert dialogue.due(NOW_MS + TIMEOUT_MS) == b""
    assert dialogue.buffered == 0


def test_a_part_after_the_time_out_begins_anew():
    terminal = Terminal()
    dialogue = admitted(terminal)
    one, two = terminal.frames(0x0704, _batch(4), part_bytes=100)
    dialogue.take(one, NOW_MS, nobody)
    assert dialogue.take(two, NOW_MS + TIMEOUT_MS, nobody).payload == b""
    assert dialogue.take(one, NOW_MS + TIMEOUT_MS, nobody).payload == one + two


def test_a_clock_set_back_keeps_no_part_for_ever():
    terminal = Terminal()
    dialogue = admitted(terminal)
    dialogue.take(terminal.frame(0x0704, bytes(100), parts=2, part=1), NOW_MS, nobody)
    dialogue.due(NOW_MS - TIMEOUT_MS)
    assert dialogue.buffered == 0


def test_what_is_held_is_bounded_in_bytes_and_messages():
    terminal = Terminal()
    dialogue = admitted(terminal)
    for number in itertools.islice(itertools.cycle(range(1, 400)), 1_600):
        frame = terminal.frame(0x0704, b"\x7e" * 1_023, parts=400 + number // 10, part=number)
        dialogue.take(frame, NOW_MS, nobody)
        assert dialogue.buffered <= MAX_HELD_BYTES
    held = len(frame)
    small = admitted(terminal)
    for number in range(50):
        small.take(terminal.frame(0x0900 + number, bytes(100), parts=2, part=1), NOW_MS, nobody)
    assert small.buffered <= MAX_MESSAGES * held


def test_a_message_of_too_many_parts_is_refused():
    terminal = Terminal()
    dialogue = admitted(terminal)
    frame = terminal.frame(0x0801, bytes(100), parts=MAX_MESSAGE_PARTS + 1, part=1)
    with pytest.raises(OversizedError, match="501 parts"):
        dialogue.take(frame, NOW_MS, nobody)
    assert dialogue.buffered == 0


def test_the_largest_message_fits_with_every_byte_escaped():
    terminal = Terminal()
    dialogue = admitted(terminal)
    first = terminal.serial
    for number in range(1, MAX_MESSAGE_PARTS):
        frame = terminal.frame(0x0900, b"\x7e" * 1_023, parts=MAX_MESSAGE_PARTS, part=number)
        assert not dialogue.take(frame, NOW_MS, nobody).payload
    frame = terminal.frame(0x0900, b"\x7e" * 1_023, parts=MAX_MESSAGE_PARTS, part=MAX_MESSAGE_PARTS)
    assert dialogue.take(frame, NOW_MS, nobody).payload
    assert terminal.serial == first + MAX_MESSAGE_PARTS
