"""Wristband JSON v1 as it stands on the wire: fields, ranges, bounds."""

from collections.abc import Callable
from math import nan
from typing import Annotated, Final, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from firmware_protocols.errors import FieldError, OversizedError, SyntaxDecodeError
from firmware_protocols.message import Datum, ReplyStep, TaskFinding

VERSION: Final = 1

MAX_PAYLOAD_BYTES: Final = 65_536
"""A thousand reports of 60 bytes; without a bound one device could fill the gateway's memory."""

MAX_REPORTS: Final = 1_000
_MAX_ALARMS: Final = 64
"""More than there are names, so that a list that goes on for ever is refused early."""

MAX_FRAME_KEPT: Final = 1_024
"""Of an oversized payload in its error."""

MAX_ID_CHARS: Final = 40
MAX_TEXT_CHARS: Final = 200
MAX_MEDIA: Final = 20

_Parsed = TypeVar("_Parsed")

Version = Literal[1]
Boot = Annotated[int, Meta(ge=0, le=(1 << 32) - 1)]
Unsigned53 = Annotated[int, Meta(ge=0, le=(1 << 53) - 1)]


Longitude = Annotated[float, Meta(ge=-180, le=180)] | None
Latitude = Annotated[float, Meta(ge=-90, le=90)] | None
Accuracy = Annotated[float, Meta(ge=0, le=100_000)] | None
Altitude = Annotated[float, Meta(ge=-1_000, le=20_000)] | None
Speed = Annotated[float, Meta(ge=0, le=1_000)] | None
Heading = Annotated[float, Meta(ge=0, lt=360)] | None
Satellites = Annotated[int, Meta(ge=0, le=255)] | None
Battery = Annotated[int, Meta(ge=0, le=100)] | None
HeartRate = Annotated[int, Meta(ge=0, le=400)] | None
SkinTemperature = Annotated[float, Meta(ge=-50, le=100)] | None
Steps = Annotated[int, Meta(ge=0, le=(1 << 32) - 1)] | None


class Row(msgspec.Struct, gc=False):
    """The fields of one report; wire name -> meaning in docs/protocols/wristband-json-v1.md."""

    seq: Unsigned53
    t: Unsigned53
    lon: Longitude = None
    lat: Latitude = None
    datum: Datum = "WGS84"
    acc: Accuracy = None
    alt: Altitude = None
    spd: Speed = None
    hdg: Heading = None
    sat: Satellites = None
    bat: Battery = None
    alarms: Annotated[tuple[str, ...], Meta(max_length=_MAX_ALARMS)] = ()
    backlog: bool = False
    valid: bool = True
    skin: bool | None = None
    hr: HeartRate = None
    skt: SkinTemperature = None
    steps: Steps = None


class NumberRow(Row, gc=False):
    """The same fields, where what is left out is a number that columns take as it is.

    Those numbers are out of every range, so that no message can say them.
    """

    lon: Longitude = nan
    lat: Latitude = nan
    acc: Accuracy = nan
    alt: Altitude = nan
    spd: Speed = nan
    hdg: Heading = nan
    sat: Satellites = -1
    bat: Battery = -1
    skin: bool | None = -1  # type: ignore[assignment]  # 0 and 1 are said
    hr: HeartRate = -1
    skt: SkinTemperature = nan
    steps: Steps = -1


OPTIONAL: Final = (
    ("acc", "accuracy_m"),
    ("alt", "altitude_m"),
    ("spd", "speed_mps"),
    ("hdg", "heading_deg"),
    ("sat", "satellites"),
    ("bat", "battery_pct"),
    ("skin", "skin_contact"),
    ("hr", "heart_rate_bpm"),
    ("skt", "skin_temperature_c"),
    ("steps", "steps"),
)
"""Fields that may be absent, and the attribute of Report that each is; both in SI units."""


class Single(Row, kw_only=True, gc=False):
    """One report."""

    v: Version
    boot: Boot
    sent: Unsigned53 | None = None


class SingleNumbers(NumberRow, kw_only=True, gc=False):
    """The same, for columns."""

    v: Version
    boot: Boot
    sent: Unsigned53 | None = None


class Several(msgspec.Struct):
    """Reports of one boot; `reports` unset says that the message has another form."""

    v: Version
    boot: Boot
    sent: Unsigned53 | None = None
    reports: Annotated[list[Row], Meta(min_length=1, max_length=MAX_REPORTS)] | UnsetType = UNSET


class SeveralNumbers(msgspec.Struct):
    """The same, for columns."""

    v: Version
    boot: Boot
    sent: Unsigned53 | None = None
    reports: Annotated[list[NumberRow], Meta(min_length=1, max_length=MAX_REPORTS)] | UnsetType = (
        UNSET
    )


class ReplyBody(msgspec.Struct, omit_defaults=True):
    """What a device says to a command."""

    to: Annotated[str, Meta(pattern=rf"^[A-Za-z0-9_-]{{1,{MAX_ID_CHARS}}}\Z")]
    ok: bool | None = None
    text: Annotated[str, Meta(max_length=MAX_TEXT_CHARS)] = ""
    step: ReplyStep | None = None
    finding: TaskFinding | None = None
    media: Annotated[
        tuple[Annotated[str, Meta(pattern=r"^([A-Za-z0-9_-]{1,64}/)?[A-Za-z0-9_-]{1,40}\Z")], ...],
        Meta(max_length=MAX_MEDIA),
    ] = ()


class Replied(msgspec.Struct):
    """A reply; `reply` unset says that the message has another form."""

    v: Version
    reply: ReplyBody | UnsetType = UNSET


def parsed(parse: Callable[[bytes], _Parsed], payload: bytes) -> _Parsed:
    """Return what `parse` makes of a payload.

    Raises:
        DecodeError: The payload is oversized, not JSON, or a field does not hold to the codec.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise OversizedError(
            f"{len(payload)} bytes, at most {MAX_PAYLOAD_BYTES}", frame=payload[:MAX_FRAME_KEPT]
        )
    try:
        return parse(payload)
    except msgspec.ValidationError as error:
        raise FieldError(str(error), frame=payload) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SyntaxDecodeError(f"not JSON: {error}", frame=payload) from error
    except RecursionError as error:
        raise SyntaxDecodeError("JSON nested too deeply", frame=payload) from error
