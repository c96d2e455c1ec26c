"""Webhooks: a CloudEvent, signed as the Standard Webhooks specification 1.0 says.

The signature is HMAC-SHA256 over `id.timestamp.body`; the receiver refuses what is older than five
minutes and what it has had under the same id. While secrets change over, every standing one signs.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from server.notifications.message import Message

_SECRET_BYTES: Final = 32
_PREFIX: Final = "whsec_"


def new_secret() -> str:
    """Return a secret as a receiver takes it."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def event(message: Message) -> bytes:
    """Return the body: a CloudEvent 1.0 in structured mode."""
    said = {name: {"title": one.title, "text": one.text} for name, one in message.said.items()}
    alerts = message.data["alerts"]
    subject = {"subject": alerts[0]} if message.count == 1 and alerts else {}
    found = {
        "specversion": "1.0",
        "id": message.key,
        "source": f"guitu/org/{message.data['org']}",
        "type": f"guitu.notification.v1.{message.kind}",
        "time": message.queued_at.isoformat(),
        "datacontenttype": "application/json",
        **subject,
        "data": {**message.data, "said": said},
    }
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()


def signed_headers(key: str, body: bytes, keys: Sequence[str], now: datetime) -> dict[str, str]:
    """Return the headers of a request.

    Args:
        key: The message's.
        body: What is posted.
        keys: The standing secrets, as `new_secret` made them.
        now: When it is sent.
    """
    stamp = str(int(now.timestamp()))
    signed = f"{key}.{stamp}.".encode() + body
    signatures = " ".join(f"v1,{_signature(secret, signed)}" for secret in keys)
    return {
        "Content-Type": "application/cloudevents+json",
        "webhook-id": key,
        "webhook-timestamp": stamp,
        "webhook-signature": signatures,
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
