"""Golden messages of wristband JSON v1: whole, cut anywhere, glued, with something behind them."""

import json
from pathlib import Path

import msgspec
import pytest

from firmware_protocols.columns import reports_of
from firmware_protocols.command import Command
from firmware_protocols.errors import DecodeError
from firmware_protocols.local_alert import LocalAlert
from firmware_protocols.message import Reply, Report
from firmware_protocols.wristband_json.command import decode_down, encode_alert, encode_command
from firmware_protocols.wristband_json.decode import decode, decode_columns
from firmware_protocols.wristband_json.encode import encode, encode_ack, encode_reply

FOLDER = Path(__file__).parents[2] / "vectors" / "wristband-json"
VECTORS = json.loads((FOLDER / "messages.json").read_text())
UP = [pytest.param(v["text"].encode(), v["messages"], id=v["name"]) for v in VECTORS["up"]]
DOWN = [pytest.param(v["text"].encode(), v["says"], id=v["name"]) for v in VECTORS["down"]]


def expected(messages):
    return [
        msgspec.convert(
            message | {"device": "wb-1"}, Reply if message["kind"] == "reply" else Report
        )
        for message in messages
    ]


@pytest.mark.parametrize(("payload", "messages"), UP)
def test_a_golden_message_says_what_the_page_says(payload, messages):
    wanted = expected(messages)
    assert decode(payload, "wb-1") == wanted
    reports = [message for message in wanted if isinstance(message, Report)]
    assert reports_of(decode_columns(payload), "wb-1") == reports


@pytest.mark.parametrize(("payload", "messages"), UP)
def test_what_it_says_is_encoded_to_the_same_meaning(payload, messages):
    wanted = expected(messages)
    is_reply = isinstance(wanted[0], Reply)
    again = encode_reply(wanted[0]) if is_reply else encode(wanted)
    assert decode(again, "wb-1") == decode(payload, "wb-1")


@pytest.mark.parametrize("take", [decode_columns, lambda payload: decode(payload, "wb-1")])
@pytest.mark.parametrize(("payload", "messages"), UP)
def test_a_message_cut_glued_or_followed_by_something_is_refused_whole(payload, messages, take):
    assert messages
    for size in range(len(payload)):
        with pytest.raises(DecodeError):
            take(payload[:size])
    for more in (payload, b"x", b"\0", b"]}"):
        with pytest.raises(DecodeError):
            take(payload + more)
    take(b" \r\n" + payload + b"\n")


@pytest.mark.parametrize(("payload", "says"), DOWN)
def test_a_golden_down_link_says_what_the_page_says(payload, says):
    found = decode_down(payload)
    if isinstance(says, list):
        assert found == [tuple(each) for each in says]
        assert json.loads(encode_ack(found)) == json.loads(payload)
    elif "alert" in says:
        assert found == msgspec.convert(says["alert"], LocalAlert)
        assert json.loads(encode_alert(found)) == json.loads(payload)
    else:
        assert found == msgspec.convert(says, Command)
        assert json.loads(encode_command(found)) == json.loads(payload)
    for size in range(len(payload)):
        with pytest.raises(DecodeError):
            decode_down(payload[:size])
