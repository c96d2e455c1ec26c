"""The same pairs in PostGIS: ST_Covers and ST_Distance of a batch joined with its own fences."""

import time
from typing import Final

import psycopg
import shapely

from benchmarks.geofence_world import Fixes, World
from geofence.assignment import AssignedPairs
from geofence.plane import exact_metres_per_degree

_ROUNDS: Final = 5
_QUARTER_SEGMENTS: Final = 8

_TABLES: Final = """
CREATE TEMPORARY TABLE bench_fence (fence integer PRIMARY KEY, area geometry, border geometry);
CREATE TEMPORARY TABLE bench_pair (fence integer, place geometry);
"""
_QUESTION: Final = """
SELECT count(*) FILTER (WHERE ST_Covers(area, place)), sum(ST_Distance(border, place))
FROM bench_pair JOIN bench_fence USING (fence)
"""


def postgis_ns_per_pair(dsn: str, world: World, fixes: Fixes, pairs: AssignedPairs) -> float:
    """Return nanoseconds of wall time per pair, best of five; the copying in is not counted.

    Args:
        dsn: A database with the extension, in which temporary tables may be made.
        world: The world.
        fixes: A batch.
        pairs: Its pairs.
    """
    kx, ky = exact_metres_per_degree(float(world.home_deg[:, 1].mean()))
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute(_TABLES)
        with cursor.copy("COPY bench_fence FROM STDIN") as copy:
            for zone in sorted(set(pairs.zone.tolist())):
                outline = world.fences[zone].outline
                area = shapely.transform(world.geometry[zone], lambda xy: xy * (kx, ky))
                if not outline.is_filled:
                    area = shapely.buffer(area, outline.radius_m, quad_segs=_QUARTER_SEGMENTS)
                copy.write_row((zone, shapely.to_wkb(area, hex=True), area.boundary.wkb_hex))
        points = shapely.points(fixes.lon_deg[pairs.fix] * kx, fixes.lat_deg[pairs.fix] * ky)
        with cursor.copy("COPY bench_pair FROM STDIN") as copy:
            for zone, point in zip(pairs.zone.tolist(), points, strict=True):
                copy.write_row((zone, shapely.to_wkb(point, hex=True)))
        cursor.execute("ANALYZE bench_fence; ANALYZE bench_pair")
        taken_s = []
        for _ in range(_ROUNDS):
            begin_s = time.perf_counter()
            cursor.execute(_QUESTION)
            cursor.fetchall()
            taken_s.append(time.perf_counter() - begin_s)
        connection.rollback()
    return min(taken_s) * 1e9 / len(pairs.fix)
