"""Messages to frames: what a watch sends."""

from functools import singledispatch
from typing import Final

from firmware_protocols.errors import FieldError
from firmware_protocols.message import (
    Heartbeat,
    Login,
    Media,
    Message,
    Reply,
    Report,
    Request,
    Unknown,
)
from firmware_protocols.watch.frame import build_frame, escape, join
from firmware_protocols.watch.location import write_location
from firmware_protocols.watch.profiles import Profile, profile_named
from firmware_protocols.watch.words import (
    ALARM_WORD,
    BACKLOG_WORD,
    REQUEST_BY_WORD,
    STATUS_WORDS,
)

_MAKER: Final = "3G"
_WORD_BY_REQUEST: Final = {request: word for word, request in REQUEST_BY_WORD.items()}


def encode(
    message: Message, terminal: str = "", profile: str = "", utc_offset_min: int | None = None
) -> bytes:
    """Return the frame of a message.

    The word, maker and index are those of the message's extra ("message", "maker", "index"), else
    what fits: AL for alarms, UD2 for backlog, UD for other positions; 3G; none.

    Args:
        message: What to say.
        terminal: The watch's number; empty takes the message's device id.
        profile: Name of the device-model profile.
        utc_offset_min: What the watch's clock is ahead of UTC; None takes the profile's.

    Raises:
        FieldError: The protocol has no form for such a message.
        ProfileError: There is no such profile.
    """
    model = profile_named(profile)
    offset_min = model.utc_offset_min if utc_offset_min is None else utc_offset_min
    if isinstance(message, Report):
        content = _report(message, model, offset_min)
    else:
        content = _content(message)
    extra = message.extra
    return build_frame(
        extra.get("maker", _MAKER), terminal or message.device, extra.get("index", ""), content
    )


def _report(report: Report, profile: Profile, utc_offset_min: int) -> bytes:
    fitting = ALARM_WORD if report.alarms else BACKLOG_WORD if report.backlog else "UD"
    word: str = report.extra.get("message", fitting)
    return word.encode() + b"," + write_location(report, profile, utc_offset_min)


@singledispatch
def _content(message: Message) -> bytes:
    raise FieldError(f"a watch has no form for {type(message).__name__}")


@_content.register
def _(message: Login) -> bytes:
    return join("INIT", message.extra["text"].split(",") if "text" in message.extra else [])


@_content.register
def _(message: Heartbeat) -> bytes:
    extra = message.extra
    word: str = extra.get("message", "LK")
    if "unknown" in extra:
        return word.encode() + b"," + bytes.fromhex(extra["unknown"])
    values: list[str] = list(extra.get("values", []))
    if message.steps is not None:
        battery = message.battery_pct
        shown = extra.get("battery_raw", "0") if battery is None else str(battery)
        values = [str(message.steps), str(extra.get("tumbles", 0)), shown, *values]
    return join(word, values)


@_content.register
def _(message: Request) -> bytes:
    word = _WORD_BY_REQUEST.get(message.request)
    if word is None:
        raise FieldError(f"a watch does not ask for {message.request!r}")
    return join(word, message.extra["text"].split(",") if "text" in message.extra else [])


@_content.register
def _(message: Reply) -> bytes:
    word: str = message.extra.get("message", message.to)
    if word in STATUS_WORDS:
        return join(word, ["1" if message.ok else "0"])
    return join(word, [] if message.text is None else message.text.split(","))


@_content.register
def _(message: Media) -> bytes:
    extra, payload = message.extra, escape(message.payload or b"")
    if message.media_type == "image":
        return join("img", [extra.get("trigger", "5"), message.media]) + b"," + payload
    if "part" in extra:
        head = [extra.get("type", "0"), message.media, str(extra["part"]), str(extra["parts"])]
        return join("JXTK", head) + b"," + payload
    word: str = extra.get("message", "TK")
    return word.encode() + b"," + payload


@_content.register
def _(message: Unknown) -> bytes:
    return message.message.encode() + (b"," + message.payload if message.payload else b"")
