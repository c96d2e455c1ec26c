"""OwnTracks JSON, bytes to reports."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from firmware_protocols.errors import FieldError, OversizedError, SyntaxDecodeError
from firmware_protocols.message import Report

MAX_PAYLOAD_BYTES: Final = 16_384
"""A location is about 400 bytes; cards with a picture are larger but never decoded."""

_KPH_PER_MPS: Final = 3.6
_MS_PER_S: Final = 1_000


class _Kind(msgspec.Struct):
    type: str = msgspec.field(name="_type")


class _Location(msgspec.Struct):
    tst: Annotated[int, Meta(ge=0, le=(1 << 43) - 1)]
    lon: Annotated[float, Meta(ge=-180, le=180)]
    lat: Annotated[float, Meta(ge=-90, le=90)]
    acc: Annotated[float, Meta(ge=0, le=100_000)] | None = None
    alt: Annotated[float, Meta(ge=-1_000, le=20_000)] | None = None
    vel: Annotated[float, Meta(ge=0, le=3_600)] | None = None
    cog: Annotated[float, Meta(ge=0, le=360)] | None = None
    batt: Annotated[int, Meta(ge=0, le=100)] | None = None


_kind = msgspec.json.Decoder(_Kind)
_location = msgspec.json.Decoder(_Location)


def decode(payload: bytes, device: str) -> list[Report]:
    """Return one report for a `location`, none for the app's other kinds of message.

    Raises:
        DecodeError: The payload is oversized, not JSON, or a field does not hold to the codec.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise OversizedError(f"{len(payload)} bytes, at most {MAX_PAYLOAD_BYTES}")
    try:
        if _kind.decode(payload).type != "location":
            return []
        location = _location.decode(payload)
    except msgspec.ValidationError as error:
        raise FieldError(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SyntaxDecodeError(f"not JSON: {error}") from error
    except RecursionError as error:
        raise SyntaxDecodeError("JSON nested too deeply") from error
    return [
        Report(
            device=device,
            kind="fix",
            fix_time_ms=location.tst * _MS_PER_S,
            boot=0,
            seq=location.tst,
            longitude_deg=location.lon,
            latitude_deg=location.lat,
            datum="WGS84",
            accuracy_m=location.acc,
            altitude_m=location.alt,
            speed_mps=None if location.vel is None else location.vel / _KPH_PER_MPS,
            heading_deg=None if location.cog is None else location.cog % 360,
            battery_pct=location.batt,
        )
    ]
