"""Frames to messages."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from firmware_protocols.errors import DecodeError, FieldError, OversizedError, SyntaxDecodeError
from firmware_protocols.identity import content_seq
from firmware_protocols.message import Heartbeat, Login, Media, Message, Reply, Request, Unknown
from firmware_protocols.watch.frame import Frame, parse_frame, text_of, unescape
from firmware_protocols.watch.framing import Framer
from firmware_protocols.watch.location import read_location, read_status
from firmware_protocols.watch.profiles import Profile
from firmware_protocols.watch.vitals import HEALTH_WORDS, read_vitals
from firmware_protocols.watch.words import (
    ALARM_WORD,
    COMMAND_WORDS,
    LOCATION_WORDS,
    REQUEST_BY_WORD,
    STATUS_WORDS,
)

MAX_PAYLOAD_BYTES: Final = 1 << 20
"""Frames glued together; a voice message is journaled in parts of a frame each."""

_STATUS_PLACE: Final = 15
_BATTERY_PLACE: Final = 12
_PERCENT_MAX: Final = 100
_LK_VALUES: Final = 3
_IMG_VALUES: Final = 3
_JXTK_VALUES: Final = 5


def decode(payload: bytes, device: str, profile: Profile, utc_offset_min: int) -> list[Message]:
    """Return the messages of one or several frames, in their order.

    Bytes before, between and behind frames that belong to none are flagged as tolerated "garbage"
    on the last message.

    Raises:
        DecodeError: There is no frame, or one is not of the protocol.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise OversizedError(f"{len(payload)} bytes, at most {MAX_PAYLOAD_BYTES}", frame=payload)
    framer = Framer()
    cuts = framer.feed(payload)
    messages: list[Message] = []
    for cut in cuts:
        if cut.is_frame:
            messages += decode_frame(cut.data, device, profile, utc_offset_min)
    if not messages:
        raise SyntaxDecodeError("no frame: no [ ... ] in it", frame=payload, offset=0)
    if framer.has_rest or not all(cut.is_frame for cut in cuts):
        last = messages[-1]
        extra = last.extra | {"tolerated": [*last.extra.get("tolerated", []), "garbage"]}
        messages[-1] = msgspec.structs.replace(last, extra=extra)
    return messages


def decode_frame(frame: bytes, device: str, profile: Profile, utc_offset_min: int) -> list[Message]:
    """Return what one frame says; the device id is the frame's own when `device` is empty.

    Raises:
        DecodeError: It is not of the protocol, or its length is wrong and that is not tolerated.
    """
    parsed = parse_frame(frame, tolerate_length=profile.tolerate_length)
    extra: dict[str, Any] = {"message": parsed.word, "maker": parsed.maker}
    if parsed.index:
        extra["index"] = parsed.index
    if not parsed.is_length_true:
        extra["tolerated"] = ["length"]
    name = device or parsed.terminal
    try:
        if parsed.word.startswith(LOCATION_WORDS):
            return [_location(parsed, name, profile, utc_offset_min, extra)]
        return [_other(parsed, name, extra)]
    except DecodeError as error:
        if not error.frame:
            error.frame = frame
        raise


def _location(
    frame: Frame, device: str, profile: Profile, utc_offset_min: int, extra: dict[str, Any]
) -> Message:
    try:
        return read_location(frame, device, profile, utc_offset_min, extra)
    except FieldError as error:
        if not frame.word.startswith(ALARM_WORD):
            raise
        # A watch that calls for help before it knows the time is heard all the same.
        return _bare_alarm(frame, device, profile, extra | {"fault": str(error)})


def _bare_alarm(frame: Frame, device: str, profile: Profile, extra: dict[str, Any]) -> Heartbeat:
    texts = [value.decode("latin-1").strip() for value in (frame.values or b"").split(b",")]
    try:
        status, alarms = read_status(frame.word, texts[_STATUS_PLACE], profile)
    except (FieldError, IndexError):
        status, alarms = {}, ("general",)
    if frame.values:
        extra["unknown"] = frame.values.hex()
    battery_pct = _percent(texts[_BATTERY_PLACE]) if len(texts) > _BATTERY_PLACE else None
    return Heartbeat(device=device, battery_pct=battery_pct, alarms=alarms, extra=extra | status)


def _other(frame: Frame, device: str, extra: dict[str, Any]) -> Message:
    values = frame.values or b""
    if frame.word.lower() in HEALTH_WORDS and values:
        return read_vitals(frame, device, extra)
    if frame.word in STATUS_WORDS and values in (b"0", b"1"):
        return Reply(device=device, to=frame.word, ok=values == b"1", extra=extra)
    if frame.word in COMMAND_WORDS:
        text = text_of(values) if values else None
        return Reply(device=device, to=frame.word, ok=True, text=text, extra=extra)
    if frame.word in REQUEST_BY_WORD:
        said = extra | ({"text": text_of(values)} if values else {})
        return Request(device=device, request=REQUEST_BY_WORD[frame.word], extra=said)
    read = _READERS.get(frame.word)
    found = read(frame, values, device, extra) if read else None
    return found or Unknown(device=device, message=frame.word, payload=values, extra=extra)


def _login(frame: Frame, values: bytes, device: str, extra: dict[str, Any]) -> Message:
    said = extra | ({"text": text_of(values)} if values else {})
    return Login(device=device, step="login", terminal=frame.terminal, extra=said)


def _link(_frame: Frame, values: bytes, device: str, extra: dict[str, Any]) -> Message:
    """LK: alone, or with steps, tumbles and battery (part I item 1)."""
    texts = [text_of(value) for value in values.split(b",")] if values else []
    whole = [int(text) if _is_whole(text) else None for text in texts]
    if len(whole) < _LK_VALUES or None in whole[:_LK_VALUES]:
        return Heartbeat(device=device, extra=extra | ({"values": texts} if texts else {}))
    steps, tumbles = whole[:2]
    said = extra | {"tumbles": tumbles}
    if texts[_LK_VALUES:]:
        said["values"] = texts[_LK_VALUES:]
    battery_pct = _percent(texts[2])
    if battery_pct is None:
        said["battery_raw"] = texts[2]
    return Heartbeat(device=device, steps=steps, battery_pct=battery_pct, extra=said)


def _voice(_frame: Frame, values: bytes, device: str, extra: dict[str, Any]) -> Message | None:
    """TK: a voice message (part II item 25); it has no id, so its bytes make one."""
    if not values:
        return None
    sound = unescape(values)
    return Media(
        device=device,
        media=f"tk-{content_seq(sound):014x}",
        media_type="audio",
        size_bytes=len(sound),
        payload=sound,
        extra=extra,
    )


def _voice_part(_frame: Frame, values: bytes, device: str, extra: dict[str, Any]) -> Message | None:
    """JXTK: one part of a recording: 0, its name, part, parts, bytes; each part is a record."""
    fields = values.split(b",", _JXTK_VALUES - 1)
    if len(fields) < _JXTK_VALUES:
        return None
    kind, name, part, parts = (text_of(field) for field in fields[:4])
    if not (_is_whole(part) and _is_whole(parts)):
        return None
    return Media(
        device=device,
        media=name,
        media_type="audio",
        payload=unescape(fields[4]),
        extra=extra | {"type": kind, "part": int(part), "parts": int(parts)},
    )


def _image(_frame: Frame, values: bytes, device: str, extra: dict[str, Any]) -> Message | None:
    """Img: trigger (5 is remote snapshot), yymmddhhmmss of a zone that nobody tells, bytes."""
    fields = values.split(b",", _IMG_VALUES - 1)
    if len(fields) < _IMG_VALUES:
        return None
    picture = unescape(fields[2])
    return Media(
        device=device,
        media=text_of(fields[1]),
        media_type="image",
        size_bytes=len(picture),
        payload=picture,
        extra=extra | {"trigger": text_of(fields[0])},
    )


_READERS: Final[dict[str, Callable[[Frame, bytes, str, dict[str, Any]], Message | None]]] = {
    "INIT": _login,
    "LK": _link,
    "TK": _voice,
    "TK2": _voice,
    "JXTK": _voice_part,
    "img": _image,
}


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 10  # noqa: PLR2004  # 32 bits


def _percent(text: str) -> int | None:
    return int(text) if _is_whole(text) and int(text) <= _PERCENT_MAX else None
