"""Server-sent events on the wire (WHATWG HTML, section 9.2)."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal

Event = Literal["hello", "pos", "alert", "command", "gateway", "hb", "reset"]


def frame(event: Event, data: bytes, feed_id: int | None = None) -> bytes:
    """Return one event; `data` is JSON without line ends."""
    head = f"event: {event}\n" if feed_id is None else f"event: {event}\nid: {feed_id}\n"
    return b"%bdata: %b\n\n" % (head.encode(), data)


def to_json(value: Any) -> bytes:
    """Return compact JSON; times as RFC 3339 UTC."""
    text = json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":"))
    return text.encode()


def now_json() -> bytes:
    """Return `{"now": ...}`."""
    return to_json({"now": datetime.now(UTC)})


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")
