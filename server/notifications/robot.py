"""Robots of group chats: DingTalk (钉钉), WeCom (企业微信), Feishu (飞书).

All three answer 200 whether they took a message or not; what counts is the code in the body. The
kind of robot is told by the path of its address, so that a private installation is served too.
Sources: the three platforms' pages on custom robots.
"""

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any, Final, Literal
from urllib.parse import quote_plus

from server.notifications.egress import WebAddress
from server.notifications.errors import RefusedSendError, SendError
from server.notifications.message import Message

Platform = Literal["dingtalk", "wecom", "feishu"]

_PATHS: Final[dict[str, Platform]] = {
    "/robot/send?": "dingtalk",
    "/cgi-bin/webhook/send?": "wecom",
    "/open-apis/bot/v2/hook/": "feishu",
}
_CODES: Final[dict[Platform, str]] = {"dingtalk": "errcode", "wecom": "errcode", "feishu": "code"}
# Too many messages, or the platform is busy: later ones are taken.
_LATER: Final = frozenset({-1, 130101, 410100, 45009, 11232})
_MOST_BYTES: Final = 2_048
"""What WeCom takes, the least of the three."""


def platform_of(to: WebAddress) -> Platform | None:
    """Return whose robot an address is; None: nobody's that is known."""
    return next((name for start, name in _PATHS.items() if to.path.startswith(start)), None)


def request_of(
    to: WebAddress, message: Message, *, secret: str | None, now: datetime
) -> tuple[WebAddress, bytes]:
    """Return where a message is posted, and the body.

    Args:
        to: The robot's address; of a platform that is known.
        message: What is said.
        secret: What the platform's signature is made with, if the robot asks for one.
        now: When it is sent; the platforms refuse what is an hour old.
    """
    platform = platform_of(to)
    said = f"{message.title}\n{message.text}".encode()[:_MOST_BYTES].decode(errors="ignore")
    if platform == "feishu":
        body: dict[str, Any] = {"msg_type": "text", "content": {"text": said}}
        if secret:
            stamp = str(int(now.timestamp()))
            signature = _hmac(f"{stamp}\n{secret}".encode(), b"")
            body |= {"timestamp": stamp, "sign": signature}
        return to, _json(body)
    if platform == "dingtalk" and secret:
        stamp = str(int(now.timestamp() * 1000))
        signature = _hmac(secret.encode(), f"{stamp}\n{secret}".encode())
        path = f"{to.path}&timestamp={stamp}&sign={quote_plus(signature)}"
        to = WebAddress(to.is_secure, to.host, to.port, path)
    return to, _json({"msgtype": "text", "text": {"content": said}})


def check_answer(to: WebAddress, answer: bytes) -> None:
    """Hold an answer to what the platform says when it took a message.

    Raises:
        RefusedSendError: It refuses the message: the robot's own settings are to be mended.
        SendError: It has too much to do, or the answer is none of its own.
    """
    platform = platform_of(to)
    try:
        code = json.loads(answer)[_CODES[platform or "dingtalk"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SendError("the answer is not the platform's") from error
    if type(code) is not int:
        raise SendError("the answer is not the platform's")
    if code != 0:
        failed = SendError if code in _LATER else RefusedSendError
        raise failed(f"the platform refused it with code {code}")


def _hmac(key: bytes, said: bytes) -> str:
    return base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()
