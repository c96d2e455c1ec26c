"""Positions of many frames at once, as columns; `location` is the same for one, and its oracle.

What makes no usual row (another message, parts, a wrong checksum, items of vendors that speak of
alarms) is left to the decoder of single frames, which knows every case.
"""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from firmware_protocols.alarm import alarms_to_mask
from firmware_protocols.codec import Context
from firmware_protocols.columns import DATUMS, KINDS, PRESENT, ColumnBatch, Rows, absent_rows
from firmware_protocols.jt808.bcd_time import BCD_VALUES
from firmware_protocols.jt808.framing import FLAG, unescape
from firmware_protocols.jt808.items import STANDARD_ITEMS
from firmware_protocols.jt808.location import (
    LOCATION_BYTES,
    MICRODEGREES,
    SPEED_PER_MPS,
    alarms_of,
    state_of,
)
from firmware_protocols.jt808.profiles import PROFILES, STANDARD, Profile
from firmware_protocols.jt808.uplink import LOCATION
from firmware_protocols.jt808.vendor_items import BATTERY_ITEM

Ints = NDArray[np.int64]


_FIXED: Final = np.dtype(
    [
        ("alarm", ">u4"),
        ("status", ">u4"),
        ("latitude", ">u4"),
        ("longitude", ">u4"),
        ("altitude", ">i2"),
        ("speed", ">u2"),
        ("heading", ">u2"),
        ("time", "u1", (6,)),
    ]
)
_HEADER: Final = 12
_HEADER_2019: Final = 17
_OUTSIDE: Final = 3
"""Two delimiters and the checksum."""

_LENGTH: Final = 0x03FF
_USUAL_PROPERTIES: Final = 0x4000 | _LENGTH
_CIRCLE_DEG: Final = 360
_MONTHS: Final = 13
_DAYS: Final = 32
_DAY_S: Final = 86_400
_MS_PER_MIN: Final = 60_000

_BCD: Final = np.array(BCD_VALUES, dtype=np.int64)

_PLAIN, _SATELLITES, _BATTERY, _SPECIAL = range(4)
_PLAIN_ITEMS: Final = frozenset(STANDARD_ITEMS) - {0x12, 0x14, 0x31}
"""Standard items that only fill `extra`, which has no column."""

_PCT: Final = 100
_SAID: Final = sum(PRESENT[name] for name in ("position", "altitude_m", "speed_mps"))


def decode_locations(
    frames: Sequence[bytes],
    profile: Profile = STANDARD,
    *,
    utc_offset_min: int | None = None,
) -> ColumnBatch:
    """Return the usual positions of frames of one device model.

    Args:
        frames: Frames with their delimiters, of any terminals.
        profile: Their device-model profile.
        utc_offset_min: Offset of their clocks where the registry knows better than the profile.
    """
    joined = b"".join(frames)
    if b"\x7d" in joined:
        frames = [_plain(frame) if b"\x7d" in frame else frame for frame in frames]
        joined = b"".join(frames)
    data = np.frombuffer(joined + bytes(_HEADER_2019), dtype=np.uint8)
    sizes = np.fromiter(map(len, frames), dtype=np.int64, count=len(frames))
    starts = np.cumsum(sizes) - sizes
    usual, body = _usual(data, starts, sizes)
    end = starts[usual] + sizes[usual] - 2
    fixed = data[body[:, None] + np.arange(LOCATION_BYTES)].view(_FIXED)[:, 0]
    times_s = _times_s(fixed["time"])
    satellites, battery, is_special = _walk_items(data, body + LOCATION_BYTES, end, profile)
    good = ~is_special & (times_s >= 0)
    good &= (fixed["latitude"] <= 90 * MICRODEGREES) & (fixed["longitude"] <= 180 * MICRODEGREES)
    offset_min = profile.utc_offset_min if utc_offset_min is None else utc_offset_min
    chosen = np.flatnonzero(good)
    rows = _rows(fixed[chosen], profile)
    rows["fix_time_ms"] = times_s[chosen] * 1_000 - offset_min * _MS_PER_MIN
    rows["seq"] = _content_seqs(joined, body[chosen], end[chosen])
    _fill(rows, "satellites", satellites[chosen])
    _fill(rows, "battery_pct", battery[chosen])
    taken = usual[chosen]
    rest = np.ones(len(frames), dtype=np.bool_)
    rest[taken] = False
    return ColumnBatch(rows, taken, np.flatnonzero(rest).tolist())


def columns_of_contexts(payloads: Sequence[bytes], contexts: Sequence[Context]) -> ColumnBatch:
    """Return the usual positions of frames of any device models."""
    models: dict[tuple[str, int | None], list[int]] = {}
    for index, context in enumerate(contexts):
        models.setdefault((context.profile, context.utc_offset_min), []).append(index)
    rest: list[int] = []
    rows, origins = [absent_rows(0)], [np.zeros(0, np.int64)]
    for (name, utc_offset_min), members in models.items():
        profile = PROFILES.get(name) if name else STANDARD
        if profile is None or profile.tolerate:
            rest += members
            continue
        frames = [payloads[index] for index in members]
        batch = decode_locations(frames, profile, utc_offset_min=utc_offset_min)
        place = np.array(members, np.int64)
        rows.append(batch.rows)
        origins.append(place[batch.payload])
        rest += place[batch.rest].tolist()
    origin = np.concatenate(origins)
    order = np.argsort(origin, kind="stable")
    return ColumnBatch(np.concatenate(rows)[order], origin[order], sorted(rest))


def _plain(frame: bytes) -> bytes:
    """Return a frame without its escapes, still between its delimiters."""
    return frame[:1] + unescape(frame[1:-1], FLAG) + frame[-1:] if frame[:1] == b"~" else frame


def _usual(data: NDArray[np.uint8], starts: Ints, sizes: Ints) -> tuple[Ints, Ints]:
    """Return which frames are sound 0x0200 in one piece, and where their bodies begin."""
    if not len(starts):
        return starts, starts
    head = data[np.minimum(starts[:, None] + np.arange(5), len(data) - 1)].astype(np.int64)
    properties = head[:, 3] << 8 | head[:, 4]
    header = np.where(properties & 0x4000, _HEADER_2019, _HEADER)
    length = properties & _LENGTH
    usual = (sizes == header + length + _OUTSIDE) & (length >= LOCATION_BYTES)
    usual &= (head[:, 0] == FLAG) & (head[:, 1] << 8 | head[:, 2] == LOCATION)
    usual &= (properties & ~_USUAL_PROPERTIES) == 0
    # The delimiters cancel each other out, so a sound frame's XOR is 0 over all of it; for an
    # empty frame reduceat returns a byte of the next one, but an empty frame has failed above.
    usual &= np.bitwise_xor.reduceat(data, starts) == 0
    usual &= data[np.maximum(starts + sizes - 1, 0)] == FLAG
    chosen = np.flatnonzero(usual)
    return chosen, starts[chosen] + 1 + header[chosen]


def _walk_items(
    data: NDArray[np.uint8], at: Ints, end: Ints, profile: Profile
) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Return satellites and charge, -1 where not said, and which bodies have special items."""
    kinds = _item_kinds(profile)
    said = {
        _SATELLITES: np.full(len(at), -1, dtype=np.int64),
        _BATTERY: np.full(len(at), -1, dtype=np.int64),
    }
    is_special = np.zeros(len(at), dtype=np.bool_)
    if profile.fixed_tail is not None:
        return said[_SATELLITES], said[_BATTERY], at < end
    row = np.flatnonzero(at + 2 <= end)
    place = at[row]
    while len(row):
        size = data[place + 1].astype(np.int64)
        whole = place + 2 + size <= end[row]
        row, place, size = row[whole], place[whole], size[whole]
        kind = kinds[data[place]]
        is_special[row[kind == _SPECIAL]] = True
        for name, column in said.items():
            hit = (kind == name) & (size == 1)
            column[row[hit]] = data[place[hit] + 2]
        place = place + 2 + size
        more = place + 2 <= end[row]
        row, place = row[more], place[more]
    # A charge over 100 is no charge; the decoder of single frames keeps its byte.
    is_special |= said[_BATTERY] > _PCT
    return said[_SATELLITES], said[_BATTERY], is_special


@lru_cache(maxsize=64)
def _item_kinds(profile: Profile) -> NDArray[np.int8]:
    kinds = np.full(256, _PLAIN, dtype=np.int8)
    for key, item in profile.items.items():
        if item is BATTERY_ITEM:
            kinds[key] = _BATTERY
        elif item is not STANDARD_ITEMS.get(key):
            kinds[key] = _SPECIAL
        elif key not in _PLAIN_ITEMS:
            kinds[key] = _SATELLITES if key == 0x31 else _SPECIAL  # noqa: PLR2004  # its id
    return kinds


def _rows(fixed: NDArray[Any], profile: Profile) -> Rows:
    """Return rows with what the fixed part says, without time and number."""
    rows = absent_rows(len(fixed))
    alarms, which = np.unique(fixed["alarm"], return_inverse=True)
    masks = [alarms_to_mask(alarms_of(profile, int(word))[0]) for word in alarms]
    rows["alarms"] = np.array(masks, dtype=np.int64)[which] if masks else 0
    words, which = np.unique(fixed["status"], return_inverse=True)
    states = [state_of(profile, int(word)) for word in words]
    if states:
        masks = [alarms_to_mask(state.alarms) for state in states]
        rows["alarms"] |= np.array(masks, dtype=np.int64)[which]
        rows["valid"] = np.array([state.valid for state in states])[which]
        rows["datum"] = np.array([DATUMS.index(state.datum) for state in states])[which]
        signs = np.array([(state.longitude_sign, state.latitude_sign) for state in states])[which]
        rows["longitude_deg"] = signs[:, 0] * fixed["longitude"] / MICRODEGREES
        rows["latitude_deg"] = signs[:, 1] * fixed["latitude"] / MICRODEGREES
    rows["kind"] = KINDS.index("fix")
    rows["boot"] = 0
    rows["altitude_m"] = fixed["altitude"]
    rows["speed_mps"] = fixed["speed"] / SPEED_PER_MPS
    heading = fixed["heading"].astype(np.float64)
    heading[heading == _CIRCLE_DEG] = 0
    is_heading = heading < _CIRCLE_DEG
    rows["heading_deg"] = np.where(is_heading, heading, np.nan)
    rows["present"] = _SAID + np.where(is_heading, PRESENT["heading_deg"], 0)
    return rows


def _fill(rows: Rows, name: str, values: Ints) -> None:
    """Put values into a column, -1 being absent."""
    rows[name] = values
    rows["present"] |= np.where(values >= 0, PRESENT[name], 0).astype(np.uint16)


def _times_s(bcd: NDArray[np.uint8]) -> Ints:
    """Return seconds since 1970 of BCD times as if they were UTC, -1 where they are none."""
    digits = _BCD[bcd]
    year, month, day, hour, minute, second = digits.T
    is_time = (digits < 100).all(axis=1) & (hour < 24) & (minute < 60) & (second < 60)  # noqa: PLR2004
    is_time &= (month < _MONTHS) & (day < _DAYS)
    place = np.where(is_time, (year * _MONTHS + month) * _DAYS + day, 0)
    days = _day_table()[place]
    seconds = days * _DAY_S + hour * 3_600 + minute * 60 + second
    return np.where(is_time & (days >= 0), seconds, -1)


@lru_cache(maxsize=1)
def _day_table() -> Ints:
    """Return days since 1970 by year, month and day of 2000 to 2099; -1 where there is no day."""
    table = np.full(100 * _MONTHS * _DAYS, -1, dtype=np.int64)
    epoch = date(1970, 1, 1).toordinal()
    first, last = date(2000, 1, 1).toordinal(), date(2099, 12, 31).toordinal()
    for ordinal in range(first, last + 1):
        day = date.fromordinal(ordinal)
        table[((day.year - 2000) * _MONTHS + day.month) * _DAYS + day.day] = ordinal - epoch
    return table


def _content_seqs(joined: bytes, starts: Ints, ends: Ints) -> Ints:
    """Return what `identity.content_seq` returns for each body."""
    digests = b"".join(
        [
            blake2b(joined[start:end], digest_size=8).digest()
            for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
        ]
    )
    return (np.frombuffer(digests, dtype=">u8") >> 11).astype(np.int64)
