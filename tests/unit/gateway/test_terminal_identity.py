"""Authentication codes and profiles of terminals."""

import pytest

from gateway.directory.terminal import Terminal
from gateway.errors import GatewayError
from gateway.tcp.identity import AuthCodes, profile_of


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
