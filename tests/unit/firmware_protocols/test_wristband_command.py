"""Commands to a wristband in JSON."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocols.catalog import CODECS
from firmware_protocols.command import Command
from firmware_protocols.errors import ApprovalError, CommandError, DecodeError, FieldError
from firmware_protocols.wristband_json.command import decode_down, encode_command
from firmware_protocols.wristband_json.encode import encode_ack

IDS = st.from_regex(r"[A-Za-z0-9_-]{1,40}", fullmatch=True)
COMMANDS = (
    st.builds(Command, id=IDS, name=st.just("set_interval"), interval_s=st.integers(1, 65_535))
    | st.builds(
        Command,
        id=IDS,
        name=st.just("text"),
        text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200),
    )
    | st.builds(Command, id=IDS, name=st.sampled_from(["locate", "restart"]))
)


@given(COMMANDS)
def test_a_command_comes_back_as_it_was(command):
    assert decode_down(encode_command(command)) == command


def test_a_command_is_written_as_the_page_has_it():
    command = Command(id="c-7Qm2", name="set_interval", interval_s=30)
    wanted = {"v": 1, "cmd": {"id": "c-7Qm2", "name": "set_interval", "interval_s": 30}}
    assert json.loads(encode_command(command)) == wanted
    assert CODECS["wristband-json"].encode_command is encode_command


def test_a_dangerous_command_needs_two_persons_who_stay_at_the_platform():
    one = Command(id="c-1", name="power_off", approved_by=("li", "li"))
    with pytest.raises(ApprovalError):
        encode_command(one)
    two = Command(id="c-1", name="power_off", approved_by=("li", "wang"))
    assert decode_down(encode_command(two)) == Command(id="c-1", name="power_off")


@pytest.mark.parametrize("name", ["set_interval", "text"])
def test_a_command_without_its_argument_is_neither_sent_nor_taken(name):
    with pytest.raises(CommandError, match="needs"):
        encode_command(Command(id="c-1", name=name))
    with pytest.raises(FieldError, match="needs"):
        decode_down(json.dumps({"v": 1, "cmd": {"id": "c-1", "name": name}}).encode())


def test_an_acknowledgement_is_no_command():
    assert decode_down(encode_ack([(1, 2, 3)])) == [(1, 2, 3)]


@given(st.binary(max_size=200).map(lambda tail: b'{"v":1,"cmd":' + tail))
def test_any_bytes_are_a_down_link_message_or_a_decode_error(payload):
    with suppress(DecodeError):
        decode_down(payload)


@pytest.mark.parametrize(
    "cmd",
    [
        {"id": "c-1", "name": "dance"},
        {"id": "c 1", "name": "locate"},
        {"id": "c-1", "name": "set_interval", "interval_s": 0},
        {"id": "c-1", "name": "text", "text": "x" * 201},
    ],
)
def test_a_command_that_does_not_hold_to_the_page_is_refused(cmd):
    with pytest.raises(FieldError):
        decode_down(json.dumps({"v": 1, "cmd": cmd}).encode())
