"""Sensitive sites (敏感场所) and official places of a directory."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from gateway.directory.compiled import Directory, Site
from gateway.parameters.catalogue import PARAMETERS
from geofence.arrays import BoolArray, FloatArray, IntArray
from geofence.sites import build_sites

_MM_PER_M: Final = 1_000


class Sites:
    """Sites of one kind, sensitive or official, of a directory.

    Attributes:
        rows: The sites by number.
    """

    def __init__(self, rows: Sequence[Site], margin_m: float) -> None:
        """Index `rows`; `margin_m` is the most that is ever added to a radius."""
        self.rows = rows
        self._radius_mm = np.array([round(site.radius_m * _MM_PER_M) for site in rows], np.int64)
        times = np.array([(s.valid_from_ms, s.valid_to_ms) for s in rows], np.int64).reshape(-1, 2)
        self._from_ms, self._to_ms = times[:, 0].copy(), times[:, 1].copy()
        if rows:
            self._index = build_sites(
                np.array([site.longitude_deg for site in rows], np.float64),
                np.array([site.latitude_deg for site in rows], np.float64),
                max(site.radius_m for site in rows) + margin_m,
            )

    def __len__(self) -> int:
        return len(self.rows)

    def nearest(
        self, lon_deg: FloatArray, lat_deg: FloatArray, time_ms: IntArray, margin_mm: IntArray
    ) -> tuple[IntArray, IntArray, IntArray]:
        """Return which fixes lie within a site's radius and margin, of which site, and how far in.

        Args:
            lon_deg: Longitudes, shape (n,), degrees, WGS-84.
            lat_deg: Latitudes.
            time_ms: Fix times; a site counts while it is valid.
            margin_mm: Added to every radius.

        Returns:
            (k,) each: the fix, ascending; the number of the site whose widened circle it is deepest
            in, the lowest of equals; the signed distance to that circle, millimetres, at most 0.
        """
        if not self.rows:
            nothing = np.empty(0, np.int64)
            return nothing, nothing, nothing
        fix, site, away_mm = self._index.within_reach(lon_deg, lat_deg)
        signed_mm = away_mm - self._radius_mm[site] - margin_mm[fix]
        holds = signed_mm <= 0
        holds &= (self._from_ms[site] <= time_ms[fix]) & (time_ms[fix] < self._to_ms[site])
        fix, site, signed_mm = fix[holds], site[holds], signed_mm[holds]
        order = np.lexsort((site, signed_mm, fix))
        found, place = np.unique(fix[order], return_index=True)
        return found, site[order[place]], signed_mm[order[place]]

    def radius_mm(self, site: IntArray) -> IntArray:
        """Return the radius of sites by number."""
        return self._radius_mm[site]

    def cover(self, lon_deg: FloatArray, lat_deg: FloatArray, time_ms: IntArray) -> BoolArray:
        """Return which fixes lie within a site's radius, shape (n,)."""
        out = np.zeros(len(lon_deg), np.bool_)
        found, _, _ = self.nearest(lon_deg, lat_deg, time_ms, np.zeros_like(time_ms))
        out[found] = True
        return out


def sensitive_sites(directory: Directory) -> Sites:
    """Return the sites that a long stay near is told of."""
    most = float(PARAMETERS["dwell_margin_m"].most)
    return Sites([site for site in directory.sites if not site.official], most)


def official_sites(directory: Directory) -> Sites:
    """Return the places where supervised people meet lawfully."""
    return Sites([site for site in directory.sites if site.official], 0.0)
