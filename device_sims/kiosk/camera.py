"""A kiosk's camera: a picture file as a person who stands there, in a burst of frames."""

import io
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from device_sims.dice import Dice
from device_sims.errors import ScenarioError
from firmware_protocols.kiosk.wire import MAX_IMAGE_BYTES

Pixels = NDArray[np.uint8]
"""Shape (height, width, 3), RGB."""

RESOLUTION_PX: Final = 1_280
"""Longer side of a frame; kiosks as sold have cameras of 1,280 x 720 or 1,280 x 960."""

FRAMES: Final = 6
"""Of a burst."""

_QUALITIES: Final = (90, 80, 70, 60, 45, 30, 15)
_LEAN_DEG: Final = 6.0
_STEP_SHARE: Final = 0.06
_TREMOR_SHARE: Final = 0.004
_LIGHT: Final = 0.12
_NOISE: Final = 2.0


def portrait(file: Path) -> Pixels:
    """Return a picture file, upright and at most at the kiosk's resolution.

    Raises:
        ScenarioError: It is no picture.
    """
    try:
        with Image.open(file) as opened:
            upright = ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise ScenarioError(f"{file} is no picture that can be shown to a kiosk: {error}") from None
    upright.thumbnail((RESOLUTION_PX, RESOLUTION_PX))
    return np.asarray(upright)


def burst(person: Pixels, dice: Dice) -> list[Pixels]:
    """Return the frames of one attempt: nobody stands, leans or is lit twice in the same way.

    Args:
        person: As the picture shows them.
        dice: Of this attempt.
    """
    lean_deg = dice.uniform(0, -_LEAN_DEG, _LEAN_DEG)
    left, top = dice.uniform(1, 0, _STEP_SHARE), dice.uniform(2, 0, _STEP_SHARE)
    right, bottom = dice.uniform(3, 0, _STEP_SHARE), dice.uniform(4, 0, _STEP_SHARE)
    light = 1 + dice.uniform(5, -_LIGHT, _LIGHT)
    noise = np.random.default_rng(dice.bits(6))
    height, width = person.shape[:2]
    frames = []
    for nth in range(FRAMES):
        tremor = dice.uniform(10 + nth, -_TREMOR_SHARE, _TREMOR_SHARE)
        image = Image.fromarray(person).rotate(lean_deg + tremor, Image.Resampling.BILINEAR)
        corner = ((left + abs(tremor)) * width, (top + abs(tremor)) * height)
        cut = image.crop(
            (round(corner[0]), round(corner[1]), round(width * (1 - right)),
             round(height * (1 - bottom)))
        )  # fmt: skip
        seen = np.asarray(cut, dtype=np.float32) * light
        frames.append(as_pixels(seen + noise.normal(0, _NOISE, seen.shape)))
    return frames


def sharpest(frames: list[Pixels]) -> Pixels:
    """Return the frame with the steepest edges."""
    return max(frames, key=_steepness)


def jpeg(pixels: Pixels) -> bytes:
    """Return a JPEG of the best quality that fits into an attempt.

    Raises:
        ScenarioError: None fits.
    """
    for quality in _QUALITIES:
        data = compressed(pixels, quality)
        if len(data) <= MAX_IMAGE_BYTES:
            return data
    raise ScenarioError(f"the frame does not fit into {MAX_IMAGE_BYTES} bytes as JPEG")


def compressed(pixels: Pixels, quality: int) -> bytes:
    """Return a JPEG of a quality, 1 to 95."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=quality)
    return out.getvalue()


def opened(data: bytes) -> Pixels:
    """Return the pixels of a JPEG of our own."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def as_pixels(values: NDArray[np.floating]) -> Pixels:
    """Return numbers as pixels, what is beyond black or white cut off."""
    return np.asarray(np.clip(np.rint(values), 0, 255), dtype=np.uint8)


def _steepness(frame: Pixels) -> float:
    luma = frame.mean(axis=2)
    return float(np.diff(luma, axis=0).var() + np.diff(luma, axis=1).var())
