"""Recorder v1: reports, media index entries and the acknowledgement as on the wire."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from firmware_protocols.message import Datum

VERSION: Final = 1

MAX_PAYLOAD_BYTES: Final = 65_536
"""Four hundred reports of 160 bytes; without a bound one device could fill the gateway's memory."""

MAX_ROWS: Final = 1_000
SHA256_BYTES: Final = 32

RecordingState = Literal["idle", "audio", "video"]

Unsigned53 = Annotated[int, Meta(ge=0, le=(1 << 53) - 1)]
Boot = Annotated[int, Meta(ge=0, le=(1 << 32) - 1)]
Reference = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,40}\Z")]


class ReportWire(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One report: a position with the device's state, or the state alone."""

    seq: Unsigned53
    t: Unsigned53
    lon: Annotated[float, Meta(ge=-180, le=180)] | None = None
    lat: Annotated[float, Meta(ge=-90, le=90)] | None = None
    datum: Datum = "WGS84"
    valid: bool = True
    acc: Annotated[float, Meta(ge=0, le=100_000)] | None = None
    alt: Annotated[float, Meta(ge=-1_000, le=20_000)] | None = None
    spd: Annotated[float, Meta(ge=0, le=1_000)] | None = None
    hdg: Annotated[float, Meta(ge=0, lt=360)] | None = None
    sat: Annotated[int, Meta(ge=0, le=255)] | None = None
    bat: Annotated[int, Meta(ge=0, le=100)] | None = None
    alarms: Annotated[tuple[str, ...], Meta(max_length=16)] = ()
    backlog: bool = False
    rec: RecordingState | None = None
    free: Unsigned53 | None = None
    size: Unsigned53 | None = None
    officer: Reference | None = None


class MediaWire(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One entry of the media index."""

    seq: Unsigned53
    id: Reference
    type: Literal["image", "audio", "video", "other"]
    begin: Unsigned53
    end: Unsigned53
    sha256: Annotated[bytes, Meta(min_length=SHA256_BYTES, max_length=SHA256_BYTES)]
    size: Unsigned53
    officer: Reference | None = None
    case: Reference | None = None


class Upward(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One message of a recorder."""

    v: Literal[1]
    boot: Boot
    reports: Annotated[list[ReportWire], Meta(max_length=MAX_ROWS)] = []
    media: Annotated[list[MediaWire], Meta(max_length=MAX_ROWS)] = []


class Acknowledgement(msgspec.Struct, kw_only=True):
    """What is safely kept: boot, first and last sequence number."""

    v: Literal[1]
    ack: Annotated[list[tuple[Boot, Unsigned53, Unsigned53]], Meta(max_length=MAX_ROWS)]
