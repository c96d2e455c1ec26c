"""Terminal parameters as terminals in the field tell them, and the dangerous commands."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocols.command import Command
from firmware_protocols.errors import ApprovalError, CommandError, LengthError
from firmware_protocols.jt808.commands import down_link
from firmware_protocols.jt808.control import (
    CLOSE_LINK,
    CLOSE_RADIO,
    FACTORY_RESET,
    POWER_OFF,
    RESTART,
    ControlTerminal,
    Locate,
    SetParameters,
    ShowText,
)
from firmware_protocols.jt808.parameters import (
    PARAMETERS,
    Parameter,
    ParameterAnswer,
    parameters_extra,
    read_answer,
    read_parameters,
    write_answer,
)
from tests.unit.firmware_protocols.jt808.down_messages import WORDS, parameters, tuples_of

# The count says 9, seven follow, and the texts end with NUL.
_WRONG_COUNT = (
    bytes.fromhex("000009 00000001 04 00000019 00000002 04 0000000c 00000013 10")
    + b"gw26.gz.example\0"
    + bytes.fromhex("00000017 01 00 00000018 04 00001b72 00000055 04 0000005a 00000056 04 00000000")
)
_DANGEROUS = {
    "power_off": POWER_OFF,
    "factory_reset": FACTORY_RESET,
    "close_link": CLOSE_LINK,
    "close_radio": CLOSE_RADIO,
}


@given(WORDS, tuples_of(parameters()))
def test_an_answer_that_is_written_is_read_again(serial, listed):
    answer = ParameterAnswer(to_serial=serial, count=len(listed), parameters=listed)
    assert read_answer(write_answer(answer)) == answer


def test_an_answer_with_a_wrong_count_is_read_to_its_end():
    answer = read_answer(_WRONG_COUNT)
    assert answer.count == 9
    assert parameters_extra(answer.parameters) == {
        "heartbeat_interval_s": 25,
        "tcp_answer_timeout_s": 12,
        "main_server_address": "gw26.gz.example",
        "backup_server_address": "",
        "server_tcp_port": 7026,
        "max_speed_kmh": 90,
        "overspeed_duration_s": 0,
    }


def test_a_command_with_a_wrong_count_is_refused():
    with pytest.raises(LengthError, match="count says 2"):
        read_parameters(bytes.fromhex("0200000001040000000a"))


def test_a_byte_that_firmware_writes_as_a_dword_is_the_same_number():
    body = bytes.fromhex("000001000000900400000002")
    assert parameters_extra(read_answer(body).parameters) == {"gnss_mode_bits": 2}


def test_what_nobody_knows_stays_bytes_under_its_id():
    body = bytes.fromhex("0000010000f001020a78")
    assert parameters_extra(read_answer(body).parameters) == {"0x0000f001": "0a78"}


def test_a_password_is_never_shown():
    listed = (Parameter(0x0012, "geheim"), Parameter(0x0011, "user"))
    assert parameters_extra(listed) == {
        "main_server_dial_password": "***",
        "main_server_dial_user": "user",
    }


def test_names_of_parameters_are_unique():
    assert len({name for name, _ in PARAMETERS.values()}) == len(PARAMETERS)


@pytest.mark.parametrize("command", _DANGEROUS.values(), ids=_DANGEROUS.keys())
@pytest.mark.parametrize("approved_by", [(), ("chen",), ("chen", "chen")], ids=repr)
def test_a_dangerous_control_does_not_exist_without_two_persons(command, approved_by):
    with pytest.raises(ApprovalError):
        ControlTerminal(command=command, approved_by=approved_by).write(is_2019=False)


@pytest.mark.parametrize("name", _DANGEROUS)
def test_a_dangerous_command_goes_out_with_two_persons(name):
    with pytest.raises(ApprovalError):
        down_link(Command(id="c-1", name=name, approved_by=("chen",)), is_2019=False)
    message = down_link(Command(id="c-1", name=name, approved_by=("chen", "li")), is_2019=False)
    assert message.write(is_2019=False) == bytes((_DANGEROUS[name],))


@given(st.lists(st.sampled_from(["chen", "li", "wang"]), max_size=4).map(tuple))
def test_only_different_persons_count(approved_by):
    control = ControlTerminal(command=POWER_OFF, approved_by=approved_by)
    if len(set(approved_by)) >= 2:
        assert control.write(is_2019=True) == b"\x03"
    else:
        with pytest.raises(ApprovalError):
            control.write(is_2019=True)


def test_commands_are_the_down_links_of_the_standard():
    interval = Command(id="c-1", name="set_interval", interval_s=30)
    text = Command(id="c-1", name="text", text="请回司法所")
    assert down_link(interval, is_2019=False) == SetParameters(
        (Parameter(0x0020, 0), Parameter(0x0029, 30))
    )
    assert down_link(Command(id="c-1", name="locate"), is_2019=True) == Locate()
    assert down_link(text, is_2019=False) == ShowText(text="请回司法所", mark=0x0C)
    assert down_link(text, is_2019=True) == ShowText(text="请回司法所", mark=0x0F)
    restart = down_link(Command(id="c-1", name="restart"), is_2019=False)
    assert restart == ControlTerminal(command=RESTART)


@pytest.mark.parametrize(
    ("name", "is_2019"), list(itertools.product(["set_interval", "text"], [False, True]))
)
def test_a_command_without_its_argument_is_refused(name, is_2019):
    with pytest.raises(CommandError, match="needs"):
        down_link(Command(id="c-1", name=name), is_2019=is_2019)
