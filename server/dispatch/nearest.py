"""Whom to send: free before busy, known before lost, near before far. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import asin, cos, radians, sin, sqrt
from typing import Final, Literal

Availability = Literal["free", "on_task", "off_duty"]

_ORDER: Final[dict[Availability, int]] = {"free": 0, "on_task": 1, "off_duty": 2}
_EARTH_RADIUS_M: Final = 6_371_008.8
"""Mean radius of GRS-80; a sphere is 0.5 % off at most, less than any road."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place, WGS-84."""

    longitude_deg: float
    latitude_deg: float


@dataclass(frozen=True, slots=True)
class Seen:
    """Where somebody was last.

    Attributes:
        fix_time: By the device.
        accuracy_m: Radius of its error circle; None: it did not say.
    """

    place: Place
    fix_time: datetime
    accuracy_m: float | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be sent.

    Attributes:
        waiting: Alerts on the person's desk.
        seen: None: never, or by no device.
        distance_m: None without either end.
        is_stale: Older than the policy's figure, or none at all.
    """

    login: str
    availability: Availability
    waiting: int
    seen: Seen | None
    distance_m: float | None
    is_stale: bool


def candidate(
    login: str,
    *,
    availability: Availability,
    waiting: int,
    seen: Seen | None,
    to: Place | None,
    now: datetime,
    stale_after: timedelta,
) -> Candidate:
    """Return somebody with how far it is and whether that is still so."""
    is_stale = seen is None or now - seen.fix_time > stale_after
    distance_m = None if seen is None or to is None else distance_between_m(seen.place, to)
    return Candidate(login, availability, waiting, seen, distance_m, is_stale)


def rank(one: Candidate) -> tuple[int, bool, bool, float, int, str]:
    """Return what candidates are sorted by: the best comes first.

    Among the free the nearest; whose position is old or unknown comes after whose is known.
    """
    return (
        _ORDER[one.availability],
        one.is_stale,
        one.distance_m is None,
        one.distance_m or 0.0,
        one.waiting,
        one.login,
    )


def distance_between_m(a: Place, b: Place) -> float:
    """Return the way as the crow flies, metres on a sphere."""
    lat_a, lat_b = radians(a.latitude_deg), radians(b.latitude_deg)
    half_lat = sin((lat_b - lat_a) / 2) ** 2
    half_lon = sin(radians(b.longitude_deg - a.longitude_deg) / 2) ** 2
    return 2 * _EARTH_RADIUS_M * asin(min(1.0, sqrt(half_lat + cos(lat_a) * cos(lat_b) * half_lon)))
