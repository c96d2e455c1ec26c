"""Fences and sites of a directory."""

from collections.abc import Container, Sequence

import numpy as np

from gateway.directory.compiled import PlacedFence, Site
from gateway.directory.moment import Once, interval
from gateway.directory.wire import FenceRow, SiteRow
from gateway.errors import DirectoryError
from geofence.datum import to_wgs84
from geofence.errors import FenceError
from geofence.geojson import fence_from_geojson


def compile_fences(
    rows: Sequence[FenceRow], schedules: Container[str]
) -> tuple[list[PlacedFence], dict[str, list[int]]]:
    """Return all versions by id and version, and their rows by subject.

    Raises:
        DirectoryError: A geometry cannot be judged, a schedule is not there, or a version comes
            twice.
    """
    once = Once("fences")
    placed = []
    for index, row in enumerate(rows):
        place = once.place(index, (row.fence, row.version))
        placed.append((_fence(place, row, schedules), row.subjects))
    placed.sort(key=lambda pair: (pair[0].fence, pair[0].version))
    fences_of: dict[str, list[int]] = {}
    for number, (_, subjects) in enumerate(placed):
        for subject in subjects:
            fences_of.setdefault(subject, []).append(number)
    return [fence for fence, _ in placed], fences_of


def compile_sites(rows: Sequence[SiteRow]) -> list[Site]:
    """Return the sites in WGS-84, in order of their ids.

    Raises:
        DirectoryError: One comes twice, or never holds.
    """
    once = Once("sites")
    sites = []
    for index, row in enumerate(rows):
        place = once.place(index, row.site)
        start_ms, end_ms = interval(place, row.valid_from, row.valid_to)
        lon_deg, lat_deg = to_wgs84(
            np.array([row.longitude_deg]), np.array([row.latitude_deg]), row.datum
        )
        sites.append(
            Site(
                site=row.site,
                kind=row.kind,
                name=row.name,
                longitude_deg=float(lon_deg[0]),
                latitude_deg=float(lat_deg[0]),
                radius_m=row.radius_m,
                official=row.official,
                valid_from_ms=start_ms,
                valid_to_ms=end_ms,
            )
        )
    return sorted(sites, key=lambda s: s.site)


def _fence(place: str, row: FenceRow, schedules: Container[str]) -> PlacedFence:
    if row.schedule is not None and row.schedule not in schedules:
        raise DirectoryError(f"{place}.schedule", f"{row.schedule!r} is not in schedules")
    if row.use == "curfew" and row.schedule is None:
        raise DirectoryError(f"{place}.schedule", "a curfew needs a schedule")
    start_ms, end_ms = interval(place, row.valid_from, row.valid_to)
    try:
        radius_m = _radius_m(row)
        shape = fence_from_geojson(row.geometry, radius_m=radius_m, datum=row.datum)
    except FenceError as error:
        raise DirectoryError(f"{place}.geometry ({row.fence})", str(error)) from error
    return PlacedFence(row.fence, row.version, row.use, shape, start_ms, end_ms, row.schedule)


def _radius_m(row: FenceRow) -> float | None:
    """Return what the geometry is widened by; half of a corridor's width."""
    if row.width_m is None:
        return row.radius_m
    if row.geometry.get("type") != "LineString" or row.radius_m is not None:
        raise FenceError("only a LineString has width_m, and then no radius_m")
    return row.width_m / 2
