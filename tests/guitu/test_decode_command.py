"""`guitu decode`: lines in, one JSON object per line out."""

import io
import json
import subprocess
import sys

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocols.catalog import CODECS
from firmware_protocols.codec import Codec
from firmware_protocols.errors import ChecksumError
from firmware_protocols.message import CheckIn, Heartbeat, Login, Media, Report, Unknown
from guitu import cli, frame_lines
from guitu.frame_lines import frame_of
from guitu.message_json import iso_time, message_object

BODY = {"v": 1, "boot": 12, "seq": 345, "t": 1_795_312_923_000, "lon": 120.1551, "lat": 30.2741}
GOOD = json.dumps(BODY).encode()


def echo(_context):
    """Open a decoder that counts its frames and refuses those that begin with 0xFF."""
    count = 0

    def decode(payload):
        nonlocal count
        count += 1
        if payload.startswith(b"\xff"):
            raise ChecksumError("checksum 0x01, want 0x02", frame=payload, offset=3)
        return [Unknown(device="", message=str(count), payload=payload)]

    return decode


@pytest.fixture
def told(monkeypatch):
    """Return a function that runs the command and returns what it printed, line by line."""
    for form in ("hex", "text", "either"):
        codec = Codec(name=f"echo-{form}", form=form, open=echo, profiles=("plain", "odd"))
        monkeypatch.setitem(CODECS, codec.name, codec)

    def run(protocol, data, *options):
        command = cli.main.get_command(None, "decode")
        (choice,) = (option for option in command.params if option.name == "protocol")
        monkeypatch.setattr(choice.type, "choices", tuple(CODECS))
        result = CliRunner().invoke(cli.main, ["decode", "--protocol", protocol, *options], data)
        assert result.exit_code == 0, result.stderr
        return [json.loads(line) for line in result.stdout.splitlines()]

    return run


def test_a_fix_has_what_the_architecture_says_and_nothing_else(told):
    (line,) = told("wristband-json", GOOD, "--device", "wb-1")
    assert line == {
        "ok": True,
        "messages": [
            {
                "kind": "fix",
                "device": "wb-1",
                "fix_time": "2026-11-22T02:02:03Z",
                "boot": 12,
                "seq": 345,
                "valid": True,
                "longitude_deg": 120.1551,
                "latitude_deg": 30.2741,
                "datum": "WGS84",
                "alarms": [],
                "backlog": False,
            }
        ],
    }


def test_a_device_that_nobody_names_is_absent(told):
    (line,) = told("wristband-json", GOOD)
    assert "device" not in line["messages"][0]


def test_a_bad_line_is_an_object_too_and_the_next_one_is_decoded(told):
    lines = told("echo-hex", b"0102\nxx\nffaa\n010\n0304\n")
    assert [line["ok"] for line in lines] == [True, False, False, False, True]
    assert lines[1] == {
        "ok": False,
        "error": "SyntaxDecodeError",
        "detail": "'x' is not a hex digit: 0-9, a-f, A-F",
    }
    assert lines[2] == {
        "ok": False,
        "error": "ChecksumError",
        "detail": "checksum 0x01, want 0x02 (at byte 3)",
    }
    assert lines[3]["detail"] == "3 hex digits are no whole number of bytes"


def test_the_lines_are_one_stream_for_the_decoder(told):
    lines = told("echo-hex", b"01\n02\n03")
    assert [line["messages"][0]["message"] for line in lines] == ["1", "2", "3"]


def test_windows_line_ends_blanks_and_both_cases_of_hex_are_read(told):
    lines = told("echo-hex", b"\xef\xbb\xbf7E 0aFf\r\n\r\n  7e0AfF  \r\n\n7e\t0a ff")
    assert [line["messages"][0]["payload"] for line in lines] == ["7e0aff"] * 3


def test_a_text_protocol_takes_the_line_as_it_is(told):
    (line,) = told("echo-text", "abcd 京\r\n".encode())
    assert bytes.fromhex(line["messages"][0]["payload"]).decode() == "abcd 京"


def test_a_protocol_of_both_forms_takes_hex_where_it_is_hex(told):
    lines = told("echo-either", b"5b3347\n[3G*1*0002*LK]\nabc\n")
    payloads = [bytes.fromhex(line["messages"][0]["payload"]) for line in lines]
    assert payloads == [b"[3G", b"[3G*1*0002*LK]", b"abc"]


def test_model_device_and_offset_reach_the_decoder(told, monkeypatch):
    seen = []

    def opened(context):
        seen.append(context)
        return echo(context)

    codec = Codec(name="echo-hex", form="hex", open=opened, profiles=("plain",))
    monkeypatch.setitem(CODECS, "echo-hex", codec)
    told("echo-hex", b"01\n", "--model", "plain", "--device", "d", "--utc-offset-min", "480")
    assert [(c.device, c.profile, c.utc_offset_min) for c in seen] == [("d", "plain", 480)]


def test_frames_come_from_a_file_too(told, tmp_path):
    frames = tmp_path / "frames.txt"
    frames.write_bytes(b"0102\n")
    assert len(told("echo-hex", b"", str(frames))) == 1
    assert len(told("echo-hex", b"01\n02\n", "-")) == 2


def test_an_overlong_line_costs_itself_only(told, monkeypatch):
    monkeypatch.setattr(frame_lines, "MAX_LINE_BYTES", 8)
    lines = told("echo-hex", b"01" * 40 + b"\n0102\n01020304\n" + b"02" * 40)
    assert [line.get("error") for line in lines] == ["OversizedError", None, None, "OversizedError"]


@pytest.mark.parametrize(
    ("arguments", "told_on_stderr"),
    [
        (["--protocol", "morse"], "is not one of"),
        (["--protocol", "owntracks", "--model", "x"], "the protocol has no profiles"),
        (["--protocol", "owntracks", "no-such-file"], "No such file"),
        (["--protocol", "owntracks", "--keys", "no-such-file"], "does not exist"),
        (["--protocol", "owntracks", "--utc-offset-min", "900"], "-720<=x<=840"),
        ([], "Missing option '--protocol'"),
    ],
)
def test_wrong_usage_is_one_line_that_says_what_is_allowed(arguments, told_on_stderr):
    result = CliRunner().invoke(cli.main, ["decode", *arguments], b"")
    assert result.exit_code != 0
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert told_on_stderr in result.stderr


@pytest.mark.parametrize(
    "text", ["", "[]", '{"a": "00"}', '{"1": "zz"}', '{"1": "00"}', '{"1": 5}', '{"-1": ""}']
)
def test_a_key_file_of_another_form_is_refused_without_its_content(tmp_path, text):
    path = tmp_path / "keys.json"
    path.write_text(text)
    arguments = ["decode", "--protocol", "wristband-json", "--keys", str(path)]
    result = CliRunner().invoke(cli.main, arguments, GOOD)
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "zz" not in result.stderr


def test_a_line_is_answered_before_the_next_one_is_there():
    with subprocess.Popen(
        [sys.executable, "-m", "guitu", "decode", "--protocol", "wristband-json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        for _ in range(2):
            process.stdin.write(GOOD + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["ok"]
        process.stdin.close()
        assert process.wait(30) == 0


@pytest.mark.parametrize(
    ("time_ms", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (1_795_309_323_007, "2026-11-22T01:02:03.007Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        (253_402_300_800_000, "+10000-01-01T00:00:00Z"),
        ((1 << 53) - 1, "+287396-10-12T08:59:00.991Z"),
    ],
)
def test_a_time_is_iso_8601_in_utc_whatever_a_device_claims(time_ms, text):
    assert iso_time(time_ms) == text


def test_numbers_are_rounded_and_bytes_are_hex():
    report = Report(
        device="d",
        kind="fix",
        fix_time_ms=0,
        boot=1,
        seq=2,
        longitude_deg=120.123456789,
        latitude_deg=-30.0,
        speed_mps=10 / 3.6,
        heading_deg=0.1 + 0.2,
        extra={"voltage_v": 0.1 + 0.2, "raw": b"\x01", "cells": [(1, float("nan"))]},
    )
    shown = message_object(report)
    assert (shown["longitude_deg"], shown["speed_mps"], shown["heading_deg"]) == (
        120.1234568, 2.7778, 0.3,
    )  # fmt: skip
    assert shown["extra"] == {"voltage_v": 0.3, "raw": "01", "cells": [[1, None]]}
    assert "boot" not in shown


def test_a_heading_that_rounds_up_to_a_full_turn_is_north():
    turned = Report(device="", kind="fix", fix_time_ms=0, boot=0, seq=0, heading_deg=359.996)
    assert message_object(turned)["heading_deg"] == 0


def test_a_state_has_its_alarms_but_no_validity():
    report = Report(device="d", kind="status", fix_time_ms=0, boot=1, seq=2, battery_pct=0)
    assert message_object(report) == {
        "kind": "status",
        "device": "d",
        "fix_time": "1970-01-01T00:00:00Z",
        "battery_pct": 0,
        "alarms": [],
    }


def test_every_other_kind_begins_with_its_kind_and_leaves_out_what_is_not_said():
    shown = [
        message_object(Heartbeat(device="", battery_pct=5, alarms=("sos",))),
        message_object(Login(device="", step="login", terminal="1")),
        message_object(Unknown(device="", message="0x1", payload=b"")),
        message_object(Media(device="", media="1", media_type="video", begin_time_ms=1)),
        message_object(
            CheckIn(device="", attempt="a", identity_token="t", challenge_time_ms=0,
                    response_time_ms=1, embedding=(0.5,), image=b"\xff")
        ),
    ]  # fmt: skip
    assert shown == [
        {"kind": "heartbeat", "battery_pct": 5, "alarms": ["sos"]},
        {"kind": "login", "step": "login", "terminal": "1"},
        {"kind": "unknown", "message": "0x1", "payload": ""},
        {
            "kind": "media",
            "media": "1",
            "media_type": "video",
            "begin_time": "1970-01-01T00:00:00.001Z",
        },
        {
            "kind": "checkin",
            "attempt": "a",
            "identity_token": "t",
            "challenge_time": "1970-01-01T00:00:00Z",
            "response_time": "1970-01-01T00:00:00.001Z",
            "image": "ff",
            "embedding": [0.5],
        },
    ]
    assert all(next(iter(row)) == "kind" for row in shown)


@given(st.integers(-(1 << 53), 1 << 53), st.floats(), st.text(max_size=5))
def test_any_report_is_json(time_ms, number, text):
    report = Report(
        device=text, kind="fix", fix_time_ms=time_ms, boot=0, seq=0,
        longitude_deg=number, latitude_deg=number, extra={text: number},
    )  # fmt: skip
    json.dumps(message_object(report), allow_nan=False)


@given(st.binary(max_size=40), st.sampled_from(["hex", "either"]))
def test_hex_comes_back_as_the_bytes_that_it_was_made_of(data, form):
    if data:
        assert frame_of(data.hex(" ").encode(), form) == data
        assert frame_of(data.hex().upper().encode(), form) == data


def test_blank_lines_are_no_frames():
    assert list(frame_lines.frame_lines(io.BytesIO(b"\n \r\n\n"))) == []
