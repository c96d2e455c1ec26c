"""The nearest sensitive site (敏感场所: schools, ports, stations) of each fix.

Sites are listed in every cell that their reach touches; cells hash into buckets. A wrong bucket is
harmless, for the distance decides.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geofence.arrays import FloatArray, IntArray
from geofence.kernel import spread
from geofence.plane import metres_per_degree

NONE: Final = -1
"""Site of a fix that has none within reach."""

_CELL_DEG: Final = 0.005
_BUCKETS: Final = 1 << 17
_MIX: Final = 1_000_003
_MM_PER_M: Final = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class SiteIndex:
    """Sites by cell.

    Attributes:
        reach_m: Sites farther than this are not found.
        lon_deg: Longitudes of the sites, shape (k,), degrees, WGS-84.
        lat_deg: Latitudes.
        start: Shape (_BUCKETS + 1,), int32: where a bucket begins in `site`.
        site: Sites, bucket after bucket, ascending within one, int32.
    """

    reach_m: float
    lon_deg: FloatArray
    lat_deg: FloatArray
    start: NDArray[np.int32]
    site: NDArray[np.int32]

    def nearest(self, lon_deg: FloatArray, lat_deg: FloatArray) -> tuple[IntArray, IntArray]:
        """Return the nearest site of each fix and the distance to it, shape (n,) each, int64.

        Of sites at the same millimetre the one with the lowest number is it. Without one in reach:
        NONE, and the reach.

        Args:
            lon_deg: Longitudes, degrees, WGS-84.
            lat_deg: Latitudes.
        """
        fix, site, away_mm = self.within_reach(lon_deg, lat_deg)
        order = np.lexsort((site, away_mm, fix))
        found, place = np.unique(fix[order], return_index=True)
        nearest = np.full(len(lon_deg), NONE)
        distance_mm = np.full(len(lon_deg), round(self.reach_m * _MM_PER_M))
        nearest[found], distance_mm[found] = site[order[place]], away_mm[order[place]]
        return nearest, distance_mm

    def within_reach(
        self, lon_deg: FloatArray, lat_deg: FloatArray
    ) -> tuple[IntArray, IntArray, IntArray]:
        """Return every (fix, site) within reach and the distance, shape (p,) each, int64, by fix.

        Args:
            lon_deg: Longitudes, degrees, WGS-84.
            lat_deg: Latitudes.
        """
        bucket = _bucket(_cell(lon_deg), _cell(lat_deg))
        first = self.start.take(bucket)
        count = self.start.take(bucket + 1) - first
        # Most cells list no site: planes are asked for the few fixes that have one.
        some = np.flatnonzero(count)
        count = count.take(some)
        listed, _ = spread(first.take(some), count)
        row, site = np.repeat(np.arange(len(some)), count), self.site.take(listed)
        lat, lon = lat_deg.take(some), lon_deg.take(some)
        kx, ky = metres_per_degree(lat)
        east_m = (lon.take(row) - self.lon_deg.take(site)) * kx.take(row)
        north_m = (lat.take(row) - self.lat_deg.take(site)) * ky.take(row)
        away_mm = np.rint(np.sqrt(east_m**2 + north_m**2) * _MM_PER_M).astype(np.int64)
        near = np.flatnonzero(away_mm <= round(self.reach_m * _MM_PER_M))
        return some.take(row[near]), site[near].astype(np.int64), away_mm[near]


def build_sites(lon_deg: FloatArray, lat_deg: FloatArray, reach_m: float = 200.0) -> SiteIndex:
    """Return the index of sites.

    Args:
        lon_deg: Longitudes, shape (k,), degrees, WGS-84.
        lat_deg: Latitudes.
        reach_m: How far from a fix a site matters.
    """
    # The fewest metres per degree within reach: the box is surely large enough.
    kx, ky = metres_per_degree(np.abs(lat_deg) + reach_m / 100_000)
    east, north = reach_m * 1.001 / kx, reach_m * 1.001 / ky
    west_cell, south_cell = _cell(lon_deg - east), _cell(lat_deg - north)
    wide = _cell(lon_deg + east) - west_cell + 1
    high = _cell(lat_deg + north) - south_cell + 1
    ordinal, _ = spread(np.zeros(len(wide), np.int64), wide * high)
    site = np.repeat(np.arange(len(wide)), wide * high)
    bucket = _bucket(
        west_cell[site] + ordinal % wide[site], south_cell[site] + ordinal // wide[site]
    )
    pairs = np.unique(np.column_stack([bucket, site]), axis=0).reshape(-1, 2)
    start = np.searchsorted(pairs[:, 0], np.arange(_BUCKETS + 1))
    return SiteIndex(
        reach_m, lon_deg, lat_deg, start.astype(np.int32), pairs[:, 1].astype(np.int32)
    )


def _cell(degrees: FloatArray) -> IntArray:
    return np.floor(degrees / _CELL_DEG).astype(np.int64)


def _bucket(column: IntArray, row: IntArray) -> IntArray:
    return (column * _MIX + row) % _BUCKETS
