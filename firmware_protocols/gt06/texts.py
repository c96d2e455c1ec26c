"""Layouts of text, information and media messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from firmware_protocols.errors import FieldError
from firmware_protocols.gt06.blocks import Clock, Epoch, Gps
from firmware_protocols.gt06.fields import (
    Bits,
    Cursor,
    Field,
    Flag,
    Number,
    Optional,
    Reserved,
    Values,
    at_least,
    keep_unknown,
    kept_bytes,
    to_raw,
)
from firmware_protocols.gt06.layout import Layout
from firmware_protocols.gt06.radio import Cell
from firmware_protocols.gt06.strings import Digits, Hex, Rest, Text, latin1, sized_hex

_FLAG_BYTES: Final = 4
_ASCII: Final = 1
_UTF16: Final = 2
_LANGUAGE_BYTES: Final = 2


@dataclass(frozen=True)
class Answer:
    """The short answer to a command: length, server flag, text, language.

    The length counts flag and text; some firmware leaves it 0 and pads the text with zeros.
    """

    def read(self, cursor: Cursor, values: Values) -> None:
        """See Field."""
        length = cursor.number(1)
        values["flag"] = cursor.number(_FLAG_BYTES)
        if length == 0:
            values["is_padded"] = True
            size = max(cursor.left - _LANGUAGE_BYTES, 0)
        else:
            size = max(length - _FLAG_BYTES, 0)
        values["text"] = cursor.take(size).decode("latin-1").rstrip("\0")
        if cursor.left == _LANGUAGE_BYTES:
            values["language"] = cursor.number(_LANGUAGE_BYTES)

    def write(self, values: Mapping[str, Any], _utc_offset_min: int) -> bytes:
        """See Field."""
        text = latin1("text", values.get("text", ""))
        length = 0 if values.get("is_padded") else len(text) + _FLAG_BYTES
        flag = to_raw("flag", values.get("flag", 0), _FLAG_BYTES)
        language = to_raw("language", values.get("language", 0), _LANGUAGE_BYTES)
        return to_raw("text", length, 1) + flag + text + language


@dataclass(frozen=True)
class LongAnswer:
    """The long answer to a command: server flag, encoding (1 ASCII, 2 UTF-16), text."""

    def read(self, cursor: Cursor, values: Values) -> None:
        """See Field."""
        values["flag"] = cursor.number(_FLAG_BYTES)
        values["encoding"] = cursor.number(1)
        data = cursor.take(cursor.left)
        if values["encoding"] != _UTF16:
            values["text"] = data.decode("latin-1")
            return
        try:
            values["text"] = data.decode("utf-16-be")
        except UnicodeDecodeError:
            keep_unknown(values, "text", data)

    def write(self, values: Mapping[str, Any], _utc_offset_min: int) -> bytes:
        """See Field."""
        encoding, text = values.get("encoding", _ASCII), str(values.get("text", ""))
        head = to_raw("flag", values.get("flag", 0), _FLAG_BYTES) + to_raw("encoding", encoding, 1)
        if encoding != _UTF16:
            return head + latin1("text", text)
        if "text" in values.get("unknown", {}):
            return head + kept_bytes(values, "text")
        try:
            return head + text.encode("utf-16-be")
        except UnicodeEncodeError as error:
            raise FieldError(f"text: {text!r} has half a character") from error


@dataclass(frozen=True)
class Content:
    """The rest of the body: text when it is printable ASCII, else hex."""

    def read(self, cursor: Cursor, values: Values) -> None:
        """See Field."""
        data = cursor.take(cursor.left)
        text = data.decode("latin-1")
        if text.isascii() and all(part.isprintable() or part in "\r\n" for part in text):
            values["text"] = text
        else:
            values["data"] = data.hex()

    def write(self, values: Mapping[str, Any], _utc_offset_min: int) -> bytes:
        """See Field."""
        if "data" in values:
            return sized_hex("data", values["data"], len(values["data"]) // 2)
        return latin1("text", values.get("text", ""))


@dataclass(frozen=True)
class Payload:
    """The rest of the body as it is."""

    def read(self, cursor: Cursor, values: Values) -> None:
        """See Field."""
        values["payload"] = cursor.take(cursor.left)

    def write(self, values: Mapping[str, Any], _utc_offset_min: int) -> bytes:
        """See Field."""
        return bytes(values.get("payload") or b"")


def _info(subtype: int, *fields: Field, **kind: Any) -> Layout:
    prefix = kind.pop("prefix", bytes((subtype,)))
    head = Number("subtype", 1)
    return Layout(type=0x94, is_long=True, prefix=prefix, ack="", fields=(head, *fields), **kind)


INFORMATION: Final = (
    Layout(type=0x94, ack="", fields=(Number("supply_v", 2, 100, signed=True),)),
    _info(0x00, Number("supply_v", 2, 100)),
    _info(0x04, Rest("text")),
    _info(
        0x05,
        Optional(at_least(7), ("sent_time_ms",), (Clock("sent_time_ms"),)),
        Bits(1, (("door", 0, 1), ("door_trigger", 1, 1), ("io_1", 2, 1), ("io_rest", 3, 5))),
    ),
    _info(0x0A, Digits("imei", 8), Digits("imsi", 8), Digits("iccid", 10, "f")),
    _info(0x0B, Number("network_4g", 1), variant="network", lengths=(7, 7)),
    _info(0x0B, Number("supply_v", 2, 100), lengths=(8, 8)),
    _info(0x0D, Rest("text"), variant="fuel_text", prefix=b"\x0d!"),
    _info(0x0D, Clock("sent_time_ms"), Rest("text")),
    _info(0x1B, Content()),
    _info(0x1E, Number("temperature_c", 4, 10, signed=True), Number("humidity_pct", 4, 10)),
    Layout(type=0x9B, is_long=None, ack="", fields=(Number("source", 1), Content())),
)

_BATTERY_PACK: Final[tuple[Field, ...]] = (
    Hex("serial", 8),
    Epoch(),
    Number("battery_pct", 1),
    Number("remaining_raw", 2),
    Number("absolute_pct", 1),
    Number("full_raw", 2),
    Number("health_pct", 1),
    Number("pack_temperature_decikelvin", 2),
    Number("current_raw", 2),
    Number("battery_v", 2, 1000),
    Number("cycles", 2),
    *(Number(f"cell_{number}_v", 2, 1000) for number in range(1, 15)),
    Number("charge_interval_raw", 2),
    Number("charge_interval_max_raw", 2),
    Text("barcode", 16),
    Number("pack_version", 2),
    Text("maker", 16),
    Number("battery_status", 4),
    Number("controller_status", 4),
    Number("controller_fault", 4),
)

TEXTS: Final = (
    Layout(type=0x15, sort="reply", ack="", fields=(Answer(),)),
    Layout(type=0x21, is_long=None, sort="reply", ack="", fields=(LongAnswer(),)),
    Layout(type=0x8A, sort="time_request", ack="", fields=()),
    *(
        Layout(
            type=message,
            is_long=True,
            ack="",
            fields=(Clock(), Flag("ignition"), Rest("obd", spare=12), Gps()),
        )
        for message in (0x65, 0x66, 0x8C)
    ),
    Layout(type=0x40, is_long=None, fields=_BATTERY_PACK),
)

MEDIA: Final = (
    Layout(
        type=0x35,
        sort="media",
        ack="",
        fields=(
            Clock(),
            Number("fix_status", 1),
            Number("latitude_raw", 4),
            Number("longitude_raw", 4),
            Number("camera", 1),
            Number("photo_source", 1),
            Number("picture_format", 1),
            Number("size_bytes", 4),
            Number("media", 4),
        ),
    ),
    Layout(
        type=0x36,
        is_long=True,
        sort="media",
        ack="",
        fields=(
            Number("media", 4),
            Number("offset_bytes", 4),
            Number("part_bytes", 2),
            Payload(),
        ),
    ),
    Layout(
        type=0x41,
        is_long=None,
        sort="media",
        ack="long",
        fields=(
            Hex("serial", 8),
            Epoch(),
            Reserved("gps", 14),
            Reserved("cell", 8),
            Number("media", 4),
            Number("size_bytes", 4),
            Number("media_kind", 1),
            Number("media_format", 1),
            Number("media_event", 1),
            Number("part_index", 2),
            Payload(),
        ),
    ),
)

X1: Final = (
    Layout(
        type=0x34,
        ack="",
        fields=(
            Number("data_and_alarm", 4),
            Clock(),
            Gps(),
            Number("terminal_info", 2),
            Number("odometer_raw", 4),
            Cell(2, 4),
            Number("driver_number", 4),
            Number("battery_v", 2, 100),
            Number("supply_v", 2, 100),
            Number("port_info", 4),
            Number("inputs", 1),
            Number("outputs", 1),
            Optional(at_least(2), ("analog_1_v",), (Number("analog_1_v", 2, 100),)),
            Optional(at_least(2), ("analog_2_v",), (Number("analog_2_v", 2, 100),)),
        ),
    ),
)
