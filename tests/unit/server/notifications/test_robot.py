"""Robots: what they are told, and what of their answers counts as a delivery."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from server.notifications.egress import web_address
from server.notifications.errors import RefusedSendError, SendError
from server.notifications.message import Message
from server.notifications.robot import check_answer, platform_of, request_of
from server.notifications.template import Said

NOW = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
ADDRESSES = {
    "dingtalk": "https://oapi.dingtalk.com/robot/send?access_token=t",
    "wecom": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=t",
    "feishu": "https://open.feishu.cn/open-apis/bot/v2/hook/t",
}


def message(text: str = "城东所 报警") -> Message:
    said = {"zh": Said("【紧急】表带剪断", text)}
    return Message("k", "alert_raised", "critical", said, 1, {}, NOW)


@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_a_platform_is_told_by_its_path(name):
    assert platform_of(web_address(ADDRESSES[name])) == name
    assert platform_of(web_address("https://a.example/" + name)) is None


def test_dingtalk_is_signed_by_milliseconds_in_the_query():
    to, body = request_of(web_address(ADDRESSES["dingtalk"]), message(), secret="SEC", now=NOW)
    query = parse_qs(urlsplit(to.path).query)
    stamp = query["timestamp"][0]
    assert stamp == "1795309323000"
    wanted = hmac.new(b"SEC", f"{stamp}\nSEC".encode(), hashlib.sha256).digest()
    assert query["sign"] == [base64.b64encode(wanted).decode()]
    assert json.loads(body)["text"]["content"] == "【紧急】表带剪断\n城东所 报警"


def test_feishu_is_signed_by_seconds_in_the_body():
    _, body = request_of(web_address(ADDRESSES["feishu"]), message(), secret="SEC", now=NOW)
    found = json.loads(body)
    assert found["timestamp"] == "1795309323"
    wanted = hmac.new(b"1795309323\nSEC", b"", hashlib.sha256).digest()
    assert found["sign"] == base64.b64encode(wanted).decode()


def test_a_text_is_cut_to_the_bytes_that_a_platform_takes_between_characters():
    _, body = request_of(
        web_address(ADDRESSES["wecom"]), message("字" * 5_000), secret=None, now=NOW
    )
    content = json.loads(body)["text"]["content"]
    assert 2_040 < len(content.encode()) <= 2_048


@pytest.mark.parametrize(
    ("name", "answer", "error"),
    [
        ("dingtalk", b'{"errcode": 310000}', RefusedSendError),
        ("dingtalk", b'{"errcode": 130101}', SendError),
        ("wecom", b'{"errcode": 93000}', RefusedSendError),
        ("wecom", b'{"errcode": 45009}', SendError),
        ("feishu", b'{"code": 19001}', RefusedSendError),
        ("feishu", b"<html>portal</html>", SendError),
        ("feishu", b'{"code": "0"}', SendError),
        ("dingtalk", b"[]", SendError),
        ("dingtalk", b"", SendError),
        ("dingtalk", b"[" * 30_000, SendError),
    ],
)
def test_only_the_platforms_own_word_is_a_delivery(name, answer, error):
    with pytest.raises(error) as caught:
        check_answer(web_address(ADDRESSES[name]), answer)
    assert type(caught.value) is error


@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_zero_is_a_delivery(name):
    check_answer(web_address(ADDRESSES[name]), b'{"errcode": 0, "code": 0}')
