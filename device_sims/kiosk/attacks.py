"""What attackers hold before a kiosk's camera. Pure; the figures are assumed, not measured.

None of them was tuned against the gateway: it shares no code with this package.
"""

from typing import Final, Literal, get_args

import numpy as np
from PIL import Image, ImageFilter

from device_sims.kiosk.camera import Pixels, as_pixels, compressed, opened

Attack = Literal[
    "printed_photo", "replayed_burst", "relayed_video", "wrong_person", "stolen_card"
]  # fmt: skip
ATTACKS: Final[tuple[Attack, ...]] = get_args(Attack)

_INK: Final = 48.0
_PAPER: Final = 208.0
_FADED: Final = 0.7
_DOT_PX: Final = 4.3
_DOT_LUMA: Final = 14.0
_PRINT_BLUR_PX: Final = 0.6

_SCREEN_PX: Final = 3.1
_SCREEN_LUMA: Final = 9.0
_BAND_PX: Final = 90.0
_BAND_SHARE: Final = 0.1
_COLD: Final = (0.93, 0.98, 1.06)
_CALL_QUALITY: Final = 35
_CALL_SIDE_PX: Final = 720

_ANEW_QUALITY: Final = 60


def on_paper(person: Pixels) -> Pixels:
    """Return a person as a print shows them: flat, faded, in dots that beat with the pixels."""
    height, width = person.shape[:2]
    values = person.astype(np.float32)
    grey = values.mean(axis=2, keepdims=True)
    flat = _INK + (grey + (values - grey) * _FADED) * (_PAPER - _INK) / 255
    rows, columns = np.mgrid[0:height, 0:width]
    turn = np.pi / _DOT_PX
    dots = np.sin(turn * (columns + rows)) * np.sin(turn * (columns - rows))
    # Light and full ink show no dots; the tones between do.
    between = 1 - np.abs(grey[..., 0] / 127.5 - 1)
    printed = as_pixels(flat + (_DOT_LUMA * dots * between)[..., None])
    return np.asarray(Image.fromarray(printed).filter(ImageFilter.GaussianBlur(_PRINT_BLUR_PX)))


def on_screen(person: Pixels, phase_rad: float) -> Pixels:
    """Return a person as a screen shows a call: compressed, cold, with a grid and dark bands.

    Args:
        person: Who is called.
        phase_rad: Where the bands of the flicker are in this frame, 0 to 2 pi.
    """
    image = Image.fromarray(person)
    call = image.copy()
    call.thumbnail((_CALL_SIDE_PX, _CALL_SIDE_PX))
    call = Image.fromarray(opened(compressed(np.asarray(call), _CALL_QUALITY)))
    shown = np.asarray(call.resize(image.size, Image.Resampling.BICUBIC), dtype=np.float32)
    height, width = person.shape[:2]
    rows, columns = np.arange(height)[:, None], np.arange(width)[None, :]
    third = 2 * np.pi / 3
    grid = np.stack(
        [np.sin(2 * np.pi * columns / _SCREEN_PX + third * n) + 0 * rows for n in range(3)], axis=2
    )
    band = 1 + _BAND_SHARE * np.sin(2 * np.pi * rows / _BAND_PX + phase_rad)
    return as_pixels(shown * _COLD * band[..., None] + _SCREEN_LUMA * grid)


def anew(image: bytes) -> bytes:
    """Return a JPEG compressed anew: other bytes, the same picture."""
    return compressed(opened(image), _ANEW_QUALITY)
