"""What finds and describes faces, behind an interface that another engine can take.

The engine shipped is dlib's, as `face_recognition` wraps it: HOG detector, 68 landmarks, a residual
network to 128 numbers. Its authors publish 99.38 % on Labeled Faces in the Wild at a distance of
0.6; the maintainers of `face_recognition` say themselves that it is weaker on faces of East Asia
and of children (docs/faces.md).
"""

import functools
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from gateway.faces.picture import Pixels

Template = NDArray[np.float64]
"""Shape (128,): one face; Euclidean distance compares two."""

Landmarks = Mapping[str, NDArray[np.float64]]
"""By part of the face (`chin`, `left_eye`, `nose_tip` ...): shape (n, 2), x and y in pixels."""

DETECTION_SIDE_PX: Final = 640
"""The longer side that a face is looked for at; the detector finds faces from 80 pixels on."""
_ENLARGED_BELOW_PX: Final = 480
_WEAKEST: Final = 0.0
_SURE: Final = 0.3
"""The detector's own score, which goes on to 2 and more for a face from the front."""


@dataclass(frozen=True, slots=True)
class Box:
    """Where a face is, in pixels of the picture."""

    top: int
    right: int
    bottom: int
    left: int

    @property
    def height_px(self) -> int:
        """How high it is."""
        return self.bottom - self.top

    def holds(self, other: "Box") -> bool:
        """Return whether the other's middle lies within."""
        x, y = (other.left + other.right) / 2, (other.top + other.bottom) / 2
        return self.left <= x <= self.right and self.top <= y <= self.bottom


class FaceEngine(Protocol):
    """Finds faces and describes them.

    Attributes:
        name: Kept with every template: templates of another engine are not compared.
    """

    name: str

    def find(self, pixels: Pixels) -> list[Box]:
        """Return the faces, the largest first."""

    def landmarks(self, pixels: Pixels, box: Box) -> Landmarks:
        """Return the points of a face."""

    def describe(self, pixels: Pixels, box: Box) -> Template:
        """Return what compares a face."""


class DlibEngine:
    """dlib by way of `face_recognition`. Its models take a second to load and 150 MB."""

    name = "dlib-resnet-128/1"

    def find(self, pixels: Pixels) -> list[Box]:
        """Return the faces, the largest first; one inside another is the same one found twice."""
        height, width = pixels.shape[:2]
        longer = max(height, width)
        scale = max(1.0, longer / DETECTION_SIDE_PX)
        small = pixels if scale == 1.0 else _resized(pixels, scale)
        # Twice the size, once: what finds faces of 80 pixels finds them from 40 on then.
        upsample = 1 if longer < _ENLARGED_BELOW_PX else 0
        found, scores, _ = _detector().run(small, upsample, _WEAKEST)
        sure = [one for one, score in zip(found, scores, strict=True) if score >= _SURE]
        # A fold of cloth passes for a face now and then, weakly: it is no second person.
        boxes = [_box(one, scale, (height, width)) for one in sure or list(found)[:1]]
        boxes.sort(key=lambda box: (-box.height_px, box.top, box.left))
        kept: list[Box] = []
        for box in boxes:
            if not any(larger.holds(box) for larger in kept):
                kept.append(box)
        return kept

    def landmarks(self, pixels: Pixels, box: Box) -> Landmarks:
        """Return the 68 points of iBUG 300-W, by part."""
        (parts,) = _library().face_landmarks(pixels, [_sides(box)])
        return {name: np.array(points, dtype=np.float64) for name, points in parts.items()}

    def describe(self, pixels: Pixels, box: Box) -> Template:
        """Return 128 numbers; below a distance of 0.6 two faces are one, say its authors."""
        (numbers,) = _library().face_encodings(pixels, [_sides(box)])
        return np.asarray(numbers, dtype=np.float64)


def _box(one: Any, scale: float, size: tuple[int, int]) -> Box:
    height, width = size
    sides = (one.top(), height), (one.right(), width), (one.bottom(), height), (one.left(), width)
    return Box(*(min(max(round(side * scale), 0), most) for side, most in sides))


def _sides(box: Box) -> tuple[int, int, int, int]:
    return box.top, box.right, box.bottom, box.left


def _resized(pixels: Pixels, scale: float) -> Pixels:
    height, width = pixels.shape[:2]
    size = round(width / scale), round(height / scale)
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR))


@functools.cache
def _detector() -> Any:
    import dlib  # noqa: PLC0415 - as below

    return dlib.get_frontal_face_detector()


@functools.cache
def _library() -> ModuleType:
    with warnings.catch_warnings():
        # Its models are found by pkg_resources, which is deprecated.
        warnings.simplefilter("ignore")
        import face_recognition  # noqa: PLC0415 - models of 100 MB, for whoever compares faces
    # It would have every program of the process take the half of a picture for the whole.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    library: ModuleType = face_recognition
    return library
