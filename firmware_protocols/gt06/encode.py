"""Records to GT06 frames: what a terminal sends, and what the platform answers and commands."""

from datetime import UTC, datetime
from typing import Final

from firmware_protocols.errors import FieldError
from firmware_protocols.gt06.book import BOOK
from firmware_protocols.gt06.fields import Cursor, Values, kept_bytes, to_raw
from firmware_protocols.gt06.frame import build_frame, build_wifi_frame
from firmware_protocols.gt06.layout import Layout
from firmware_protocols.gt06.meaning import (
    alarms_of,
    login_values,
    media_values,
    report_values,
)
from firmware_protocols.gt06.profiles import STANDARD, Profile
from firmware_protocols.gt06.strings import latin1
from firmware_protocols.message import Heartbeat, Login, Media, Message, Reply, Report, Unknown

TYPE_COMMAND: Final = 0x80
TYPE_TIME: Final = 0x8A
TYPE_ADDRESS: Final = 0x97
_NO_ADDRESS: Final = b"NA&&NA&&0##"
_CENTURY: Final = 2_000
_FORM: Final = frozenset({"message", "variant", "long_form", "tolerated", "to"})
"""Values of `extra` that say which form the frame has, not what stands in it."""


def encode(
    message: Message,
    *,
    serial: int = 1,
    profile: Profile = STANDARD,
    utc_offset_min: int = 0,
) -> bytes:
    """Return the frame of a record; the inverse of decoding.

    `extra["message"]` and `extra["variant"]` choose the form; without them a login is 0x01, a
    heartbeat 0x13, a fix 0x22, or 0x26 when it has alarms, an answer 0x15.

    Args:
        message: Any record but those of other protocols.
        serial: Serial number of the frame.
        profile: Device model.
        utc_offset_min: Offset of the device's clock from UTC.

    Raises:
        FieldError: A value does not fit, an alarm has no number in this form, or the form is not
            known.
    """
    if isinstance(message, Unknown):
        number = _number(message.message)
        is_long = bool(message.extra.get("long_form"))
        return build_frame(number, message.payload, serial=serial, is_long=is_long)
    layout, values = _form(message, profile)
    values = {name: value for name, value in values.items() if name not in _FORM}
    body = b"".join(field.write(values, utc_offset_min) for field in layout.fields)
    body += kept_bytes(values, "tail")
    if isinstance(message, Report | Heartbeat):
        _check_alarms(message, layout, body, profile)
    if not layout.has_serial:
        return build_wifi_frame(layout.type, body[0], body[1:])
    is_long = bool(layout.is_long or message.extra.get("long_form"))
    return build_frame(layout.type, body, serial=serial, is_long=is_long)


def encode_ack(message: int, *, serial: int, is_long: bool = False) -> bytes:
    """Return the platform's answer to a frame: its type and its serial number."""
    return build_frame(message, b"", serial=serial, is_long=is_long)


def encode_wifi_ack(message: int, body: bytes) -> bytes:
    """Return the answer to a Wi-Fi frame without serial: its time again."""
    return build_wifi_frame(message, 0, body[:6])


def encode_time(now_ms: int, *, serial: int) -> bytes:
    """Return the answer to a time request: UTC."""
    now = datetime.fromtimestamp(now_ms / 1_000, UTC)
    body = bytes((now.year - _CENTURY, *now.timetuple()[1:6]))
    return build_frame(TYPE_TIME, body, serial=serial)


def encode_address(*, serial: int) -> bytes:
    """Return the answer to an address request: that there is none."""
    body = bytes((len(_NO_ADDRESS) + 4,)) + bytes(4) + _NO_ADDRESS
    return build_frame(TYPE_ADDRESS, body, serial=serial, is_long=True)


def encode_command(text: str, *, flag: int, serial: int) -> bytes:
    """Return a command in words (0x80).

    Args:
        text: The command, such as `TIMER,30#`.
        flag: Server flag, 32 bits; the terminal's answer repeats it.
        serial: Serial number of the frame.
    """
    words = latin1("text", text)
    body = to_raw("command", len(words) + 4, 1) + to_raw("flag", flag, 4) + words
    return build_frame(TYPE_COMMAND, body, serial=serial)


def decode_command(body: bytes) -> tuple[int, str]:
    """Return flag and words of a command's body (0x80), as a terminal reads it.

    Raises:
        LengthError: The body is shorter than it says.
    """
    cursor = Cursor(body)
    size = cursor.number(1)
    flag = cursor.number(4)
    return flag, cursor.take(max(size - 4, 0)).decode("latin-1")


def _number(text: str) -> int:
    try:
        number = int(text, 16)
    except (TypeError, ValueError) as error:
        raise FieldError(f"message {text!r} is no type like 0x22") from error
    if not 0 <= number <= 0xFF:  # noqa: PLR2004  # one byte
        raise FieldError(f"message {text!r} is no type of one byte")
    return number


def _form(message: Message, profile: Profile) -> tuple[Layout, Values]:
    default = ""
    if isinstance(message, Login):
        default = "0x01"
    elif isinstance(message, Heartbeat):
        default = "0x13"
    elif isinstance(message, Report) and message.kind == "fix":
        default = "0x26" if message.alarms else "0x22"
    elif isinstance(message, Reply):
        default = "0x15"
    elif getattr(message, "request", "") == "time":
        default = "0x8a"
    name = message.extra.get("message", default)
    if not name:
        raise FieldError(f"{type(message).__name__} needs its form in extra['message']")
    number, variant = _number(name), message.extra.get("variant", "")
    is_long = bool(message.extra.get("long_form"))
    layout = BOOK.of_values(number, variant, is_long=is_long, values=message.extra)
    if layout is None:
        raise FieldError(f"no form {variant!r} of message {name}, long: {is_long}")
    return layout, _values(message, layout, profile)


def _values(message: Message, layout: Layout, profile: Profile) -> Values:
    if isinstance(message, Login):
        return login_values(message)
    if isinstance(message, Reply):
        return {**message.extra, "flag": _flag(message.to), "text": message.text or ""}
    if isinstance(message, Media):
        return media_values(message)
    if isinstance(message, Report) and layout.sort == "reply":
        return {**message.extra, "flag": _flag(message.extra.get("to", "0"))}
    if isinstance(message, Report | Heartbeat):
        return report_values(message, layout, profile)
    return dict(message.extra)


def _flag(key: str) -> int:
    try:
        return int(key, 16)
    except ValueError as error:
        raise FieldError(f"to {key!r} is no server flag in hex") from error


def _check_alarms(
    message: Report | Heartbeat, layout: Layout, body: bytes, profile: Profile
) -> None:
    """Refuse to send a frame that tells other alarms than the record."""
    if layout.sort != "report":
        return
    told: Values = {}
    cursor = Cursor(body)
    for field in layout.fields:
        field.read(cursor, told)
    told_alarms = set(alarms_of(told, layout, profile))
    if told_alarms != set(message.alarms):
        raise FieldError(
            f"message 0x{layout.type:02x} cannot carry the alarms {sorted(message.alarms)}, "
            f"it would say {sorted(told_alarms)}"
        )
