"""The way from fix to fix, one row after the other."""

from dataclasses import dataclass

import numpy as np

from gateway.columns import ABSENT
from gateway.engine.stretch import between_mm


@dataclass
class Leg:
    moved_mm: int
    doubt_mm: int
    lasted_ms: int

    @property
    def net_mm(self):
        return max(self.moved_mm - self.doubt_mm, 0)

    @property
    def mmps(self):
        return self.net_mm * 1_000 // self.lasted_ms


def radius_mm(row, limits):
    claim_mm = row["accuracy_mm"]
    if claim_mm == ABSENT:
        claim_mm = round(limits["accuracy_default_m"] * 1_000)
    return max(claim_mm, round(limits["accuracy_floor_m"] * 1_000))


def distance_mm(one, other):
    pairs = [np.array([row[name]]) for row in (one, other) for name in ("lon_e7", "lat_e7")]
    return int(between_mm(*pairs)[0])


def leg(one, other, limits):
    return Leg(
        distance_mm(one, other),
        limits["doubt_radii"] * (radius_mm(one, limits) + radius_mm(other, limits)),
        other["fix_time_ms"] - one["fix_time_ms"] + 1_000,
    )


def with_fixes(rows):
    """Yield (row, its fixes so far without itself); rows without a position have None for them."""
    fixes = []
    for row in rows:
        if row["lon_e7"] == ABSENT:
            yield row, None
        else:
            yield row, list(fixes)
            fixes.append(row)
