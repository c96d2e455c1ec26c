"""The slow obvious distance to a fence: shapely, one fix at a time, in the fix's own metres."""

import numpy as np
import shapely

from geofence.plane import exact_metres_per_degree


def signed_distance_m(geometry, radius_m, longitude_deg, latitude_deg):
    """Return signed metres; `geometry` is a polygon, a line or a point in degrees."""
    scale = np.array(exact_metres_per_degree(latitude_deg))
    here = np.array([longitude_deg, latitude_deg])
    is_area = geometry.geom_type.endswith("Polygon")
    border = shapely.boundary(geometry) if is_area else geometry
    local = shapely.transform(border, lambda xy: (xy - here) * scale)
    away = shapely.distance(local, shapely.Point(0, 0))
    inside = is_area and shapely.covers(geometry, shapely.Point(here))
    return (-away if inside else away) - radius_m
