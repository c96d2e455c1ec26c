"""Whether the person's wristband can have been at the kiosk when the face was. Pure."""

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
import numpy as np

from firmware_protocols.message import CheckIn
from gateway.engine.memory import LastFix
from gateway.engine.stretch import between_mm

_SPREAD: Final = 3
"""An accuracy is one standard deviation or so of a place: beyond three of them nobody is."""
_MM_PER_M: Final = 1_000
_MS_PER_S: Final = 1_000
_PER_DEGREE: Final = 10_000_000


class KioskPlace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a kiosk stands, and what is too far from it. Proposals, none of them a standard's.

    Attributes:
        lon_deg: WGS 84.
        lat_deg: WGS 84.
        accuracy_m: Of the place.
        fastest_mps: Nobody comes faster from the fix to the kiosk, or back.
        most_age_s: A fix further from the attempt in time says nothing.
    """

    lon_deg: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    lat_deg: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    accuracy_m: Annotated[float, msgspec.Meta(ge=0, le=10_000)] = 50.0
    fastest_mps: Annotated[float, msgspec.Meta(gt=0, le=340)] = 35.0
    most_age_s: Annotated[int, msgspec.Meta(ge=1, le=86_400)] = 3_600


def is_out_of_reach(said: CheckIn, fixes: Sequence[LastFix], place: KioskPlace | None) -> bool:
    """Return whether no wristband can have been at the kiosk when the answer was given.

    Nobody is judged by a fix that is too old, has no accuracy, or where there is none.

    Args:
        said: The attempt; the kiosk's clock.
        fixes: The newest fix of each wristband of the person.
        place: Where the kiosk stands; None: nobody knows.
    """
    if place is None:
        return False
    told = [one for one in fixes if _is_near_in_time(said, one, place) and one.accuracy_mm >= 0]
    return bool(told) and not any(_is_in_reach(said, one, place) for one in told)


def _is_near_in_time(said: CheckIn, fix: LastFix, place: KioskPlace) -> bool:
    return abs(said.response_time_ms - fix.fix_time_ms) <= place.most_age_s * _MS_PER_S


def _is_in_reach(said: CheckIn, fix: LastFix, place: KioskPlace) -> bool:
    lon_e7, lat_e7, fix_lon_e7, fix_lat_e7 = np.array(
        [[place.lon_deg * _PER_DEGREE], [place.lat_deg * _PER_DEGREE], [fix.lon_e7], [fix.lat_e7]]
    )
    distance_mm = between_mm(lon_e7, lat_e7, fix_lon_e7, fix_lat_e7)[0]
    age_s = abs(said.response_time_ms - fix.fix_time_ms) / _MS_PER_S
    spread_mm = _SPREAD * (place.accuracy_m * _MM_PER_M + fix.accuracy_mm)
    return bool(distance_mm <= spread_mm + age_s * place.fastest_mps * _MM_PER_M)
