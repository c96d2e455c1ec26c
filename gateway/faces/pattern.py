"""A grid in a picture: what is left of a screen's pixels or of a print's dots. Pure.

A camera that looks at a display or at a raster print sees a moiré: narrow peaks in the spectrum,
where skin and cloth have none (after Garcia and de Queiroz, Face-Spoofing 2D-Detection Based on
Moiré-Pattern Analysis, IEEE TIFS 10 (2015) 778). A fine display far away, or out of focus, shows no
grid: its absence says nothing.
"""

import functools
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gateway.faces.engine import Box
from gateway.faces.picture import Pixels

_TILE_PX: Final = 128
_STEP_PX: Final = 64
_SIDE_PX: Final = 384
_LUMA: Final = np.array([0.299, 0.587, 0.114], np.float32)
_LEAST_CYCLES: Final = 0.12
_MOST_CYCLES: Final = 0.45
"""Cycles per pixel: below are cloth and hair, above is what demosaicing leaves."""
_JPEG_BINS: Final = _TILE_PX // 8
_ROUNDING: Final = 192.0
"""Power of an error of up to half a level (its variance is 1/12) under the window."""
_INNER: Final = 5
_OUTER: Final = 17


def pattern_db(pixels: Pixels, box: Box) -> float:
    """Return how far the highest peak of a face's fine structure stands above what is around it.

    The mean power of overlapping tiles (Welch 1967), so that edges average out and a grid does not.

    Args:
        pixels: The picture, as near to the camera's own resolution as it is kept.
        box: The face; 384 pixels around its middle are looked at.

    Returns:
        Decibels; 0 where the picture is smaller than a tile.
    """
    if min(pixels.shape[:2]) < _TILE_PX:
        return 0.0
    rows = _span((box.top + box.bottom) // 2, pixels.shape[0])
    columns = _span((box.left + box.right) // 2, pixels.shape[1])
    luma = pixels[rows, columns].astype(np.float32) @ _LUMA
    tiles = np.lib.stride_tricks.sliding_window_view(luma, (_TILE_PX, _TILE_PX))
    tiles = tiles[::_STEP_PX, ::_STEP_PX].reshape(-1, _TILE_PX, _TILE_PX)
    level = tiles - tiles.mean(axis=(1, 2), keepdims=True)
    power = (np.abs(np.fft.rfft2(level * _window())) ** 2).mean(axis=0)
    ratio = power / (_around(power) + _ROUNDING)
    return float(10 * np.log10(max(ratio[_band()].max(), 1.0)))


def _span(middle: int, whole: int) -> slice:
    begin = max(0, min(middle - _SIDE_PX // 2, whole - _SIDE_PX))
    return slice(begin, min(begin + _SIDE_PX, whole))


@functools.cache
def _window() -> NDArray[np.float32]:
    one = np.hanning(_TILE_PX).astype(np.float32)
    return np.outer(one, one)


@functools.cache
def _band() -> NDArray[np.bool_]:
    down, across = np.fft.fftfreq(_TILE_PX)[:, None], np.fft.rfftfreq(_TILE_PX)[None, :]
    radius = np.hypot(down, across)
    # The edges of JPEG's blocks stand on the axes, at every eighth.
    beside = [np.abs(one) * _TILE_PX <= 1 for one in (down, across)]
    eighth = [np.abs(one * 8 - np.rint(one * 8)) * _JPEG_BINS <= 1 for one in (down, across)]
    blocks = (beside[0] & eighth[1]) | (beside[1] & eighth[0])
    return np.asarray((radius >= _LEAST_CYCLES) & (radius <= _MOST_CYCLES) & ~blocks)


def _around(power: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the mean of what lies around each bin, without the bin's own peak."""
    outer, inner = _box_sum(power, _OUTER), _box_sum(power, _INNER)
    return (outer - inner) / (_OUTER**2 - _INNER**2)


def _box_sum(power: NDArray[np.float32], side: int) -> NDArray[np.float64]:
    half = side // 2
    # Rows go around; columns are mirrored, as the spectrum of real numbers is.
    whole = np.pad(np.pad(power, ((half, half), (0, 0)), "wrap"), ((0, 0), (half, half)), "reflect")
    sums = np.pad(whole.cumsum(axis=0, dtype=np.float64).cumsum(axis=1), ((1, 0), (1, 0)))
    return np.asarray(
        sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    )
