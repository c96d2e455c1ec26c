"""What a picture shows: one face that can be compared, or why there is none."""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gateway.faces.engine import Box, FaceEngine, Landmarks, Template
from gateway.faces.pattern import pattern_db
from gateway.faces.picture import Picture, Pixels

Cause = Literal[
    "no_face", "several_faces", "too_small", "blurred", "too_dark", "too_bright", "turned"
]

_CHIP_PX: Final = 150
"""Side that a face is scaled to before its sharpness is measured, so that size does not decide."""
_LUMA: Final = np.array([0.299, 0.587, 0.114])
"""Weights of red, green and blue (ITU-R BT.601)."""
_CHEEKS: Final = (1, 15)
"""The chin's points beside the ears, of its 17."""


class Gates(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a face must be to be compared; of one camera, from `guitu face calibrate`.

    None of these figures is a standard's. They are proposals, tried on the two portraits of the
    tests, to be replaced by what a camera's own enrolments say.

    Attributes:
        least_face_px: Height of a face in the picture.
        rival_share: A second face of this share of the first one's height makes it unclear whose
            check it is.
        least_sharpness: Variance of the Laplacian of the face at 150 pixels.
        least_luma: Mean brightness of the face, of 255.
        most_luma: Likewise.
        most_yaw: How far the nose may lie beside the middle, as a share of the face's half width.
        most_roll_deg: How far the eyes may lie from level.
    """

    least_face_px: int = 40
    rival_share: float = 0.6
    least_sharpness: float = 0.0
    least_luma: float = 0.0
    most_luma: float = 255.0
    most_yaw: float = 1.0
    most_roll_deg: float = 180.0


ANY_FACE: Final = Gates()
"""Whatever the engine can describe, but not two people: of `guitu face compare` and `eval`."""

KIOSK: Final = Gates(
    least_face_px=80,
    least_sharpness=50.0,
    least_luma=45.0,
    most_luma=215.0,
    most_yaw=0.45,
    most_roll_deg=30.0,
)
"""Of a kiosk that was not calibrated."""


class Look(NamedTuple):
    """What a picture shows.

    Attributes:
        faces: How many faces were found.
        cause: Why none of them is compared; None: `template` is there.
        template: The face.
        measures: What was measured of it, by the gate's name.
    """

    faces: int
    cause: Cause | None
    template: Template | None
    measures: Mapping[str, float]


def look(picture: Picture, engine: FaceEngine, gates: Gates) -> Look:
    """Return the face of a picture, or why there is none to be compared."""
    pixels = picture.pixels
    boxes = engine.find(pixels)
    if not boxes:
        return Look(0, "no_face", None, {})
    box = boxes[0]
    measures: dict[str, float] = {"face_px": float(box.height_px)}
    if len(boxes) > 1:
        measures["rival"] = boxes[1].height_px / box.height_px
        if measures["rival"] >= gates.rival_share:
            return Look(len(boxes), "several_faces", None, measures)
    landmarks = engine.landmarks(pixels, box)
    measures |= _measured(pixels, box, landmarks)
    measures["pattern_db"] = pattern_db(pixels, box)
    cause = fault(measures, gates)
    template = engine.describe(pixels, box) if cause is None else None
    return Look(len(boxes), cause, template, measures)


def fault(measures: Mapping[str, float], gates: Gates) -> Cause | None:
    """Return the first gate that a face does not pass."""
    failed: list[tuple[Cause, bool]] = [
        ("too_small", measures["face_px"] < gates.least_face_px),
        ("too_dark", measures["luma"] < gates.least_luma),
        ("too_bright", measures["luma"] > gates.most_luma),
        ("blurred", measures["sharpness"] < gates.least_sharpness),
        ("turned", measures["yaw"] > gates.most_yaw or measures["roll_deg"] > gates.most_roll_deg),
    ]
    return next((cause for cause, is_so in failed if is_so), None)


def _measured(pixels: Pixels, box: Box, landmarks: Landmarks) -> dict[str, float]:
    face = pixels[box.top : box.bottom, box.left : box.right]
    chip = Image.fromarray(face).resize((_CHIP_PX, _CHIP_PX), Image.Resampling.BILINEAR)
    luma = np.asarray(chip) @ _LUMA
    return {
        "luma": float(luma.mean()),
        "sharpness": float(_laplacian(luma).var()),
        "yaw": _yaw(landmarks),
        "roll_deg": _roll_deg(landmarks),
    }


def _laplacian(luma: NDArray[np.float64]) -> NDArray[np.float64]:
    inner = luma[1:-1, 1:-1]
    around = luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:]
    return np.asarray(around - 4.0 * inner)


def _yaw(landmarks: Landmarks) -> float:
    one, other = (landmarks["chin"][index] for index in _CHEEKS)
    half = np.linalg.norm(other - one) / 2
    if half == 0:
        return float("inf")
    along = (other - one) / (2 * half)
    nose = landmarks["nose_tip"].mean(axis=0) - (one + other) / 2
    return float(abs(nose @ along) / half)


def _roll_deg(landmarks: Landmarks) -> float:
    across = landmarks["right_eye"].mean(axis=0) - landmarks["left_eye"].mean(axis=0)
    return float(abs(np.degrees(np.arctan2(across[1], across[0]))))
