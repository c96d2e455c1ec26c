"""The pictures of docs/geofence.md, drawn from the code: `python -m benchmarks.geofence_pictures`.

They are SVG text; a test compares what is in docs/pictures with what this draws.
"""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from benchmarks.drawing import Drawing, Point
from benchmarks.geofence_calibration import deciles, labelled_fixes
from benchmarks.geofence_world import make_world
from geofence.decision import decide
from geofence.far import nearest_borders
from geofence.index import build_index
from geofence.probability import PPM, outside_ppm
from geofence.zone import INSIDE, OUTSIDE, REFERENCE, Zone, compile_zone

FOLDER: Final = Path(__file__).parents[1] / "docs" / "pictures"
_SEED: Final = 1
_INSIDE, _LISTED, _BORDER, _FIX, _WAY = "#d7ead9", "#fbe3b5", "#333333", "#c0392b", "#2c6fbb"


def grid() -> str:
    """Return a county with the cells of its grid."""
    ring, zone = _county()
    columns, rows = zone.header[4:6].astype(int).tolist()
    west, south = _corners(zone, 0)[0]
    east, north = _corners(zone, columns * rows - 1)[2]
    drawing = Drawing(width=620, height=620, x=(west, east), y=(south, north))
    for row in range(rows):
        kinds = np.minimum(zone.cell[row * columns : (row + 1) * columns], 0)
        starts = [0, *(np.flatnonzero(np.diff(kinds)) + 1).tolist(), columns]
        for first, end in pairwise(starts):
            if kinds[first] != OUTSIDE:
                left = _corners(zone, row * columns + first)
                right = _corners(zone, row * columns + end - 1)
                fill = _INSIDE if kinds[first] == INSIDE else _LISTED
                drawing.shape([left[0], right[1], right[2], left[3]], fill=fill)
    for column in range(1, columns):
        x = _corners(zone, column)[0][0]
        drawing.line([(x, south), (x, north)], stroke="#ffffff", width=0.5)
    for row in range(1, rows):
        y = _corners(zone, row * columns)[0][1]
        drawing.line([(west, y), (east, y)], stroke="#ffffff", width=0.5)
    drawing.shape(ring, stroke=_BORDER, width=1.5)
    share = [float((zone.cell == content).mean()) for content in (OUTSIDE, INSIDE)]
    for line, text in enumerate(
        [
            f"white: all outside, farther than 500 m ({share[0]:.0%} of the cells)",
            f"green: all inside, deeper than 500 m ({share[1]:.0%})",
            f"amber: edges within 500 m are listed ({1 - sum(share):.0%})",
        ]
    ):
        drawing.words((west, south), text, up=-16 - 17 * line)
    size = f"{len(ring)} vertices, {columns} x {rows} cells of about a kilometre"
    return drawing.svg(f"A county's grid: {size}")


def cell() -> str:
    """Return one listed cell: its edges, its reference point, and the way to a fix."""
    ring, zone = _county()
    middle = (ring.min(axis=0) + ring.max(axis=0)) / 2
    listed = np.flatnonzero(zone.cell > OUTSIDE)
    crossing = [number for number in listed.tolist() if _is_crossed(ring, zone, number)]
    number = min(crossing, key=lambda k: _corners(zone, k)[0][0] - middle[0])
    box = np.array(_corners(zone, number))
    low, high = box.min(axis=0), box.max(axis=0)
    room = (high - low) * 0.75
    view = low - room, high + room
    drawing = Drawing(width=560, height=560, x=(view[0][0], view[1][0]), y=(view[0][1], view[1][1]))
    drawing.shape(box.tolist(), fill=_LISTED)
    content = int(zone.cell[number])
    first, end = zone.list_start[content // 2 : content // 2 + 2].tolist()
    window = shapely.box(*view[0], *view[1])
    drawing_line = shapely.intersection(shapely.LineString([*ring, ring[0]]), window)
    for part in shapely.get_parts(drawing_line):
        drawing.line(shapely.get_coordinates(part).tolist(), stroke="#aaaaaa")
    closed = np.vstack([ring, ring[:1]])
    for start, stop in zone.run[first:end].tolist():
        run = shapely.intersection(shapely.LineString(closed[start : stop + 1]), window)
        for part in shapely.get_parts(run):
            drawing.line(shapely.get_coordinates(part).tolist(), stroke=_BORDER, width=3)
    reference = low + (high - low) * REFERENCE
    fix = _other_side(ring, low, high, reference)
    index = build_index([make_world(_SEED, 550, 255).fences[0].outline])
    at = np.array([fix[0]]), np.array([fix[1]]), np.zeros(1, np.int64)
    border = nearest_borders(index, *at)
    distance_m = index.distances_mm(at[0], at[1], at[2], at[2])[0] / 1_000
    nearest = (float(border.lon_deg[0]), float(border.lat_deg[0]))
    drawing.line([_point(reference), _point(fix)], stroke=_WAY, width=1.5, dashed=True)
    drawing.line([_point(fix), nearest], stroke=_FIX, width=1.5)
    drawing.dot(_point(reference), fill=_WAY)
    side = "inside" if content % 2 else "outside"
    drawing.words(_point(reference), f"reference point: {side}", anchor="middle", up=-20, fill=_WAY)
    drawing.dot(_point(fix), fill=_FIX)
    drawing.words(_point(fix), f"fix: {distance_m:+.1f} m", up=-18, fill=_FIX)
    title = "A listed cell: one crossing on the way turns the side, the nearest edge gives metres"
    return drawing.svg(title)


def probability() -> str:
    """Return P(outside) over signed distance, and the three answers at 8 m."""
    drawing = Drawing(width=620, height=360, x=(-60, 60), y=(0, 1))
    ticks = [(x, f"{x:+d} m" if x else "border") for x in range(-60, 61, 20)]
    distance_mm = np.arange(-60_000, 60_001, 500)
    many = len(distance_mm)
    accuracy_mm = np.full(many, 8_000)
    said = decide(
        distance_mm,
        accuracy_mm,
        np.full(many, 10**9),
        np.zeros(many, np.bool_),
        violation_ppm=950_000,
        compliant_ppm=500_000,
    ).decision
    metres = distance_mm / 1_000
    for answer, fill in ((-1, _INSIDE), (0, _LISTED), (1, "#f6cfca")):
        low, high = metres[said == answer].min() - 0.25, metres[said == answer].max() + 0.25
        low, high = max(low, -60.0), min(high, 60.0)
        drawing.shape([(low, 0), (high, 0), (high, 1), (low, 1)], fill=fill)
    drawing.axes(
        ticks, [(k / 4, f"{k / 4:.0%}") for k in range(5)], "signed distance to the border"
    )
    for accuracy_m, stroke in ((8, _FIX), (20, _WAY), (50, "#777777")):
        share = outside_ppm(distance_mm, np.full(many, accuracy_m * 1_000)) / PPM
        drawing.line(zip(metres.tolist(), share.tolist(), strict=True), stroke=stroke, width=2)
        label_m = float(metres[np.searchsorted(share, 0.7)])
        drawing.words((label_m + 1.5, 0.68), f"{accuracy_m} m", fill=stroke)
    drawing.line([(-60, 0.95), (60, 0.95)], stroke="#555555", dashed=True)
    drawing.words((-58, 0.95), "95 %: violation", up=-14)
    drawing.words((-58, 0.55), "green, amber, red: the answers at 8 m")
    return drawing.svg("Probability of being outside, by radius of the 68 % error circle")


def calibration() -> str:
    """Return predicted against found, decile by decile."""
    drawing = Drawing(width=420, height=420, x=(0, 1), y=(0, 1))
    ticks = [(k / 5, f"{k / 5:.0%}") for k in range(6)]
    drawing.shape([(0, 0), (0, 0.05), (0.95, 1), (1, 1), (1, 0.95), (0.05, 0)], fill=_INSIDE)
    drawing.axes(ticks, ticks, "predicted to be outside")
    drawing.line([(0, 0), (1, 1)], stroke="#555555", dashed=True)
    for up, (border, name, stroke) in enumerate(
        (("edge", "straight edge", _FIX), ("circle", "circle of 300 m", _WAY))
    ):
        found = deciles(labelled_fixes(_SEED, border), border)
        points = [(decile.predicted, decile.found) for decile in found]
        drawing.line(points, stroke=stroke)
        for point in points:
            drawing.dot(point, fill=stroke, radius=3.5)
        drawing.words((0.04, 0.9 - 0.06 * up), name, fill=stroke)
    drawing.words((0.96, 0.05), "green: within 5 points", anchor="end")
    return drawing.svg("Found to be outside, on the simulator's receivers")


PICTURES: Final[dict[str, Callable[[], str]]] = {
    "fence-grid.svg": grid,
    "fence-cell.svg": cell,
    "fence-probability.svg": probability,
    "fence-calibration.svg": calibration,
}


def _county() -> tuple[Any, Zone]:
    outline = make_world(_SEED, 550, 255).fences[0].outline
    return outline.ring_deg[:-1], compile_zone(outline)


def _corners(zone: Zone, number: int) -> list[Point]:
    origin, per_degree = zone.header[:2], zone.header[2:4]
    column, row = number % int(zone.header[4]), number // int(zone.header[4])
    around = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) + np.array([column, row])
    return [_point(place) for place in origin + around / per_degree]


def _is_crossed(ring: Any, zone: Zone, number: int) -> bool:
    return bool(shapely.LinearRing(ring).intersects(shapely.Polygon(_corners(zone, number))))


def _other_side(ring: Any, low: Any, high: Any, reference: Any) -> Any:
    """Return the place of the cell, on a grid of its ninths, that is deepest on the other side."""
    area = shapely.Polygon(ring)
    border = area.exterior
    side = area.contains(shapely.Point(reference))
    ninths = [low + (high - low) * (i / 9, j / 9) for i in range(1, 9) for j in range(1, 9)]
    other = [place for place in ninths if area.contains(shapely.Point(place)) != side]
    return max(other, key=lambda place: border.distance(shapely.Point(place)))


def _point(place: Any) -> Point:
    return float(place[0]), float(place[1])


def main() -> None:
    """Write all pictures."""
    FOLDER.mkdir(exist_ok=True)
    for name, draw in PICTURES.items():
        (FOLDER / name).write_text(draw(), encoding="utf-8")


if __name__ == "__main__":
    main()
