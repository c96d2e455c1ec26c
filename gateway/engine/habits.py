"""Where a person usually is at which time of day: a small, forgetting memory of places.

A day has eight slots of three hours, on Beijing's clock. The first good fix of each slot is the
day's sample. When a day has ended its samples join the person's places: one of up to six gains
weight in that slot, or a new place takes the room of the weakest that is not usual.
Every Monday a quarter of all weights is forgotten. Beside them it is kept, for 28 days and each
slot, whether a sample was there and whether it was near a usual place.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from gateway.columns import ABSENT
from gateway.engine.limits import Limits
from gateway.engine.rule import Carried, Memory
from gateway.engine.stretch import between_mm
from geofence.arrays import BoolArray, IntArray

PLACES: Final = 6
SLOTS: Final = 8
WINDOW_DAYS: Final = 28
FAR_MM: Final = 1 << 40
"""Farther than any place."""

_MM_PER_M: Final = 1_000
_DAY_WEIGHT: Final = 8
_MOST_WEIGHT: Final = 255
_NO_ROOM: Final = _MOST_WEIGHT * SLOTS + 1
_MOST_WEEKS: Final = 20
_WEEK_DAYS: Final = 7
_MONDAY: Final = 3  # 1970-01-01 was a Thursday
_SATURDAY: Final = 5
_RING: Final = (1 << WINDOW_DAYS) - 1

CARRY: Final = {
    "place_lon_e7": Carried(np.int32, ABSENT, PLACES),
    "place_lat_e7": Carried(np.int32, ABSENT, PLACES),
    "weight": Carried(np.uint8, 0, PLACES * SLOTS),
    "usual": Carried(np.uint8, 0, PLACES),  # bit s: usual in slot s
    "main": Carried(np.uint8, 0, SLOTS),  # the place of most weight around each slot
    "known": Carried(np.int32, 0, SLOTS),  # bit i: a sample i days before `folded`
    "regular": Carried(np.int32, 0, SLOTS),  # bit i: it was near a usual place
    "known_days": Carried(np.uint8, 0),  # of the window
    "today_lon_e7": Carried(np.int32, ABSENT, SLOTS),
    "today_lat_e7": Carried(np.int32, ABSENT, SLOTS),
    "today": Carried(np.int32, ABSENT),
    "folded": Carried(np.int32, ABSENT),  # the last day that joined
}


def _forgetting() -> NDArray[np.uint8]:
    rows = [list(range(_MOST_WEIGHT + 1))]
    for _ in range(_MOST_WEEKS):
        rows.append([weight * 3 // 4 for weight in rows[-1]])
    return np.array(rows, np.uint8)


_FORGOTTEN: Final = _forgetting()
"""What is left of a weight, by weeks and weight."""

_WEEKEND_BITS: Final = np.array(
    [
        sum(1 << i for i in range(WINDOW_DAYS) if (weekday - i) % _WEEK_DAYS >= _SATURDAY)
        for weekday in range(_WEEK_DAYS)
    ]
)
"""Bits of weekend days, by the weekday of bit 0."""


def is_weekend(day: IntArray) -> BoolArray:
    """Return which days (since 1970, local) are Saturdays or Sundays."""
    weekend: BoolArray = (day + _MONDAY) % _WEEK_DAYS >= _SATURDAY
    return weekend


def days_like(memory: Memory, day: IntArray, slot: IntArray) -> tuple[IntArray, IntArray]:
    """Return how many days like one are known, and on how many the person was as usual.

    Args:
        memory: Of n wearers.
        day: Days to compare with: workdays or weekend days of the 28 days before, shape (n,).
        slot: Time of day.
    """
    rows = np.arange(len(day))
    folded = memory["folded"].astype(np.int64)
    weekend = _WEEKEND_BITS[(folded + _MONDAY) % _WEEK_DAYS]
    alike = np.where(is_weekend(day), weekend, _RING & ~weekend)
    within = np.minimum(np.maximum(WINDOW_DAYS + 1 - (day - folded), 0), WINDOW_DAYS)
    alike &= (1 << within) - 1
    known, regular = (
        np.bitwise_count(memory[name][rows, slot] & alike) for name in ("known", "regular")
    )
    return known.astype(np.int64), regular.astype(np.int64)


def distances_mm(memory: Memory, lon_e7: IntArray, lat_e7: IntArray) -> IntArray:
    """Return the distances to each wearer's places, shape (n, PLACES); FAR_MM: no place."""
    places_lon_e7, places_lat_e7 = memory["place_lon_e7"], memory["place_lat_e7"]
    shape = places_lon_e7.shape
    found = between_mm(
        np.broadcast_to(lon_e7[:, None], shape),
        np.broadcast_to(lat_e7[:, None], shape),
        places_lon_e7,
        np.where(places_lat_e7 != ABSENT, places_lat_e7, 0),
    )
    return np.where(places_lat_e7 != ABSENT, found, FAR_MM)


def is_usual(memory: Memory, slot: IntArray) -> BoolArray:
    """Return which places are usual at a time of day, shape (n, PLACES)."""
    usual: BoolArray = (memory["usual"] >> slot.astype(np.uint8)[:, None]) & 1 != 0
    return usual


def begin_day(memory: Memory, day: IntArray, limits: Limits) -> None:
    """Let the samples of the day before join, and begin another, in place.

    Args:
        memory: Of n wearers; their `today` is before `day`.
        day: The new day.
        limits: Of the n.
    """
    old = np.flatnonzero(memory["today"] != ABSENT)
    if len(old):
        part = {name: memory[name][old] for name in CARRY}
        _fold(part, limits.of(old))
        for name, values in part.items():
            memory[name][old] = values
    memory["today"][:] = day
    memory["today_lon_e7"][:] = ABSENT
    memory["today_lat_e7"][:] = ABSENT


def _fold(memory: Memory, limits: Limits) -> None:
    today = memory["today"].astype(np.int64)
    folded = np.where(memory["folded"] != ABSENT, memory["folded"], today)
    weeks = (today + _MONDAY) // _WEEK_DAYS - (folded + _MONDAY) // _WEEK_DAYS
    old = np.flatnonzero(weeks)
    weeks = np.minimum(weeks[old], _MOST_WEEKS)
    memory["weight"][old] = _FORGOTTEN[weeks[:, None], memory["weight"][old]]
    shift = np.minimum(today - folded, WINDOW_DAYS)[:, None]
    for name in ("known", "regular"):
        shifted = (memory[name].astype(np.int64) << shift) & _RING
        memory[name] = shifted.astype(np.int32)
    _join(memory, limits)
    _summarise(memory, limits["usual_weight"])
    memory["folded"] = today.astype(np.int32)


def _summarise(memory: Memory, usual_weight: IntArray) -> None:
    """Derive from the weights which places are usual when, and which is the main one."""
    weight = memory["weight"].reshape(-1, PLACES, SLOTS).astype(np.int16)
    nearby = weight.copy()
    nearby[:, :, 1:] += weight[:, :, :-1]
    nearby[:, :, :-1] += weight[:, :, 1:]
    nearby[:, :, 0] += weight[:, :, -1]
    nearby[:, :, -1] += weight[:, :, 0]
    usual = nearby >= usual_weight.astype(np.int16)[:, None, None]
    memory["usual"] = np.packbits(usual, axis=2, bitorder="little")[:, :, 0]
    memory["main"] = nearby.argmax(axis=1).astype(np.uint8)
    ever = np.bitwise_or.reduce(memory["known"], axis=1)
    memory["known_days"] = np.bitwise_count(ever).astype(np.uint8)


def _join(memory: Memory, limits: Limits) -> None:
    """Let the day's samples join: first those of known places, then the others slot by slot."""
    who, slot = np.nonzero(memory["today_lat_e7"] != ABSENT)
    lon_e7, lat_e7 = (memory[f"today_{name}"][who, slot] for name in ("lon_e7", "lat_e7"))
    within_mm = limits["usual_place_m"][who] * _MM_PER_M
    far_mm = limits["unusual_distance_m"][who] * _MM_PER_M
    place = memory["main"][who, slot].astype(np.int64)
    at_lon_e7, at_lat_e7 = (memory[f"place_{name}"][who, place] for name in ("lon_e7", "lat_e7"))
    away_mm = between_mm(lon_e7, lat_e7, at_lon_e7, at_lat_e7)
    is_place = at_lat_e7 != ABSENT
    joins = is_place & (away_mm <= within_mm)
    is_regular = is_place & (away_mm <= far_mm)
    is_regular &= (memory["usual"][who, place] >> slot.astype(np.uint8)) & 1 != 0
    rest = np.flatnonzero(~(joins & is_regular))
    part = {name: memory[name][who[rest]] for name in ("place_lon_e7", "place_lat_e7", "usual")}
    all_mm = distances_mm(part, lon_e7[rest], lat_e7[rest])
    usual_mm = np.where(is_usual(part, slot[rest]), all_mm, FAR_MM).min(axis=1, initial=FAR_MM)
    is_regular[rest] = usual_mm <= far_mm[rest]
    is_near = all_mm <= within_mm[rest][:, None]
    place[rest] = np.where(joins[rest], place[rest], is_near.argmax(axis=1))
    joins[rest] |= is_near.any(axis=1)
    memory["known"][who, slot] |= 1
    memory["regular"][who, slot] |= is_regular.astype(np.int32)
    _gain(memory, who[joins], place[joins], slot[joins])
    strange = np.flatnonzero(~joins)
    for each in range(SLOTS if len(strange) else 0):
        here = strange[slot[strange] == each]
        _settle(memory, who[here], each, within_mm[here])


def _settle(memory: Memory, who: IntArray, slot: int, within_mm: IntArray) -> None:
    """Join samples of a slot to places that are new today, or make them new places."""
    part = {name: memory[name][who] for name in ("place_lon_e7", "place_lat_e7")}
    lon_e7, lat_e7 = (memory[f"today_{name}"][who, slot] for name in ("lon_e7", "lat_e7"))
    is_near = distances_mm(part, lon_e7, lat_e7) <= within_mm[:, None]
    joins = np.asarray(is_near.any(axis=1))
    total = memory["weight"][who].reshape(-1, PLACES, SLOTS).sum(axis=2, dtype=np.int64)
    spare = np.where(memory["usual"][who] != 0, _NO_ROOM, total)
    place = np.where(joins, is_near.argmax(axis=1), spare.argmin(axis=1))
    new = np.flatnonzero(~joins & (spare.min(axis=1, initial=_NO_ROOM) < _NO_ROOM))
    memory["place_lon_e7"][who[new], place[new]] = lon_e7[new]
    memory["place_lat_e7"][who[new], place[new]] = lat_e7[new]
    memory["weight"].reshape(-1, PLACES, SLOTS)[who[new], place[new]] = 0
    joins[new] = True
    _gain(memory, who[joins], place[joins], np.full(np.count_nonzero(joins), slot))


def _gain(memory: Memory, who: IntArray, place: IntArray, slot: IntArray) -> None:
    weight = memory["weight"].reshape(-1, PLACES, SLOTS)
    grown = weight[who, place, slot].astype(np.int64) + _DAY_WEIGHT
    weight[who, place, slot] = np.minimum(grown, _MOST_WEIGHT)
