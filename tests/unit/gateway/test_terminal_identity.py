"""Authentication codes and profiles of terminals."""

import pytest

from firmware_protocols.message import Login
from gateway.directory.snapshot import compile_directory
from gateway.directory.terminal import Terminal
from gateway.errors import GatewayError
from gateway.tcp.identity import AuthCodes, Doorkeeper, profile_of
from tests.unit.gateway.engine_world import T0_MS, directory_json, text


def test_a_code_is_the_same_for_ever_and_another_for_each_terminal(tmp_path):
    codes = AuthCodes(tmp_path / "secret")
    terminal = Terminal("jt808", "13800138000")
    code = codes.code(terminal)
    assert len(code) == 16
    assert AuthCodes(tmp_path / "secret").code(terminal) == code
    others = [Terminal("gt06", "13800138000"), Terminal("jt808", "13800138001")]
    assert code not in [codes.code(other) for other in others]


def test_another_secret_gives_other_codes(tmp_path):
    terminal = Terminal("jt808", "13800138000")
    assert AuthCodes(tmp_path / "a").code(terminal) != AuthCodes(tmp_path / "b").code(terminal)


def test_a_file_that_is_no_secret_is_refused(tmp_path):
    (tmp_path / "secret").write_bytes(b"short")
    with pytest.raises(GatewayError, match="5 bytes, not 32"):
        AuthCodes(tmp_path / "secret")


def test_a_model_that_nobody_knows_is_decoded_by_the_default_profile():
    assert profile_of(Terminal("watch", "1", model="no-such-model")) == ""


def test_a_terminal_whose_credential_has_ended_stays_outside(tmp_path):
    row = {"device": "t-1", "org": "county", "kind": "wristband", "expected_interval_s": 60}
    row |= {"terminal": {"protocol": "gt06", "number": "13800138000"}}
    row |= {"credential_until": text(T0_MS)}
    directory = compile_directory(directory_json(subjects=0, devices=[row], fences=[]))
    clock_ms = [T0_MS - 1]
    codes = AuthCodes(tmp_path / "secret")
    door = Doorkeeper(codes, lambda: directory, lambda: clock_ms[0] * 1_000)
    login = Login(device="", step="login", terminal="13800138000")
    assert door.known("gt06", "13800138000").device == "t-1"
    clock_ms[0] = T0_MS
    assert door.known("gt06", "13800138000") is None
    assert door.look_up("gt06", login) == "unknown_terminal"
