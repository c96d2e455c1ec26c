"""From enrolment pictures of a camera to its thresholds and gates. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final, NamedTuple

import numpy as np

from gateway.errors import CameraError
from gateway.faces.camera import Camera
from gateway.faces.comparing import SHIPPED, Thresholds, distance_of
from gateway.faces.looking import KIOSK, Gates, Look
from gateway.faces.roc import Distances, Point, points
from gateway.plot import LEFT, RIGHT, WIDTH, Plot

GRID: Final = np.round(np.arange(0.20, 0.701, 0.01), 2)
_LUMA_ROOM: Final = 20.0
_SHARPNESS_SHARE: Final = 0.5
_TAIL_PCT: Final = 2
_LEAST_PEOPLE: Final = 2


class Calibration(NamedTuple):
    """What pictures of a camera say.

    Attributes:
        camera: Thresholds and gates, with what they rest on.
        same: Distances of pairs of one person.
        different: Distances of pairs of two people.
        curve: FMR and FNMR along `GRID`.
        refused: Pictures without a face that could be compared, by cause.
    """

    camera: Camera
    same: Distances
    different: Distances
    curve: list[Point]
    refused: Counter[str]


def calibrate(
    looks: Mapping[str, Sequence[Look | str]], *, most_fmr: float, most_fnmr: float
) -> Calibration:
    """Return what decides at the camera that took pictures of people.

    `match` is never laxer than the shipped one: it is the largest distance up to it at which at
    most `most_fmr` of the pairs of two people would pass. `no_match` is the least from there on at
    which at most `most_fnmr` of the pairs of one person would be told apart, or the shipped one.

    Args:
        looks: By person, what each picture shows, or why it is none.
        most_fmr: Share of false matches that is borne.
        most_fnmr: Share of one person's pairs that may be called two people.

    Raises:
        CameraError: There are not two people, or nobody has two pictures.
    """
    refused = Counter(cause for cause in map(_cause, _all(looks)) if cause)
    good = {who: [one for one in each if isinstance(one, Look) and one.template is not None]
            for who, each in looks.items()}  # fmt: skip
    same = _distances((a, b) for each in good.values() for a, b in combinations(each, 2))
    different = _distances(
        (a, b) for one, other in combinations(good.values(), 2) for a in one for b in other
    )
    if len([each for each in good.values() if each]) < _LEAST_PEOPLE or not len(same):
        raise CameraError(
            "two people are wanted, and two pictures of one of them, each with a face; refused:"
            f" {dict(refused)}"
        )
    curve = points(same, different, GRID)
    match = _match(curve, most_fmr)
    no_match = _no_match(curve, match, most_fnmr)
    shown = [one for each in good.values() for one in each]
    measured = {
        "people": len(good),
        "pictures": len(shown),
        "pairs": {"same": len(same), "different": len(different)},
        "most_fmr": most_fmr,
        "most_fnmr": most_fnmr,
    }
    camera = Camera(
        gates=_gates(shown), thresholds=Thresholds(match=match, no_match=no_match),
        measured=measured,
    )  # fmt: skip
    return Calibration(camera, same, different, curve, refused)


def _all(looks: Mapping[str, Sequence[Look | str]]) -> Iterator[Look | str]:
    return (one for each in looks.values() for one in each)


def _cause(one: Look | str) -> str | None:
    return one if isinstance(one, str) else one.cause


def _distances(pairs: Iterator[tuple[Look, Look]]) -> Distances:
    return np.array(
        [
            distance_of(one.template, other.template)
            for one, other in pairs
            if one.template is not None and other.template is not None
        ],
        dtype=np.float64,
    )


def _match(curve: Sequence[Point], most_fmr: float) -> float:
    allowed = [
        point.threshold
        for point in curve
        if point.threshold <= SHIPPED.match and (point.fmr.share or 0.0) <= most_fmr
    ]
    return max(allowed, default=float(GRID[0]))


def _no_match(curve: Sequence[Point], match: float, most_fnmr: float) -> float:
    allowed = [
        point.threshold
        for point in curve
        if point.threshold >= match and (point.fnmr.share or 0.0) <= most_fnmr
    ]
    return max(match, min(allowed, default=SHIPPED.no_match))


def _gates(shown: Sequence[Look]) -> Gates:
    """Return gates that all but the worst of the pictures pass with room to spare."""
    luma = np.array([one.measures["luma"] for one in shown])
    sharpness = np.array([one.measures["sharpness"] for one in shown])
    low, high = np.percentile(luma, [_TAIL_PCT, 100 - _TAIL_PCT])
    return Gates(
        least_face_px=KIOSK.least_face_px,
        rival_share=KIOSK.rival_share,
        least_sharpness=round(float(np.percentile(sharpness, _TAIL_PCT)) * _SHARPNESS_SHARE, 1),
        least_luma=round(max(0.0, float(low) - _LUMA_ROOM), 1),
        most_luma=round(min(255.0, float(high) + _LUMA_ROOM), 1),
        most_yaw=KIOSK.most_yaw,
        most_roll_deg=KIOSK.most_roll_deg,
    )


def curve_plot(found: Calibration) -> str:
    """Return the curve as SVG: FMR and FNMR over the distance, and the two thresholds."""
    height, top, bottom = 300, 12, 34
    plot = Plot("误识率与拒识率 FMR (blue) and FNMR (orange)", height)
    plot.y_axis(100, top, height - bottom, "%")
    first, last = float(GRID[0]), float(GRID[-1])

    def x_of(distance: float) -> float:
        return LEFT + (distance - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def y_of(share: float | None) -> float:
        return height - bottom - (share or 0.0) * (height - top - bottom)

    for tick in GRID[::10]:
        plot.text(x_of(float(tick)), height - 12, f"{tick:.2f}", "middle")
    for colour, line in (
        ("#2563a8", [(x_of(p.threshold), y_of(p.fmr.share)) for p in found.curve]),
        ("#d97a1f", [(x_of(p.threshold), y_of(p.fnmr.share)) for p in found.curve]),
    ):
        plot.line(line, colour, 2.5)
    thresholds = found.camera.thresholds
    for at in (thresholds.match, thresholds.no_match):
        plot.line([(x_of(at), top), (x_of(at), height - bottom)], "#b3261e", 1.5, dashed=True)
    return plot.svg()
